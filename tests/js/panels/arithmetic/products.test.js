import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { readArithmetic, resultOf, termsAt } from "../../../../static/network/window_arithmetic.js";
import { denseTerms, windowCells } from "../../../../static/panels/arithmetic/products.js";
import { array, frame, present } from "../../support.js";

/** @import { NamedArray } from "../../../../static/types.d.ts" */

/** @param {Record<string, NamedArray>} arrays @param {number} y @param {number} x */
function cells(arrays, y, x) {
  const arithmetic = present(readArithmetic(frame(arrays)));
  const terms = termsAt(arithmetic, y, x);
  return windowCells(arithmetic, terms, resultOf(arithmetic, terms, y, x).largest);
}

const CONVOLUTION = {
  input: array([1, 2, 2], [0.5, 2, 3, 4]),
  kernel: array([4], [1, -1, 0.25, 2]),
  size: array([2], [2, 2]),
  padding: array([2], [1, 0]),
  output: array([2, 1], [0, 0]),
};

describe("the cells of a window", () => {
  test("say value, weight and product, and how large that is beside the largest", () => {
    const [[, second] = [], [third] = []] = cells(CONVOLUTION, 1, 0);
    assert.deepEqual(
      { ...second },
      {
        value: 2,
        weight: -1,
        negative: true,
        share: 25,
        title: "input row 1, column 2: 2 × −1 = −2",
        text: "−2.000",
        factors: "2.000 × −1.000",
        padded: false,
        largest: false,
      },
    );
    assert.equal(third?.share, Math.round((100 * 0.75) / 8));
  });

  test("tell padding from zeros of the input", () => {
    const [[first] = []] = cells(CONVOLUTION, 0, 0);
    assert.deepEqual([first?.padded, first?.title], [true, "padding: 0 × 1 = 0"]);
  });

  test("are missing where the stride of a transposed convolution leaves a weight out", () => {
    const transposed = { ...CONVOLUTION, stride: array([2], [2, 2]), transposed: array([1], [1]) };
    const found = cells(
      { ...transposed, padding: array([2], [0, 0]), output: array([4, 4], Array(16).fill(0)) },
      0,
      0,
    );
    assert.deepEqual(
      found.map((row) => row.map((cell) => cell !== null)),
      [
        [true, false],
        [false, false],
      ],
    );
  });

  test("of a pooling have no factors, a dash for padding, and a mark on the largest", () => {
    const { kernel: _, ...pooling } = CONVOLUTION;
    const [above = [], below = []] = cells({ ...pooling, mean: array([1], [0]) }, 0, 0);
    assert.deepEqual(
      above.map((cell) => [cell?.text, cell?.factors]),
      [
        ["–", null],
        ["–", null],
      ],
    );
    assert.deepEqual(
      below.map((cell) => [cell?.text, cell?.title, cell?.largest]),
      [
        ["0.500", "input row 1, column 1: 0.5", false],
        ["2.000", "input row 1, column 2: 2", true],
      ],
    );
  });

  test("are at most sixteen by sixteen", () => {
    const wide = {
      input: array([1, 20, 20], Array(400).fill(1)),
      kernel: array([400], Array(400).fill(1)),
      size: array([2], [20, 20]),
      output: array([1, 1], [400]),
    };
    assert.deepEqual([cells(wide, 0, 0).length, cells(wide, 0, 0)[0]?.length], [16, 16]);
  });
});

describe("the terms of a dense unit", () => {
  /** @param {number[]} values all weights are one @param {string[]} [names] */
  const terms = (values, names) => {
    const each = { channel: 0, row: 0, y: 0, padded: false, weight: 1 };
    return denseTerms(
      values.map((value, x) => ({ ...each, column: x, x, value, product: value })),
      names,
    );
  };

  test("stand by their magnitude, the largest first", () => {
    assert.deepEqual(
      terms([1, -4, 2]).terms.map(({ name, text, share, negative }) => [name, text, share, negative]),
      [
        ["input 2", "−4.000", 100, true],
        ["input 3", "2.000", 50, false],
        ["input 1", "1.000", 25, false],
      ],
    );
    assert.equal(terms([1, -4, 2]).rest, null);
  });

  test("are called what the numbers are called that arrive", () => {
    const names = terms([1, -4, 2], ["x₁", "sin x₁"]).terms.map(({ name }) => name);
    assert.deepEqual(names, ["sin x₁", "input 3", "x₁"]);
  });

  test("beyond the ninth are summed up", () => {
    const { terms: listed, rest } = terms([...Array(9).fill(2), 1, -0.5]);
    assert.equal(listed.length, 9);
    assert.deepEqual(rest, { count: 2, sum: 0.5, text: "0.500" });
  });

  test("that are all zero have no share", () => {
    assert.deepEqual(
      terms([0, -0]).terms.map(({ share, text }) => [share, text]),
      [
        [0, "0.000"],
        [0, "0.000"],
      ],
    );
  });
});
