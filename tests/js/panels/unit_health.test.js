/** Unit health in numbers: what is dead, what is saturated, and the sentence about it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { model } from "../../../static/panels/unit_health/model.js";

/** @param {number[]} data */
const array = (data) => ({ shape: [data.length], data: Float32Array.from(data), dtype: "F32" });

/** @param {number[]} dead @param {number[]} saturated */
const frame = (dead, saturated) =>
  /** @type {any} */ ({
    arrays: new Map(
      Object.entries({ nodes: array([1]), "relu1.dead": array(dead), "relu1.saturated": array(saturated) }),
    ),
  });

const NODES = [{ name: "linear1" }, { name: "relu1" }];

test("units are dead, saturated or alive", () => {
  const { activations, summary } = model(frame([1, 0, 0], [1, 0.95, 0.2]), NODES);
  assert.deepEqual(activations[0]?.units, ["dead", "saturated", "alive"]);
  assert.match(activations[0]?.text ?? "", /^1 of 3 dead, saturated for 72 ?%/);
  assert.match(summary, /^1 of 3 units are dead/);
});

test("a set that is read in part says how far", () => {
  const shown = frame([0], [0]);
  shown.arrays.set("read", array([2048])).set("samples", array([50_000]));
  assert.match(model(shown, NODES).summary, /^No unit is dead\. So far 2.048 of 50.000 samples are read\.$/);
});

test("where none is dead that is said, and a frame of another network shows nothing", () => {
  assert.equal(model(frame([0], [0]), NODES).summary, "No unit is dead.");
  assert.deepEqual(model(frame([1], [1]), []).activations, []);
});
