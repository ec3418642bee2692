import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { at, resultOf, termsAt } from "../../../../static/network/window_arithmetic.js";
import { model } from "../../../../static/panels/backward_arithmetic/model.js";
import {
  cellTerms,
  kernelPlace,
  pixelTerms,
  placesOf,
  readBackward,
  totalOf,
} from "../../../../static/panels/backward_arithmetic/sums.js";
import { present } from "../../support.js";

/** @import { Arithmetic, Grid } from "../../../../static/network/window_arithmetic.js" */
/** @import { Backward } from "../../../../static/panels/backward_arithmetic/sums.js" */

/** Numbers that are not special, the same each time. @param {number} count @param {number} seed */
const numbers = (count, seed) =>
  Float64Array.from({ length: count }, (_, index) => Math.sin(7 * index + seed));

/** @param {number} height @param {number} width @param {number} seed @returns {Grid} */
const grid = (height, width, seed) => ({
  height,
  width,
  data: /** @type {any} */ (numbers(height * width, seed)),
});

/** @typedef {Partial<Pick<Backward, "stride" | "padding" | "dilation" | "transposed" | "how">>} Given */

/** Two channels of 6 × 5 and two maps; of pooling one of each. @param {Given} given @param {[number, number]} out
 * @returns {Backward} */
function backward(given, [height, width]) {
  const pools = (given.how ?? "sum") !== "sum";
  const maps = pools ? [3] : [3, 4];
  return {
    input: maps.map((seed) => grid(6, 5, 10 * seed)),
    first: 2,
    gradient: maps.map((seed) => grid(height, width, seed)),
    firstMap: 4,
    back: [],
    kernel: pools ? null : /** @type {any} */ (numbers(2 * 2 * 9, 1)),
    kernelGradient: null,
    biasGradient: null,
    ...{ size: [3, 3], stride: [1, 1], padding: [0, 0], dilation: [1, 1], transposed: false, how: "sum" },
    ...given,
  };
}

/** The loss of a node, by the forward arithmetic: what its maps give, times their gradients. @param {Backward} node */
function lossOf(node) {
  const each = node.input.length * 9;
  return node.gradient.reduce((total, gradient, map) => {
    const kernel = node.kernel && {
      data: node.kernel.subarray(map * each, (map + 1) * each),
      rows: 1,
      columns: 1,
    };
    const more = { output: gradient, kernel, bias: null, after: [], softmax: null };
    const arithmetic = /** @type {Arithmetic} */ (/** @type {unknown} */ ({ ...node, ...more }));
    const outputs = placesOf(gradient).map(({ y, x }) => {
      const { result } = resultOf(arithmetic, termsAt(arithmetic, y, x), y, x);
      return result * at(gradient, y, x);
    });
    return total + outputs.reduce((sum, output) => sum + output, 0);
  }, 0);
}

/** How the loss changes with one number. @param {Backward} node @param {any} data @param {number} place */
function slopeAt(node, data, place) {
  const [before, by] = [data[place], 1e-5];
  data[place] = before + by;
  const above = lossOf(node);
  data[place] = before - by;
  const below = lossOf(node);
  data[place] = before;
  return (above - below) / (2 * by);
}

/** @type {Record<string, [Given, [number, number]]>} */
const NODES = {
  plain: [{}, [4, 3]],
  padded: [{ padding: [1, 1] }, [6, 5]],
  strided: [{ stride: [2, 1], padding: [1, 0] }, [3, 3]],
  dilated: [{ dilation: [2, 2], padding: [2, 1] }, [6, 3]],
  transposed: [{ transposed: true, stride: [2, 2], padding: [1, 0] }, [11, 11]],
  "max pooling": [{ how: "largest", stride: [2, 2], padding: [1, 1] }, [3, 3]],
  "mean pooling": [{ how: "mean", stride: [2, 2], padding: [1, 1] }, [3, 3]],
  "mean pooling inside": [{ how: "mean_inside", stride: [2, 2], padding: [1, 1] }, [3, 3]],
};

describe("the sums are the slopes of the loss that the forward arithmetic gives", () => {
  for (const [name, [given, out]] of Object.entries(NODES))
    test(name, () => {
      const node = backward(given, out);
      node.input.forEach((channel, index) => {
        for (const pixel of placesOf(channel)) {
          const maps = node.gradient.map((_, map) => totalOf(pixelTerms(node, map, index, pixel)));
          const slope = slopeAt(node, channel.data, pixel.y * channel.width + pixel.x);
          const sum = maps.reduce((total, each) => total + each, 0);
          assert.ok(
            Math.abs(sum - slope) < 1e-7,
            `${index} ${JSON.stringify(pixel)}: ${sum} is not ${slope}`,
          );
        }
      });
      for (let place = 0; node.kernel && place < 9; place++) {
        const cell = { row: Math.floor(place / 3), column: place % 3 };
        const slope = slopeAt(node, node.kernel, kernelPlace(node, 1, 0, cell.row, cell.column));
        const sum = totalOf(cellTerms(node, 1, 0, cell));
        assert.ok(Math.abs(sum - slope) < 1e-7, `${place}: ${sum} is not ${slope}`);
      }
    });
});

/** A frame of a convolution with one channel, one map and a kernel of 2 × 2. */
function frame(changed = {}) {
  const arrays = {
    input: [
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
      [1, 3, 3],
    ],
    gradient: [
      [1, -1, 0.5, 2],
      [1, 2, 2],
    ],
    kernel: [
      [10, 20, 30, 40],
      [1, 1, 2, 2],
    ],
    "input.gradient": [
      [10, 10, -20, 35, 40, 0, 15, 80, 80],
      [1, 3, 3],
    ],
    "kernel.gradient": [
      [11, 13.5, 18.5, 21],
      [1, 1, 2, 2],
    ],
    "bias.gradient": [[2.5], [1]],
    size: [[2, 2], [2]],
    stride: [[1, 1], [2]],
    padding: [[0, 0], [2]],
    dilation: [[1, 1], [2]],
    transposed: [[0], []],
    first: [[0], []],
    first_map: [[3], []],
    ...changed,
  };
  const named = Object.entries(arrays).map(([name, [data, shape]]) => [
    name,
    { data: Float32Array.from(data ?? []), shape },
  ]);
  return /** @type {any} */ ({ arrays: new Map(/** @type {any} */ (named)) });
}

describe("a gradient as it is shown", () => {
  const context = { map: 3, channel: 0, pixel: { y: 1, x: 1 }, cell: { row: 1, column: 0 }, node: "conv1" };
  const read = (/** @type {any} */ more, changed = {}) =>
    model(present(readBackward(frame(changed))), { part: "pixel", ...context, ...more });

  test("of a pixel has the flipped kernel over the gradients of the outputs that read it", () => {
    const { products, result, title, gradient } = read({});
    assert.ok("cells" in products);
    assert.deepEqual(
      products.cells.map((row) => row.map((cell) => cell?.factors)),
      [
        ["1.000 × 40.000", "−1.000 × 30.000"],
        ["0.500 × 20.000", "2.000 × 10.000"],
      ],
    );
    assert.equal(title, "conv 1, map 4");
    assert.deepEqual([result.sum, result.autograd, result.agrees], [40, 40, true]);
    assert.equal(gradient.window.length, 4);
  });

  test("of a pixel at the edge leaves out what is beside the map", () => {
    const { products, gradient, result } = read({ pixel: { y: 0, x: 0 } });
    assert.ok("cells" in products);
    assert.equal(products.cells.flat().filter((cell) => cell?.padded).length, 3);
    assert.deepEqual([gradient.window, result.sum], [[{ y: 0, x: 0 }], 10]);
  });

  test("of a weight is written out over all places, the largest first", () => {
    const { products, result, input, kernel } = read({ part: "kernel" });
    assert.ok("dense" in products);
    assert.deepEqual(
      products.dense.terms.map(({ name, value, weight }) => [name, value, weight]),
      [
        ["row 2, column 2", 2, 8],
        ["row 1, column 2", -1, 5],
        ["row 1, column 1", 1, 4],
        ["row 2, column 1", 0.5, 7],
      ],
    );
    assert.deepEqual([result.sum, result.agrees], [18.5, true]);
    assert.deepEqual(
      input.window.map(({ y, x }) => 3 * y + x + 1),
      [4, 5, 7, 8],
    );
    assert.deepEqual(
      kernel.flat().map(({ chosen }) => chosen),
      [false, false, true, false],
    );
  });

  test("of the bias is the sum of the map's gradient", () => {
    const { result, products } = read({ part: "bias" });
    assert.deepEqual([result.sum, result.agrees], [2.5, true]);
    assert.ok("dense" in products && products.dense.terms.every(({ weighs }) => weighs === ""));
  });

  test("says where autograd has another number, and numbers that are not finite", () => {
    const wrong = read({ part: "bias" }, { "bias.gradient": [[3], [1]] });
    assert.match(wrong.result.text, /The sum is 2.500, autograd has 3.000/);
    const broken = read(
      {},
      {
        gradient: [
          [NaN, 0, 0, 0],
          [1, 2, 2],
        ],
        "input.gradient": [Array(9).fill(NaN), [1, 3, 3]],
      },
    );
    assert.match(broken.result.text, /NaN, as autograd has it/);
  });

  test("of pooling is of the input alone, and keeps to what there is", () => {
    const plain = present(readBackward(frame()));
    const pooled = { ...plain, kernel: null, biasGradient: null, how: /** @type {const} */ ("largest") };
    const shown = model(pooled, { part: "kernel", ...context, channel: 9, pixel: { y: 99, x: 99 } });
    assert.deepEqual([shown.parts, shown.part, shown.kernel], [["pixel"], "pixel", []]);
    assert.deepEqual(shown.back.window, [{ y: 2, x: 2 }]);
    assert.equal(shown.result.sum, 2); // the largest of the last window
  });
});
