import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { middleOf, placesOf, weightName } from "../../../../static/panels/walk/kernel_chain.js";

/** @import { Frame } from "../../../../static/types.d.ts" */

/** Some numbers, no two of them alike. @param {number} count */
const numbers = (count) => Array.from({ length: count }, (_, index) => Math.sin(3 * index + 1));

const READ = [4, 5, 6];
const KERNEL = [4, 2, 3, 2]; // two groups
const MAPS = [4, 3, 3];
const [STRIDE, DILATION, PADDING] = [2, 1, 1];

/** @type {Record<string, [number[], number[]]>} */
const ARRAYS = {
  "output/input": [numbers(120), READ],
  "gradient/conv": [numbers(36), MAPS],
  "parameter/conv.weight": [numbers(48), KERNEL],
  "window/conv": [
    [STRIDE, DILATION, PADDING, STRIDE, DILATION, PADDING],
    [2, 3],
  ],
};

/** @param {string} [without] @returns {Frame} */
function frame(without) {
  const named = Object.entries(ARRAYS)
    .filter(([name]) => name !== without)
    .map(([name, [data, shape]]) => [name, { data: Float64Array.from(data), shape }]);
  return /** @type {any} */ ({ arrays: new Map(/** @type {any} */ (named)) });
}

const NODE = { name: "conv", inputs: ["input"] };

/** The sum over all places of gradient times output, by the definition of a convolution. @param {number[]} weights */
function objective(weights) {
  const [read, gradients] = [numbers(120), numbers(36)];
  let total = 0;
  for (let place = 0; place < 36; place++) {
    const [map, row, column] = [Math.floor(place / 9), Math.floor(place / 3) % 3, place % 3];
    for (let at = 0; at < 12; at++) {
      const [channel, u, v] = [Math.floor(at / 6), Math.floor(at / 2) % 3, at % 2];
      const [y, x] = [row * STRIDE + u * DILATION - PADDING, column * STRIDE + v * DILATION - PADDING];
      const from = 2 * Math.floor(map / 2) + channel;
      const inside = y >= 0 && y < 5 && x >= 0 && x < 6;
      const number = inside ? (read[(from * 5 + y) * 6 + x] ?? NaN) : 0;
      total += (gradients[place] ?? NaN) * (weights[map * 12 + at] ?? NaN) * number;
    }
  }
  return total;
}

/** @param {{ product: number }[] | null} places */
const sum = (places) => (places ?? []).reduce((total, { product }) => total + product, 0);

describe("the gradient of a kernel's weight", () => {
  test("adds up, over all places, to the slope of the convolution by it", () => {
    for (let target = 0; target < 4; target++) {
      for (let source = 0; source < 12; source++) {
        const [one, other] = [0.5, -0.5].map((by) =>
          objective(numbers(48).map((weight, place) => weight + (place === target * 12 + source ? by : 0))),
        );
        const places = placesOf(frame(), NODE, { target, source });
        assert.equal(places?.length, 9);
        assert.ok(Math.abs(sum(places) - ((one ?? 0) - (other ?? 0))) < 1e-9);
      }
    }
  });

  test("of a bias is the sum of its map's gradients", () => {
    const places = placesOf(frame(), NODE, { target: 1, source: null });
    const own = numbers(36).slice(9, 18);
    assert.ok(Math.abs(sum(places) - own.reduce((total, each) => total + each, 0)) < 1e-12);
  });

  test("is not written out where it is no convolution over images", () => {
    assert.equal(placesOf(frame("window/conv"), NODE, { target: 0, source: 0 }), null);
  });
});

test("weights of a kernel are called by channel, row and column; a map points at the middle one", () => {
  assert.equal(weightName(KERNEL, 11), "channel 2, row 3, column 2");
  assert.equal(weightName(KERNEL, middleOf(KERNEL, 3)), "channel 2, row 2, column 2");
});
