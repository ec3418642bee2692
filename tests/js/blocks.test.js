import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { CannotEnclose, enclosed, renamed, repeated } from "../../static/network/blocks.js";
import { valueAt } from "../../static/core/json.js";

/** @import { Experiment, Json, NodeSpec } from "../../static/types.d.ts" */

/** @param {string} name @param {string[] | null} [inputs] @param {object} [more] */
const node = (name, inputs = null, more = {}) => ({ kind: "linear", name, inputs, ...more });

/** @param {object[]} network @param {object} [more] */
const made = (network, more = {}) =>
  /** @type {Experiment} */ (
    /** @type {unknown} */ ({
      network,
      task: { kind: "classification", losses: [{ kind: "mse", node: "c" }] },
      training: { updates: [{ nodes: "*" }], regularizers: [{ kind: "l2", nodes: "b" }] },
      watch: [{ kind: "weights" }, { kind: "filters", node: "b" }],
      ...more,
    })
  );

/** Nodes in short, as `name(inputs)[body]`. @param {unknown} nodes @returns {string} */
const short = (nodes) =>
  /** @type {(NodeSpec & { body?: unknown })[]} */ (nodes)
    .map(
      ({ name, inputs, body }) =>
        `${name}${inputs ? `(${inputs.join(" ")})` : ""}${body ? `[${short(body)}]` : ""}`,
    )
    .join(" ");

describe("nodes in a block", () => {
  const block = { kind: "residual" };

  test("who read the last of them reads the block, and the others are found in it", () => {
    const before = made([node("a"), node("b"), node("c"), node("d", ["b", "c"])]);
    const after = enclosed(before, "/network", 1, 2, block);
    assert.equal(short(after.network), "a residual1[b c] d(residual1.b residual1)");
    assert.equal(after.task.losses[0]?.["node"], "residual1");
    assert.equal(after.training.regularizers[0]?.["nodes"], "residual1.b");
    assert.equal(valueAt(/** @type {any} */ (after), "/watch/1/node"), "residual1.b");
  });

  test("the block reads what the first of them read, which is called input in it", () => {
    const before = made([node("a"), node("b"), node("c", ["a"]), node("e", ["c", "a"])]);
    assert.equal(short(enclosed(before, "/network", 2, 3, block).network), "a b residual1(a)[c e(c input)]");
  });

  test("one that reads something else as well cannot be put into one", () => {
    const before = made([node("a"), node("b"), node("c", ["b", "a"])]);
    assert.throws(() => enclosed(before, "/network", 2, 2, block), CannotEnclose);
    assert.throws(() => enclosed(before, "/network", 2, 2, block), /c reads a/);
  });

  test("in a block, the names outside follow", () => {
    const inner = { kind: "residual", name: "r", inputs: null, body: [node("x"), node("y")] };
    const before = made([inner, node("c", ["r.y"])], {
      training: { updates: [{ nodes: "r.x" }], regularizers: [{ kind: "l2", nodes: "r" }] },
    });
    const after = enclosed(before, "/network/0/body", 0, 0, block);
    assert.equal(short(after.network), "r[residual1[x] y] c(r.y)");
    assert.equal(after.training.updates[0]?.nodes, "r.residual1.x");
    assert.equal(after.training.regularizers[0]?.["nodes"], "r");
  });

  test("repeated a second time, the number changes", () => {
    const once = repeated(made([node("a"), node("b")]), "/network", 1, 1, 3);
    assert.equal(short(once.network), "a subnetwork1[b]");
    const again = repeated(once, "/network", 1, 1, 5);
    assert.equal(short(again.network), "a subnetwork1[b]");
    assert.equal(again.network[1]?.["times"], 5);
  });
});

describe("another name", () => {
  test("whoever names the node says the new one, into it and out of blocks", () => {
    const inner = { kind: "residual", name: "r", inputs: null, body: [node("b"), node("c", ["b", "input"])] };
    const before = made([node("a"), inner, node("d", ["r.b"], { weights: "r.c" })]);
    const outer = renamed(before, "/network/1", "block");
    assert.equal(short(outer.network), "a block[b c(b input)] d(block.b)");
    assert.equal(outer.network[2]?.["weights"], "block.c");
    const deep = renamed(before, "/network/1/body/0", "first");
    assert.equal(short(deep.network), "a r[first c(first input)] d(r.first)");
    assert.equal(
      renamed(made([node("a"), node("b"), node("c")]), "/network/2", "z").task.losses[0]?.["node"],
      "z",
    );
  });

  test("a name that another has is refused here, and the same in another list is not", () => {
    const before = made([node("a"), { kind: "residual", name: "r", inputs: null, body: [node("b")] }]);
    assert.throws(() => renamed(before, "/network/0", "r"), /r is the name of another layer/);
    assert.equal(short(renamed(before, "/network/1/body/0", "a").network), "a r[a]");
  });
});
