import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { picturesOf, sampleOf, sliceAt } from "../../../static/draw/surface.js";

const LEVELS = Uint8Array.from({ length: 24 }, (_, index) => index);

/** @param {number[]} shape @param {string} name @param {number[]} ranges */
const frame = (shape, name, ranges) => ({
  metadata: {},
  arrays: new Map([
    [name, { shape, data: LEVELS }],
    [`${name}.range`, { shape: [ranges.length / 2, 2], data: Float32Array.from(ranges) }],
  ]),
});

describe("the slices of volumes", () => {
  test("lie at shares of the depth, the last at its end", () => {
    assert.deepEqual([0, 0.24, 0.26, 0.99, 1].map((share) => sliceAt(4, share)), [0, 0, 1, 3, 3]); // prettier-ignore
  });

  test("are taken from each map at the same depth", () => {
    const maps = frame([2, 3, 2, 2], "maps/a", [0, 1, 0, 1]);
    const pictures = picturesOf(maps, "maps/a", 0.5);
    assert.deepEqual(pictures && [pictures.count, pictures.height, pictures.width], [2, 2, 2]);
    assert.deepEqual(Array.from(pictures?.levels ?? []), [4, 5, 6, 7, 16, 17, 18, 19]);
  });

  test("of a sample keep its channels, on its one range", () => {
    const sample = sampleOf(frame([3, 2, 2, 2], "sample", [0, 255]), 1);
    assert.deepEqual(Array.from(sample?.levels ?? []), [4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23]);
    assert.deepEqual(Array.from(sample?.ranges ?? []), [0, 255, 0, 255, 0, 255]);
  });

  test("are none where there is no depth", () => {
    const pictures = picturesOf(frame([6, 2, 2], "maps/a", Array(12).fill(0)), "maps/a", 0.9);
    assert.equal(pictures?.levels, LEVELS);
  });
});
