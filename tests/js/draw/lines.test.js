import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { between, lineEnds, linePixels } from "../../../static/draw/lines.js";
import { lanesOf } from "../../../static/panels/prediction/lanes.js";

const COLORS = { above: 0xff0000ff, below: 0xff00ff00, axis: 0x46808080 };

/** The rows of a column that the line covers by half or more. @param {Uint32Array} pixels @param {number} column */
const covered = (pixels, column, width = 8, height = 8) =>
  Array.from({ length: height }, (_, row) => row).filter((row) => (pixels[row * width + column] ?? 0) >>> 31);

describe("a signal as a line", () => {
  test("is drawn about zero where it has negative values, else from zero on", () => {
    assert.deepEqual(lineEnds({ low: -1, high: 3 }), { low: -3, high: 3 });
    assert.deepEqual(lineEnds({ low: 0, high: 3 }), { low: 0, high: 3 });
    assert.deepEqual(lineEnds({ low: 0, high: 0 }), { low: 0, high: 1 });
  });

  test("keeps the peak between two columns, and goes straight between two numbers", () => {
    const levels = Uint8Array.from({ length: 101 }, (_, index) => (index === 37 ? 255 : 0));
    assert.deepEqual(between(levels, 0.3, 0.4), { least: 0, most: 255 });
    assert.deepEqual(between(levels, 0.5, 0.6), { least: 0, most: 0 });
    assert.deepEqual(between(Uint8Array.of(0, 100), 0.25, 0.5), { least: 25, most: 50 });
  });

  test("is blue above zero and orange below, and empty where it is not", () => {
    const range = { low: -1, high: 1 };
    const pixels = linePixels(Uint8Array.of(255, 255, 0, 0), range, range, COLORS, 8, 8);
    assert.deepEqual(covered(pixels, 0), [0, 1, 2]);
    assert.deepEqual(covered(pixels, 7), [5, 6, 7]);
    assert.equal((pixels[0] ?? 0) & 0xffffff, COLORS.above & 0xffffff);
    assert.equal((pixels[63] ?? 0) & 0xffffff, COLORS.below & 0xffffff);
    assert.equal(pixels[24], 0);
  });

  test("never leaves a gap: neighbouring columns touch", () => {
    const levels = Uint8Array.from({ length: 300 }, (_, index) => 127 + 127 * Math.sin(index * 1.3));
    const range = { low: -1, high: 1 };
    const pixels = linePixels(levels, range, range, COLORS, 32, 32);
    for (let column = 1; column < 32; column++) {
      const [before, here] = [covered(pixels, column - 1, 32, 32), covered(pixels, column, 32, 32)];
      assert.ok(here.some((row) => before.some((other) => Math.abs(row - other) <= 1)));
    }
  });
});

describe("a signal's channels", () => {
  test("stand below each other on one scale about zero", () => {
    const [first, second] = lanesOf(Float32Array.of(0, 1, 0.5, -0.5), 2, 2, { width: 10, height: 40 });
    assert.equal(first?.zero, 10);
    assert.deepEqual(first?.points, [
      [0, 10],
      [10, 1],
    ]);
    assert.equal(second?.zero, 30);
    assert.deepEqual(second?.points, [
      [0, 25.5],
      [10, 34.5],
    ]);
  });

  test("keep their extremes where there are more numbers than columns", () => {
    const values = Float32Array.from({ length: 1000 }, (_, index) => (index === 503 ? 1 : 0));
    const [lane] = lanesOf(values, 1, 1000, { width: 100, height: 20 });
    assert.equal(Math.min(...(lane?.points.map(([, y]) => y) ?? [])), 1);
    assert.ok((lane?.points.length ?? 0) <= 200);
  });
});
