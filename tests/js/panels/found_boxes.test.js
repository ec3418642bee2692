import assert from "node:assert/strict";
import { test } from "node:test";

import { model } from "../../../static/panels/found_boxes/model.js";

/** @import { NamedArray } from "../../../static/types.d.ts" */

/** @param {number[]} shape @param {number[]} data @param {"F32" | "I32" | "U8"} [dtype] */
const array = (shape, data, dtype = "F32") =>
  /** @type {NamedArray} */ (
    /** @type {unknown} */ ({
      shape,
      data: new { F32: Float32Array, I32: Int32Array, U8: Uint8Array }[dtype](data),
    })
  );

const NONE = [-1, -1, -1, -1, 0, -1];
const FRAME = {
  arrays: new Map([
    ["index", array([2], [4, 9], "I32")],
    ["pictures", array([2, 3, 1, 2], new Array(12).fill(7), "U8")],
    ["found", array([2, 2, 6], [0, 0, 1, 1, 0.9, 2, 1, 0, 2, 1, 0.4, 0, ...NONE, ...NONE])],
    ["right", array([2, 2], [1, 0, 0, 0], "U8")],
    ["truth", array([2, 2, 5], [0, 0, 1, 1, 2, 1, 0, 2, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1])],
    ["missed", array([2, 2], [0, 1, 0, 0], "U8")],
  ]),
};

test("answers are right or wrong, and objects are missed", () => {
  const scenes = model(FRAME, "test", 0.3);
  assert.deepEqual(
    scenes?.map(({ index, boxes }) => [index, boxes.map((box) => [box.state, box.class, box.corners])]),
    [
      [
        4,
        [
          ["missed", 1, [1, 0, 2, 1]],
          ["right", 2, [0, 0, 1, 1]],
          ["wrong", 0, [1, 0, 2, 1]],
        ],
      ],
      [9, []],
    ],
  );
  assert.equal(scenes?.[0]?.caption, "1 of 2, 1 wrong");
  assert.equal(scenes?.[1]?.caption, "0 of 0");
});

test("an answer has the box that it started from, where the frame tells it", () => {
  const starts = array([2, 2, 4], [0, 0, 2, 2, 1, 0, 3, 1, -1, -1, -1, -1, -1, -1, -1, -1]);
  const told = { arrays: new Map([...FRAME.arrays, ["starts", starts]]) };
  const from = (/** @type {typeof FRAME} */ frame) =>
    model(frame, "test", 0.3)?.[0]?.boxes.map(({ start }) => start);
  assert.deepEqual(from(told), [null, [0, 0, 2, 2], [1, 0, 3, 1]]);
  assert.deepEqual(from(FRAME), [null, null, null]);
});

test("what is not sure enough is no answer", () => {
  assert.deepEqual(
    model(FRAME, "test", 0.5)?.[0]?.boxes.map(({ state }) => state),
    ["missed", "right"],
  );
});

test("what is missed and found is of one threshold, whatever the frame was asked with", () => {
  const captions = [0.3, 0.85, 0.95].map((sure) => model(FRAME, "test", sure)?.[0]?.caption);
  assert.deepEqual(captions, ["1 of 2, 1 wrong", "1 of 2", "0 of 2"]);
  const states = model(FRAME, "test", 0.95)?.[0]?.boxes.map(({ state }) => state);
  assert.deepEqual(states, ["missed", "missed"]);
});

test("of two objects of a class each right answer finds the one that it overlaps most", () => {
  const near = new Map([
    ...FRAME.arrays,
    ["found", array([1, 2, 6], [0, 0, 10, 10, 0.9, 1, 2, 0, 12, 10, 0.8, 1])],
    ["right", array([1, 2], [1, 0], "U8")],
    ["truth", array([1, 3, 5], [3, 0, 13, 10, 1, 0, 0, 10, 9, 1, 0, 0, 10, 10, 0])],
    ["index", array([1], [0], "I32")],
  ]);
  const [scene] = model({ arrays: near }, "test", 0.3) ?? [];
  assert.deepEqual(
    scene?.boxes.filter(({ state }) => state === "missed").map((box) => [box.class, box.corners]),
    [
      [1, [3, 0, 13, 10]],
      [0, [0, 0, 10, 10]],
    ],
  );
  assert.equal(scene?.caption, "1 of 3, 1 wrong");
});

test("nothing is shown while arrays are missing", () => {
  assert.equal(model({ arrays: new Map() }, "test", 0.3), null);
});
