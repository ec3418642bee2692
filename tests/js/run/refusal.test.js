import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { refusalOf } from "../../../static/run/refusal.js";

/** @import { Experiment } from "../../../static/types.d.ts" */

const node = (/** @type {string} */ name, /** @type {object} */ more = {}) => ({
  kind: "linear",
  name,
  inputs: null,
  ...more,
});

/** @param {object[]} network @returns {Experiment} */
const withNetwork = (network) => /** @type {any} */ ({ version: 1, network });

describe("what is said in the drawing of a refused edit", () => {
  test("stands at the node it is about, or else at its inputs and its neighbours", () => {
    const wanted = withNetwork([node("a"), node("b", { inputs: ["a", "input"] }), node("c")]);
    assert.deepEqual(refusalOf([{ pointer: "/network/1/units", message: "must be at least 1" }], wanted), {
      reason: "b: must be at least 1",
      near: ["b", "a", "input", "a", "c"],
    });
  });

  test("has no neighbour beyond either end", () => {
    const wanted = withNetwork([node("only")]);
    assert.deepEqual(refusalOf([{ pointer: "/network/0", message: "no" }], wanted)?.near, ["only", "", ""]);
  });

  test("is of the innermost node where blocks hold others", () => {
    const wanted = withNetwork([
      node("stem"),
      node("block", { body: [node("x"), node("y", { body: [node("deep")] })] }),
    ]);
    assert.equal(
      refusalOf([{ pointer: "/network/1/body/1/body/0/units", message: "no" }], wanted)?.reason,
      "deep: no",
    );
    assert.equal(refusalOf([{ pointer: "/network/1/body/0/units", message: "no" }], wanted)?.reason, "x: no");
    assert.equal(refusalOf([{ pointer: "/network/1/width", message: "no" }], wanted)?.reason, "block: no");
  });

  test("is the first that is of a node", () => {
    const wanted = withNetwork([node("a")]);
    const problems = [
      { pointer: "/training/batch_size", message: "too large" },
      { pointer: "/network", message: "is empty" },
      { pointer: "/network/0", message: "first" },
      { pointer: "/network/0/units", message: "second" },
    ];
    assert.equal(refusalOf(problems, wanted)?.reason, "a: first");
    assert.equal(refusalOf(problems.slice(0, 2), wanted), null);
    assert.equal(refusalOf([], wanted), null);
  });
});
