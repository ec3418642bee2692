import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { completenessOf, completenessText, errorText } from "../../static/widgets/completeness.js";

/** @param {number[]} sums @param {number} error @param {number} steps @param {number} holds */
function frame(sums, error, steps, holds) {
  return {
    metadata: {},
    arrays: new Map([
      ["completeness", { data: Float32Array.from(sums), shape: [2] }],
      ["completeness.error", { data: Float32Array.of(error), shape: [] }],
      ["completeness.steps", { data: Int32Array.of(steps), shape: [] }],
      ["completeness.holds", { data: Uint8Array.of(holds), shape: [] }],
    ]),
  };
}

describe("completeness of integrated gradients", () => {
  test("says both sums, how far they are apart and what it took", () => {
    const found = completenessOf(frame([3.4123, 3.4192], 0.00202, 100, 1));
    assert.ok(found);
    assert.equal(
      completenessText(found),
      "adds up to 3.412, the score gains 3.419 (0.2 % off after 100 steps)",
    );
  });

  test("says where it does not hold", () => {
    const found = completenessOf(frame([1, 2], 0.5, 1, 0));
    assert.ok(found);
    assert.equal(
      completenessText(found),
      "adds up to 1, the score gains 2 (50 % off after 1 step): not complete, the steps were too few",
    );
  });

  test("is nothing where integrated gradients are not shown", () => {
    assert.equal(completenessOf({ metadata: {}, arrays: new Map() }), null);
    assert.equal(completenessOf(undefined), null);
  });

  test("never says that nothing is off where something is", () => {
    assert.equal(errorText(1e-6), "less than 0.1 % off");
    assert.equal(errorText(Infinity), "off");
  });
});
