import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { nearest, thinned } from "../../static/draw/plot.js";
import { chance } from "./support.js";

describe("thinning a line to the pixels there are", () => {
  test("draws every point where each has its own pixel", () => {
    const x = Float64Array.of(0, 1, 2, 3);
    assert.deepEqual(
      thinned(x, Float64Array.of(5, 1, 9, 3), (value) => value * 10),
      [0, 1, 2, 3],
    );
  });

  test("keeps at most four points a pixel, in order, with both ends and every spike", () => {
    const random = chance(5);
    const count = 5000;
    const x = Float64Array.from({ length: count }, (_, index) => index);
    const y = Float64Array.from({ length: count }, () => random());
    y[1234] = 50;
    y[4321] = -50;
    const column = (/** @type {number} */ value) => value / 100;
    const kept = thinned(x, y, column);
    assert.ok(kept.length <= 4 * 50);
    assert.deepEqual(
      kept,
      [...new Set(kept)].sort((a, b) => a - b),
    );
    for (const index of [0, 1234, 4321, count - 1]) assert.ok(kept.includes(index), `${index}`);
    for (let pixel = 0; pixel < 50; pixel++) {
      const own = kept.filter((index) => Math.floor(column(index)) === pixel).map((index) => y[index] ?? NaN);
      const all = y.subarray(100 * pixel, 100 * pixel + 100);
      assert.deepEqual([Math.min(...own), Math.max(...own)], [Math.min(...all), Math.max(...all)]);
    }
  });

  test("loses no spike to a NaN on the same pixel, wherever it stands", () => {
    for (let hole = 0; hole < 6; hole++) {
      const y = Float64Array.of(1, 1, 9, -9, 1, 1);
      if (hole === 2 || hole === 3) continue;
      y[hole] = NaN;
      const kept = thinned(Float64Array.of(0, 1, 2, 3, 4, 5), y, () => 0);
      assert.ok(kept.includes(2) && kept.includes(3), `with a NaN at ${hole}: ${kept}`);
    }
  });

  test("takes what both columns have", () => {
    assert.deepEqual(
      thinned(Float64Array.of(0, 1, 2), Float64Array.of(0, 1), (value) => value),
      [0, 1],
    );
    assert.deepEqual(
      thinned(new Float64Array(), new Float64Array(), (value) => value),
      [],
    );
  });
});

describe("the nearest point", () => {
  const x = Float64Array.of(0, 10, 20, 100);
  /** @type {[number, number][]} */
  const cases = [
    [-5, 0],
    [0, 0],
    [4, 0],
    [6, 1],
    [15.1, 2],
    [20, 2],
    [61, 3],
    [1e9, 3],
  ];
  for (const [value, index] of cases)
    test(`to ${value} is number ${index}`, () => assert.equal(nearest(x, value), index));

  test("is none where there are no points", () => {
    assert.equal(nearest(new Float64Array(), 3), -1);
    assert.equal(nearest(Float64Array.of(7), 3), 0);
  });
});
