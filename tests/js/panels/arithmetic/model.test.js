import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { readArithmetic } from "../../../../static/network/window_arithmetic.js";
import { model } from "../../../../static/panels/arithmetic/model.js";
import { array, frame, present } from "../../support.js";

/** @import { NamedArray } from "../../../../static/types.d.ts" */
/** @import { Context } from "../../../../static/panels/arithmetic/model.js" */

/** Two channels of 2 × 3 pixels, a kernel of 2 × 2 over each, padded by one, and a ReLU behind. */
const CONVOLUTION = {
  input: array([2, 2, 3], [1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 1]),
  first: array([1], [4]),
  kernel: array([8], [1, 0, 0, -1, 0, 0, 0, -2]),
  bias: array([1], [0.5]),
  size: array([2], [2, 2]),
  padding: array([2], [1, 1]),
  // Of rows and columns 1 to 2: 1 − 5 + 0 + 0.5 in the middle at the left.
  output: array([3, 4], [-0.5, -1.5, -2.5, 0.5, -3.5, -3.5, -5.5, 3.5, 0.5, 4.5, 5.5, 6.5]),
  "after/relu1": array([3, 4], [0, 0, 0, 0.5, 0, 0, 0, 3.5, 0.5, 4.5, 5.5, 6.5]),
};

const DENSE = {
  input: array([1, 1, 11], [3, -1, 2, ...Array(8).fill(0.1)]),
  kernel: array([11], [1, 5, -1, ...Array(8).fill(1)]),
  bias: array([1], [1]),
  output: array([1, 1], [3 - 5 - 2 + 0.8 + 1]),
  logits: array([2], [0, 0]),
  shares: array([2], [0.5, 0.5]),
};

/** @param {Record<string, NamedArray>} arrays @param {Partial<Context>} [context] */
function read(arrays, context) {
  const arithmetic = present(readArithmetic(frame(arrays)));
  const usual = { place: { y: 1, x: 1 }, channel: 0, node: "conv1", unit: 2, classes: [] };
  return model(arithmetic, { ...usual, ...context });
}

describe("a number of a feature map", () => {
  const reading = read(CONVOLUTION);

  test("is named by its node, its map, its place, and how the window moves", () => {
    assert.equal(reading.title, "conv 1, map 3");
    assert.equal(reading.settings, "row 2, column 2 · kernel 2×2 · stride 1 · padding 1");
    assert.deepEqual([reading.dense, reading.movable], [false, true]);
  });

  test("is the sum of its channels and the bias, and goes through what follows", () => {
    assert.deepEqual(
      reading.sums.map(({ name, value }) => [name, value]),
      [
        ["channel 5", -4],
        ["channel 6", 0],
        ["bias", 0.5],
        ["sum", -3.5],
        ["→ relu 1", 0],
      ],
    );
  });

  test("is what the network computed, and shown as what the activation makes of it", () => {
    assert.deepEqual(reading.result, { output: -3.5, shown: 0, text: "= −3.500, shown as 0.000" });
  });

  test("that the network computed otherwise is said to be another", () => {
    const output = array([3, 4], Array(12).fill(1));
    assert.equal(read({ ...CONVOLUTION, output }).result.text, "The sum is −3.500, the network says 1.000.");
  });

  test("says what each channel adds, and which is shown", () => {
    assert.deepEqual(read(CONVOLUTION, { place: { y: 2, x: 3 }, channel: 1 }).channels, [
      { label: "5", title: "Channel 5: adds 6.000", chosen: false },
      { label: "6", title: "Channel 6: adds 0.000", chosen: true },
    ]);
  });

  test("frames the window of the channel that is shown", () => {
    assert.deepEqual(
      reading.input.window.map(({ y, x, channel }) => [channel, y, x]),
      [
        [0, 0, 0],
        [0, 0, 1],
        [0, 1, 0],
        [0, 1, 1],
      ],
    );
    assert.deepEqual(reading.output.window, [{ y: 1, x: 1 }]);
  });

  test("has its kernel's stride, padding and dilation in words, as far as they differ", () => {
    const pairs = {
      stride: array([2], [2, 1]),
      dilation: array([2], [1, 2]),
      transposed: array([1], [1]),
    };
    assert.match(
      read({ ...CONVOLUTION, ...pairs }).settings,
      / · kernel 2×2 · stride 2×1 · padding 1 · dilation 1×2 · transposed$/,
    );
  });
});

describe("the number of a pooling", () => {
  const pooled = {
    input: array([1, 2, 2], [1, 4, 3, 2]),
    size: array([2], [2, 2]),
    output: array([1, 1], [4]),
  };

  test("is the largest of the window", () => {
    const reading = read({ ...pooled, mean: array([1], [0]) }, { place: { y: 0, x: 0 } });
    assert.deepEqual(
      reading.sums.map(({ name, value }) => [name, value]),
      [["largest", 4]],
    );
    assert.equal(reading.productsTitle, "Window");
    assert.deepEqual([reading.input.largest?.y, reading.input.largest?.x], [0, 1]);
    assert.equal(reading.movable, false);
  });

  test("is the mean of the window", () => {
    const reading = read(
      { ...pooled, mean: array([1], [1]), output: array([1, 1], [2.5]) },
      { place: { y: 0, x: 0 } },
    );
    assert.deepEqual(
      reading.sums.map(({ name, value }) => [name, value]),
      [
        ["sum", 10],
        ["÷ 4", 2.5],
      ],
    );
  });
});

describe("the number of a dense unit", () => {
  const reading = read(DENSE, { place: { y: 0, x: 0 }, node: "output", unit: 1, classes: ["cat"] });

  test("has inputs and no window", () => {
    assert.deepEqual([reading.title, reading.settings], ["output, unit 2", "11 inputs"]);
    assert.ok("dense" in reading.products);
    assert.deepEqual(
      reading.sums.map(({ name }) => name),
      ["products", "bias", "sum"],
    );
  });

  test("goes through the softmax, with a number where a class has no name", () => {
    assert.deepEqual(
      reading.softmax?.rows.map(({ name, share, chosen }) => [name, share, chosen]),
      [
        ["cat", 0.5, false],
        ["2", 0.5, true],
      ],
    );
    assert.deepEqual([reading.softmax?.sum, reading.softmax?.total], ["2.000", "1.000"]);
  });
});
