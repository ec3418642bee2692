import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { lineFacts, lossText, planeFacts, reliefOf } from "../../../../static/panels/landscape/model.js";

/** @param {Record<string, number[]>} arrays */
const frame = (arrays) => ({
  metadata: {},
  arrays: new Map(
    Object.entries(arrays).map(([name, values]) => [
      name,
      { shape: [values.length], data: Float64Array.from(values) },
    ]),
  ),
});

describe("the facts of a plane", () => {
  /** @param {Record<string, number[]>} arrays */
  const shown = (arrays) => planeFacts(frame(arrays), 40).map(([name, value]) => `${name} ${value}`);

  test("are the loss alone where nothing else was measured", () => {
    assert.deepEqual(shown({ centre: [0.25] }), ["Loss here 0.25"]);
  });

  test("have the sharpness beside its limit, and the variance beside a random walk's", () => {
    assert.deepEqual(
      shown({ centre: [0.25], sharpness: [12], limit: [20], explained: [0.8, 0.15], null: [0.6, 0.2] }),
      [
        "Loss here 0.25",
        "Sharpness 12",
        "2/η 20",
        "Variance shown 80 % + 15 %",
        "A random walk's 60 % + 20 %",
      ],
    );
  });
});

test("the facts of a line are of the training set first, with the barrier of each", () => {
  const along = new Map([
    ["test", frame({ x: [0, 0.5, 1], losses: [2, 2, 2] })],
    ["train", frame({ x: [0, 0.5, 1], losses: [1, 4, 3] })],
  ]);
  assert.deepEqual(
    lineFacts(along).map(([name, value]) => `${name} ${value}`),
    [
      "Loss at 0, train 1",
      "Loss at 1, train 3",
      "Barrier, train 2",
      "Loss at 0, test 2",
      "Loss at 1, test 2",
      "Barrier, test 0",
    ],
  );
});

test("a place of the plane has its loss, and a place beside it has none", () => {
  const relief = reliefOf(frame({ x: [-1, 1], y: [-1, 1], losses: [3, 3, 3, 3] }), "random");
  assert.equal(lossText(relief, 0, 0.5), "loss 3 at 0, 0.5");
  assert.equal(lossText(relief, 5, 0), "");
});
