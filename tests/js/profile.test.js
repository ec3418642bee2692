import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { summary } from "../../static/draw/profile.js";

/** @param {(at: number) => number} loss */
const along = (loss) => {
  const x = Float64Array.from({ length: 41 }, (_, index) => -0.5 + index / 20);
  return { x, losses: x.map(loss), marks: [0, 1] };
};

describe("a line from one state to another", () => {
  test("rises above the straight way by its barrier", () => {
    const { start, end, barrier } = summary(along((at) => 2 - at + 4 * at * (1 - at)));
    assert.equal(start, 2);
    assert.equal(end, 1);
    assert.ok(Math.abs(barrier - 1) < 1e-12); // the parabola 4a(1 − a) is highest at ½
  });

  test("has no barrier where it sags", () => {
    assert.equal(summary(along((at) => (at - 0.5) ** 2)).barrier, 0);
  });

  test("counts only what lies between its ends", () => {
    assert.equal(summary(along((at) => (at < 0 || at > 1 ? 50 : 1))).barrier, 0);
  });
});
