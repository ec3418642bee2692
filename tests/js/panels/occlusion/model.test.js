import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  checkSquare,
  covered,
  placeUnder,
  model,
  squareOn,
  usualSquare,
  worstPlace,
} from "../../../../static/panels/occlusion/model.js";
import { present } from "../../support.js";

/** @import { NamedArray } from "../../../../static/types.d.ts" */

/** @param {number[]} shape @param {number[]} values @returns {NamedArray} */
const array = (shape, values) => ({ shape, data: Float32Array.from(values) });

/** Two by three places on a picture of one channel, whose third place is not known yet. */
const ARRAYS = new Map([
  ["input", array([1, 8, 12], Array(96).fill(0))],
  ["input.range", array([2], [-1, 1])],
  ["grey", array([], [0])],
  ["probability", array([2, 3], [0.9, 0.5, NaN, 0.8, 0.2, 0.7])],
  ["activation", array([2, 3], [4, 3, NaN, 4, 1, 2])],
  ["class", array([2, 3], [1, 1, -1, 1, 0, 1])],
  ["drop", array([8, 12], [-0.5, 2, ...Array(94).fill(0)])],
  ["before", array([2], [0.95, 4.5])],
  ["target", array([], [1])],
  ["channel", array([], [6])],
]);

describe("the readings of a frame", () => {
  const readings = present(model(ARRAYS, ["cat", "dog"]));

  test("have a scale for each map, drops as far below zero as above", () => {
    assert.deepEqual([readings.most, readings.span], [4, 2]);
  });

  test("name the classes that were seen, in order, and no unknown place", () => {
    assert.deepEqual(readings.seen, [0, 1]);
  });

  test("say what stood before, and how low it fell", () => {
    assert.equal(readings.notes.probability, "of dog: 95 % uncovered, 20 % at least");
    assert.equal(readings.notes.activation, "map 7, which sums to 4.5 uncovered");
    const dense = new Map(ARRAYS).set("channel", array([], [-1]));
    assert.equal(model(dense, [])?.notes.activation, "the network has no feature maps");
  });

  test("are none while an array lacks", () => {
    const fewer = new Map(ARRAYS);
    fewer.delete("drop");
    assert.equal(model(fewer, []), null);
  });
});

describe("the square", () => {
  test("lies where the probability falls most, grey as the network was given it", () => {
    assert.deepEqual(squareOn(ARRAYS, { size: 4, stride: 3 }, null), {
      left: 3,
      top: 3,
      size: 4,
      level: 128,
      share: Math.fround(0.2),
      answer: 0,
    });
  });

  test("lies where a hand points, and nowhere at a place that is not known", () => {
    assert.deepEqual(present(squareOn(ARRAYS, { size: 4, stride: 3 }, 3)).left, 0);
    assert.equal(squareOn(ARRAYS, { size: 4, stride: 3 }, 2), null);
  });

  test("begins at a place that is known", () => {
    assert.equal(worstPlace([NaN, NaN, 0.9, 0.95]), 2);
  });

  test("follows the pointer over a map, and stays on it", () => {
    assert.equal(placeUnder([2, 3], 0.5, 0.9), 4);
    assert.equal(placeUnder([2, 3], 1, 1), 5);
    assert.equal(placeUnder([2, 3], -0.1, 2), 3);
  });

  test("is a quarter of the picture at first, and moves by a quarter of itself", () => {
    assert.deepEqual(usualSquare([3, 64, 96]), { size: 16, stride: 4 });
    assert.deepEqual(usualSquare([1, 2, 2]), { size: 1, stride: 1 });
  });

  test("is refused by name where it does not fit or cannot move", () => {
    assert.equal(checkSquare({ size: "4", stride: "1" }, [1, 8, 12]).problem, null);
    assert.match(
      checkSquare({ size: "9", stride: "1" }, [1, 8, 12]).problem ?? "",
      /^A square of 9; expected a whole number from 1 to 8,/,
    );
    assert.match(checkSquare({ size: "", stride: "1" }, [1, 8, 12]).problem ?? "", /^A square of nothing;/);
    assert.deepEqual(checkSquare({ size: "4", stride: "0.5" }, [1, 8, 12]), {
      fits: true,
      moves: false,
      problem: "A stride of 0.5; expected a whole number from 1.",
    });
  });
});

test("places say of which steps they are, and how many are known", () => {
  assert.equal(covered([100, 100]), "2 places, as they were at step 100.");
  assert.equal(covered([-1, 1200, 90]), "2 of 3 places, as they were at steps 90 to 1,200.");
});
