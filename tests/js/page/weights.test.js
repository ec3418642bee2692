/** A state dict beside a network: what is said of it, and the start that follows. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { covering, startedFrom, summaryOf } from "../../../static/page/share/weights_model.js";
/** @import { Experiment } from "../../../static/types.d.ts" */

const EXPERIMENT = /** @type {Experiment} */ (/** @type {unknown} */ ({ training: { epochs: 3 } }));

/** @param {string[]} names @param {string[]} [unfit] @param {string[]} [refused] */
const compared = (names, unfit = [], refused = []) => ({
  total: names.length + unfit.length,
  taken: names.map((name) => ({ name, key: name, shape: [1] })),
  ...{ refused, unfit, fresh: [], unused: [] },
});

test("nodes are named by the blocks that have nothing else in them", () => {
  assert.deepEqual(covering(["net.stage1.conv1", "net.stage1.conv2", "net.conv1"], ["net.output"]), [
    "net.stage1",
    "net.conv1",
  ]);
  assert.deepEqual(covering(["net.conv1", "net.conv2"], ["output"]), ["net"]);
  assert.deepEqual(covering([], ["output"]), []);
});

test("what does not fit starts anew, and what is taken is frozen where the new alone is trained", () => {
  const found = compared(["net.conv1.weight", "net.norm1.bias"], ["net.output"], ["'net.output.weight': …"]);
  const tuned = startedFrom(EXPERIMENT, "sha256:0", found, "everything").training;
  assert.deepEqual(tuned["start_from"], { weights: "sha256:0", nodes: ["*"], without: ["net.output"] });
  assert.deepEqual(tuned["frozen"], []);
  const fixed = startedFrom(EXPERIMENT, "sha256:0", found, "new").training;
  assert.deepEqual(fixed["frozen"], ["net.conv1", "net.norm1"]);
});

test("what is left over in a file is left there where the network has all of its own", () => {
  const found = compared(["a.weight", "b.weight"], [], ["'c.weight' is no tensor of the network"]);
  const { start_from } = startedFrom(EXPERIMENT, "sha256:0", found, "everything").training;
  assert.deepEqual(start_from, { weights: "sha256:0", nodes: ["a", "b"], without: [] });
});

test("the summary says how much fits", () => {
  assert.equal(summaryOf(compared(["a.weight"])), "Every tensor of the network is in it (1).");
  assert.equal(summaryOf(compared([], ["a"], ["no"])), "No tensor of the network is in it.");
  assert.match(summaryOf(compared(["a.weight"], ["b"], ["no"])), /^1 of 2 tensors/);
});
