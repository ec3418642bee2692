import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { bandPixels, isSignal } from "../../../static/draw/bands.js";
import { asPictures } from "../../../static/draw/places.js";
import { wallOf } from "../../../static/draw/signals.js";
import { present } from "../support.js";

/** @import { Frame, NamedArray } from "../../../static/types.d.ts" */

/** @param {Record<string, NamedArray>} arrays @returns {Frame} */
const frame = (arrays) => ({ metadata: { step: "1" }, arrays: new Map(Object.entries(arrays)) });

/** @param {number[]} shape @returns {NamedArray} */
const counted = (shape) => ({
  shape,
  data: Uint8Array.from({ length: shape.reduce((product, side) => product * side, 1) }, (_, at) => at),
});

describe("looks into samples as frames of pictures", () => {
  test("are what they are of pictures", () => {
    const pictures = frame({ maps: counted([2, 3, 3]) });
    assert.equal(asPictures(pictures, 2, 0.5), pictures);
  });

  test("have one row of a signal, whose fields span it", () => {
    const boxes = { shape: [1, 2], data: Int32Array.of(3, 9) };
    const { arrays } = asPictures(frame({ "signal/saliency": counted([2, 5]), boxes }), 1, 0.5);
    assert.deepEqual(present(arrays.get("signal/saliency")).shape, [2, 1, 5]);
    assert.deepEqual(present(arrays.get("boxes")), { shape: [1, 4], data: Int32Array.of(0, 3, 1, 9) });
  });

  test("have the slice of a volume that is shown", () => {
    const { arrays } = asPictures(frame({ maps: counted([2, 3, 1, 2]), methods: counted([2]) }), 3, 0.9);
    assert.deepEqual(present(arrays.get("maps")), { shape: [2, 1, 2], data: Uint8Array.of(4, 5, 10, 11) });
    assert.deepEqual(present(arrays.get("methods")), counted([2]));
  });

  test("go through the part of a tile that its box fills", () => {
    const boxes = { shape: [1, 2, 6], data: Int32Array.of(0, 1, 2, 3, 2, 4, 5, 1, 2, 7, 2, 4) };
    const { arrays } = asPictures(frame({ patches: counted([1, 2, 1, 3, 1, 2]), boxes }), 3, 0.99);
    assert.deepEqual(present(arrays.get("patches")), {
      shape: [1, 2, 1, 1, 2],
      data: Uint8Array.of(4, 5, 8, 9),
    });
    assert.deepEqual(Array.from(present(arrays.get("boxes")).data), [1, 2, 2, 4, 1, 2, 2, 4]);
  });

  test("reach the walls of features", () => {
    const boxes = { shape: [1, 1, 2], data: Int32Array.of(3, 6) };
    const one = counted([1, 1]);
    const [tiles, range] = [counted([1, 1, 1, 3]), { shape: [2], data: Float32Array.of(-1, 1) }];
    const arrays = {
      channels: counted([1]),
      images: one,
      positions: one,
      steps: one,
      values: one,
      targets: one,
    };
    const more = { projections: tiles, patches: tiles, "projections.range": range, "patches.range": range };
    const wall = present(wallOf(asPictures(frame({ ...arrays, boxes, ...more }), 1, 0)));
    assert.equal(isSignal(wall), true);
    assert.deepEqual([wall.width, wall.height, wall.depth, wall.span], [3, 1, 1, [-1, 1]]);
  });
});

test("a band has the colour of each number, a row for each channel, and lines over it", () => {
  const [red, blue, ink] = [0xff0000ff, 0xffff0000, 0xff202020];
  const size = { width: 4, height: 2 };
  const line = Uint32Array.of(ink, 0, 0, 0, 0, 0, 0, 0);
  const pixels = bandPixels(Uint32Array.of(red, blue, blue, red), 2, [line], size);
  assert.deepEqual(Array.from(pixels), [ink, red, blue, blue, blue, blue, red, red]);
});
