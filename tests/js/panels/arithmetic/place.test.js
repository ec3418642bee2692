import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { readArithmetic } from "../../../../static/network/window_arithmetic.js";
import {
  boxOf,
  extentOf,
  overhangOf,
  pixelUnder,
  viewOf,
} from "../../../../static/panels/arithmetic/framing.js";
import {
  middleOf,
  placeAfter,
  placeReading,
  placeWithin,
} from "../../../../static/panels/arithmetic/place.js";
import { array, frame, present } from "../../support.js";

const MAP = { height: 2, width: 3, data: new Float32Array(6) };

describe("the place of the output", () => {
  test("stays on the map", () => {
    assert.deepEqual(placeWithin(MAP, { y: -1, x: 7 }), { y: 0, x: 2 });
  });

  test("begins in the middle", () => {
    assert.deepEqual(middleOf({ height: 8, width: 5, data: new Float32Array(40) }), { y: 4, x: 2 });
    assert.deepEqual(middleOf({ height: 1, width: 1, data: new Float32Array(1) }), { y: 0, x: 0 });
  });

  test("moves row by row, and from the last to the first", () => {
    assert.deepEqual(placeAfter(MAP, { y: 0, x: 2 }, 1), { y: 1, x: 0 });
    assert.deepEqual(placeAfter(MAP, { y: 1, x: 2 }, 1), { y: 0, x: 0 });
    assert.deepEqual(placeAfter(MAP, { y: 0, x: 0 }, -1), { y: 1, x: 2 });
  });

  test("is the one whose window has the pixel that is pointed at in its middle", () => {
    const arithmetic = present(
      readArithmetic(
        frame({
          input: array([1, 9, 9], Array(81).fill(0)),
          output: array([5, 4], Array(20).fill(0)),
          size: array([2], [3, 3]),
          stride: array([2], [2, 2]),
          padding: array([2], [1, 0]),
        }),
      ),
    );
    assert.deepEqual(placeReading(arithmetic, { y: 4, x: 5 }), { y: 2, x: 2 });
    assert.deepEqual(placeReading(arithmetic, { y: 0, x: 0 }), { y: 0, x: 0 });
    assert.deepEqual(placeReading(arithmetic, { y: 8, x: 8 }), { y: 4, x: 3 });
  });
});

describe("a window on a map", () => {
  const window = [
    { y: -1, x: 1 },
    { y: 1, x: 1 },
    { y: 1, x: 3 },
  ];

  test("reaches over the map by as much as on its worst side", () => {
    assert.deepEqual(extentOf(window), { top: -1, left: 1, bottom: 2, right: 4 });
    assert.equal(overhangOf(MAP, extentOf(window)), 1);
    assert.equal(overhangOf(MAP, extentOf([{ y: 0, x: 0 }])), 0);
    assert.equal(overhangOf(MAP, extentOf([])), 0);
  });

  test("is framed in pixels of the canvas", () => {
    const view = viewOf(MAP, { width: 104, height: 104 }, 1);
    assert.deepEqual(view, { cell: 20, left: 22, top: 32 });
    assert.deepEqual(boxOf(view, present(extentOf(window))), [42, 12, 60, 60]);
  });

  test("has pixels of forty at most, and of one at least", () => {
    assert.equal(viewOf(MAP, { width: 1000, height: 1000 }, 0).cell, 40);
    assert.equal(viewOf(MAP, { width: 2, height: 2 }, 0).cell, 1);
  });

  test("is pointed at by its pixels, and not beside the map", () => {
    const view = viewOf(MAP, { width: 104, height: 104 }, 1);
    assert.deepEqual(pixelUnder(MAP, view, 43, 53), { y: 1, x: 1 });
    assert.equal(pixelUnder(MAP, view, 21, 53), null);
    assert.equal(pixelUnder(MAP, view, 83, 53), null);
  });
});
