import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { isoline, sharesAbout, sharesOf } from "../../static/draw/terrain.js";

/** A grid of f over −2 … 2. @param {number} size @param {(x: number, y: number) => number} f */
function grid(size, f) {
  return Float32Array.from({ length: size * size }, (_, at) =>
    f(((at % size) / (size - 1)) * 4 - 2, (Math.floor(at / size) / (size - 1)) * 4 - 2),
  );
}

describe("a contour line", () => {
  const size = 81;

  test("of a cone is a circle, closed", () => {
    const segments = isoline(grid(size, Math.hypot), size, size, 1.317);
    assert.ok(segments.length > 100);
    assert.equal(segments.length % 4, 0);
    /** @type {Map<string, number>} */
    const ends = new Map();
    for (let at = 0; at < segments.length; at += 2) {
      const [x, y] = [segments[at] ?? 0, segments[at + 1] ?? 0].map((place) => (place / (size - 1)) * 4 - 2);
      assert.ok(Math.abs(Math.hypot(x ?? 0, y ?? 0) - 1.317) < 2e-3);
      const name = `${(segments[at] ?? 0).toFixed(4)} ${(segments[at + 1] ?? 0).toFixed(4)}`;
      ends.set(name, (ends.get(name) ?? 0) + 1);
    }
    assert.deepEqual([...new Set(ends.values())], [2], "every end is another's beginning");
  });

  test("of a saddle joins the right crossings, whichever way the middle goes", () => {
    // Corners a b / d c; at 0 all four sides are crossed.
    const above = isoline([1, -0.4, -0.4, 1], 2, 2, 0);
    const below = isoline([0.4, -1, -1, 0.4], 2, 2, 0);
    const cut = (/** @type {number[]} */ segments) =>
      Array.from({ length: 2 }, (_, part) => segments.slice(4 * part, 4 * part + 4)).map(
        ([x0 = 0, y0 = 0, x1 = 0, y1 = 0]) => (x0 + x1) / 2 - (y0 + y1) / 2,
      );
    // Where the middle is high, the line cuts off the low corners, top right and bottom left; else the high
    // ones.
    assert.ok(
      cut(above).every((side) => Math.abs(side) > 0.3),
      String(above),
    );
    assert.ok(
      cut(below).every((side) => Math.abs(side) < 0.3),
      String(below),
    );
  });

  test("goes round what is no number", () => {
    assert.deepEqual(isoline([0, 2, NaN, 2], 2, 2, 1), []);
  });
});

describe("shares of a height", () => {
  test("go from 0 at the least to 1 at the highest, and rise", () => {
    const { shares, shareAt, heightAt } = sharesOf([3, 3.001, 3.1, 4, 1e5], 3);
    assert.ok(Math.abs(shares[0] ?? 1) < 1e-6);
    assert.ok(Math.abs((shares[4] ?? 0) - 1) < 1e-6);
    assert.ok(shares.every((share, at) => at === 0 || share > (shares[at - 1] ?? 1)));
    assert.ok(Math.abs(heightAt(shareAt(17)) - 17) < 1e-9);
  });

  test("of what has no least are even about the middle", () => {
    const { shares } = sharesAbout(grid(41, (x, y) => x * x - y * y));
    assert.ok(Math.abs((shares[20 * 41 + 20] ?? 0) - 0.5) < 1e-3);
    assert.deepEqual([Math.min(...shares), Math.max(...shares)], [0, 1]);
  });

  test("are no numbers where the height is none", () => {
    assert.deepEqual([...sharesOf([1, NaN, Infinity], 1).shares].map(Number.isNaN), [false, true, true]);
    assert.equal(Number.isNaN(sharesAbout([1, 2, -Infinity]).shares[2] ?? 0), true);
  });
});
