import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  captionsOf,
  placeIn,
  pooledAt,
  resultOf,
  windowAt,
} from "../../../static/labs/convolution/result.js";
import { changed, counts, defaults, drawn, shifted } from "../../../static/labs/convolution/settings.js";

/** @import { Frame } from "../../../static/types.d.ts" */
/** @import { Settings } from "../../../static/labs/convolution/result.js" */

const SETTINGS = /** @type {Settings} */ ({
  picture: "digit",
  size: 2,
  values: null,
  filter: "blur",
  side: 3,
  weights: null,
  mode: "cross_correlation",
  padding: "valid",
  pooling: "max",
});

/** input, kernel, stride, padding, dilation, output, window, step, pooled @type {Frame} */
const FRAME = {
  metadata: {},
  arrays: new Map([
    ["sizes", { shape: [9], data: Int32Array.of(6, 3, 2, 1, 1, 3, 2, 2, 1) }],
    ["input", { shape: [2, 2], data: Float32Array.of(0.123, 0, 1, 1) }],
    ["kernel", { shape: [3, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9) }],
    ["output", { shape: [3, 3], data: Float32Array.of(-1, 0, 1, 2, 3, 4, 5, 6, 7) }],
  ]),
};
const RESULT = resultOf(FRAME, SETTINGS);

describe("a changed setting", () => {
  test("of a schema begins with the study's own default", () => {
    const schema = { properties: { kind: { const: "convolution" }, size: { default: 48 }, values: {} } };
    assert.deepEqual(defaults(/** @type {any} */ (schema)), { size: 48, values: null });
  });

  test("to a filter of one's own begins with the one before, as it is written", () => {
    const own = changed(SETTINGS, RESULT, "filter", "own");
    assert.deepEqual([own.filter, own.side, own.weights], ["own", 3, [1, 2, 3, 4, 5, 6, 7, 8, 9]]);
    const turned = { ...RESULT, settings: { ...SETTINGS, mode: "convolution" } };
    assert.deepEqual(changed(SETTINGS, turned, "filter", "own").weights, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    assert.deepEqual(changed(SETTINGS, null, "filter", "own").weights, [0, 0, 0, 0, 1, 0, 0, 0, 0]);
    assert.equal(changed(own, RESULT, "filter", "blur").weights, null);
    assert.equal(changed(own, RESULT, "side", 5).weights?.length, 25);
  });

  test("to a drawing begins with the picture before, and keeps it in another size", () => {
    const drawing = changed(SETTINGS, RESULT, "picture", "drawn");
    assert.deepEqual(drawing.values, [0.12, 0, 1, 1]);
    assert.deepEqual(changed(SETTINGS, null, "picture", "drawn").values, [0, 0, 0, 0]);
    assert.equal(changed(drawing, RESULT, "size", 3).values?.length, 9);
    assert.equal(changed(drawing, RESULT, "picture", "digit").values, null);
  });

  test("is none where the field says nothing", () => {
    const fixed = { ...SETTINGS, filter: "sobel_x" };
    assert.equal(changed(fixed, RESULT, "side", 5), fixed);
    assert.deepEqual(
      ["digit", "side", "border", "mode"].map((name) => counts(fixed, name)),
      [true, false, false, true],
    );
  });
});

test("a stroke draws on a drawing alone, and a shift is bounded", () => {
  assert.equal(drawn(SETTINGS, [0, 0], [1, 1], 1), null);
  const drawing = { ...SETTINGS, picture: "drawn", values: [0, 0, 0, 0] };
  assert.deepEqual(drawn(drawing, [0, 0], [1, 1], 1), [1, 0, 0, 1]);
  assert.deepEqual(drawing.values, [0, 0, 0, 0]);
  assert.deepEqual(
    [shifted([0, 31], 1, 5), shifted([3, 4], 0, 0)],
    [
      [1, 32],
      [0, 0],
    ],
  );
});

describe("a result", () => {
  test("is looked at in the middle when its size is another, unless the place is held", () => {
    assert.deepEqual(placeIn({ row: 0, column: 0 }, undefined, 9, false), { row: 4, column: 4 });
    assert.deepEqual(placeIn({ row: 1, column: 2 }, 9, 9, false), { row: 1, column: 2 });
    assert.deepEqual(placeIn({ row: 1, column: 20 }, 30, 9, true), { row: 1, column: 8 });
  });

  test("shows the window that a number sees, and the one that it is pooled in", () => {
    assert.deepEqual(windowAt(RESULT.sizes, { row: 1, column: 2 }), { row: 1, column: 3, size: 3, step: 1 });
    assert.deepEqual(pooledAt(RESULT.sizes, { row: 2, column: 1 }), { row: 0, column: 0, size: 1 });
  });

  test("is said below its pictures", () => {
    const { turned, ...said } = captionsOf(RESULT);
    assert.deepEqual(said, {
      input: "6×6, 1 zeros around",
      output: "3×3, from −1 to 7: orange below zero, blue above",
      pooled: "max pooling, 1×1",
      kernel: "Filter, 3 by 3, its numbers add up to 45",
    });
    assert.match(turned, /^Cross-correlation/);
  });
});
