import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { divergingTable } from "../../static/draw/colors.js";
import {
  answerPixels,
  pictureAt,
  picturesOf,
  rangeAt,
  unitTable,
  valueIn,
} from "../../static/draw/surface.js";
import { chance, present } from "./support.js";

/** @import { Frame, NamedArray } from "../../static/types.d.ts" */

/** Values of three pictures whose ranges have little in common: around 0, near 5, far below. */
const random = chance(9);
const values = [
  [0, 1],
  [5, 1e-3],
  [-1e5, 1e4],
].map(([middle = 0, spread = 1]) =>
  Array.from({ length: 4 }, () => Array.from({ length: 6 }, () => middle + spread * (2 * random() - 1))),
);

/** The contract's own words: uint8, and beside it what 0 and 255 stand for. @param {number[][][]} pictures */
function quantised(pictures) {
  const ranges = pictures.map((picture) => [Math.min(...picture.flat()), Math.max(...picture.flat())]);
  const levels = pictures.map((picture, index) => {
    const [low = 0, high = 0] = ranges[index] ?? [];
    return picture.flat().map((value) => Math.round((255 * (value - low)) / (high - low)));
  });
  return frameOf({
    "unit/a": [Uint8Array.from(levels.flat()), [3, 4, 6]],
    "unit/a.range": [Float32Array.from(ranges.flat()), [3, 2]],
  });
}

describe("quantised pictures", () => {
  const frame = quantised(values);

  test("say their values again, to half a level of each picture's own range", () => {
    const pictures = present(picturesOf(frame, "unit/a"));
    assert.deepEqual([pictures.count, pictures.width, pictures.height], [3, 6, 4]);
    values.forEach((picture, index) => {
      const flat = picture.flat();
      const [low, high] = rangeAt(pictures, index);
      assert.ok(
        Math.abs(low - Math.min(...flat)) <= 1e-6 * Math.abs(low) &&
          Math.abs(high - Math.max(...flat)) <= 1e-6 * Math.abs(high),
      );
      picture.forEach((line, row) =>
        line.forEach((value, column) => {
          const said = valueIn(pictures, index, (column + 0.5) / 6, (row + 0.5) / 4);
          assert.ok(
            Math.abs(said - value) <= (0.502 * (high - low)) / 255 + 1e-7 * Math.abs(low),
            `${said}, not ${value}`,
          );
        }),
      );
    });
  });

  test("are parts of the frame, not copies", () => {
    const pictures = present(picturesOf(frame, "unit/a"));
    assert.equal(pictureAt(pictures, 1).buffer, pictures.levels.buffer);
    assert.equal(pictureAt(pictures, 1).length, 24);
  });

  test("have a value for a pointer on the very edge, and beyond", () => {
    const pictures = present(picturesOf(frame, "unit/a"));
    assert.equal(valueIn(pictures, 0, 1, 1), valueIn(pictures, 0, 0.99, 0.99));
    assert.equal(valueIn(pictures, 0, -0.5, 2), valueIn(pictures, 0, 0, 0.99));
  });

  test("are none where a name, its range or the right types are missing", () => {
    assert.equal(picturesOf(frame, "unit/b"), null);
    assert.equal(picturesOf(frame, "unit/a.range"), null);
    const bare = frameOf({ a: [Uint8Array.of(1), [1, 1]] });
    assert.equal(picturesOf(bare, "a"), null);
    const wrong = frameOf({ a: [Float32Array.of(1), [1, 1]], "a.range": [Float32Array.of(0, 1), [2]] });
    assert.equal(picturesOf(wrong, "a"), null);
  });
});

/** @param {Record<string, [NamedArray["data"], number[]]>} arrays @returns {Frame} */
function frameOf(arrays) {
  return {
    metadata: {},
    arrays: new Map(Object.entries(arrays).map(([name, [data, shape]]) => [name, { data, shape }])),
  };
}

describe("the colours of a unit", () => {
  const scale = divergingTable("light");

  test("keep ±1 as their ends while its values stay within", () => {
    const table = unitTable(-0.5, 0.5, "light");
    assert.deepEqual([table[0], table[255]], [scale[64], scale[191]]);
  });

  test("stretch to its greatest value beyond, zero staying neutral", () => {
    const table = unitTable(0, 4, "light");
    assert.deepEqual([table[0], table[255]], [scale[128], scale[255]]);
  });
});

describe("the answer over the plane", () => {
  const scale = divergingTable("dark");
  const answer = (/** @type {number} */ low, /** @type {number} */ high) =>
    frameOf({
      output: [Uint8Array.of(0, 100, 155, 255), [2, 2]],
      "output.range": [Float32Array.of(low, high), [2]],
    });

  test("is coloured by sign and size", () => {
    const painted = present(answerPixels(answer(-1, 1), 2, "dark", false));
    assert.deepEqual([painted.width, painted.height], [2, 2]);
    assert.deepEqual(
      [...painted.pixels],
      [0, 100, 155, 255].map((level) => scale[level]),
    );
  });

  test("is two colours where it is discrete, parted at zero", () => {
    const [negative, positive] = [scale[40], scale[215]];
    const painted = (/** @type {number} */ low, /** @type {number} */ high) => [
      ...present(answerPixels(answer(low, high), 2, "dark", true)).pixels,
    ];
    assert.deepEqual(painted(-1, 1), [negative, negative, positive, positive]);
    assert.deepEqual(painted(-0.2, 1), [negative, positive, positive, positive]);
    assert.deepEqual(painted(0.5, 1), Array(4).fill(positive));
    assert.deepEqual(painted(-1, -0.5), Array(4).fill(negative));
  });

  test("is coloured by class where there are more than two", () => {
    const frame = answer(0.3, 1);
    frame.arrays.set("class", { data: Uint8Array.of(0, 1, 2, 1), shape: [2, 2] });
    const painted = [...present(answerPixels(frame, 3, "dark", true)).pixels];
    assert.equal(new Set(painted).size, 3);
    assert.equal(painted[1], painted[3]);
  });

  test("is nothing without an output", () => {
    assert.equal(answerPixels(frameOf({}), 2, "light", false), null);
  });
});
