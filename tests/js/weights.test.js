import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { edgeWeights, weightGrid, weightLevels, weightPlace } from "../../static/draw/weights.js";

/** @import { Link, Placed } from "../../static/network/layout.js" */
/** @import { Frame, NamedArray } from "../../static/types.d.ts" */

const link = /** @type {Link} */ (
  /** @type {unknown} */ ({ to: { head: "layer", members: [{ transposed: false }] } })
);

/** @param {Record<string, NamedArray>} arrays @returns {Frame} */
const frameOf = (arrays) => ({ metadata: { probe: "weights" }, arrays: new Map(Object.entries(arrays)) });

describe("the weights of edges", () => {
  test("are a dense layer's own, and the kernels of a convolution added up", () => {
    const dense = { shape: [2, 3], data: Float32Array.of(1, -2, 3, 4, 5, -6) };
    assert.deepEqual(edgeWeights(frameOf({ "layer.weight": dense }), link), {
      values: dense.data,
      units: 2,
      inputs: 3,
      scale: 6,
    });
    const kernels = { shape: [1, 2, 2, 1], data: Float32Array.of(0.25, 0.5, 1, -3) };
    assert.deepEqual(
      [...(edgeWeights(frameOf({ "layer.weight": kernels }), link)?.values ?? [])],
      [0.75, -2],
    );
  });

  test("of a transposed convolution are turned: torch has them as (inputs, units of a group)", () => {
    const transposed = (/** @type {number} */ units) =>
      /** @type {Link} */ (
        /** @type {unknown} */ ({ to: { head: "layer", members: [{ transposed: true }], units } })
      );
    const one = { shape: [2, 3, 1, 1], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
    assert.deepEqual(edgeWeights(frameOf({ "layer.weight": one }), transposed(3)), {
      values: Float32Array.of(1, 4, 2, 5, 3, 6),
      units: 3,
      inputs: 2,
      scale: 6,
    });
    // Two groups of two inputs and one unit each: inputs 1 and 2 lead to unit 1, 3 and 4 to unit 2.
    const two = { shape: [4, 1, 1, 1], data: Float32Array.of(1, 2, 3, 4) };
    assert.deepEqual(edgeWeights(frameOf({ "layer.weight": two }), transposed(2)), {
      values: Float32Array.of(1, 2, 3, 4),
      units: 2,
      inputs: 2,
      scale: 4,
    });
  });

  test("are not known before a frame, nor where the frame has left rows out", () => {
    const thinned = {
      "layer.weight": { shape: [1, 1], data: Float32Array.of(1) },
      "layer.weight.shape": { shape: [2], data: Int32Array.of(9, 1) },
    };
    assert.equal(edgeWeights(undefined, link), null);
    assert.equal(edgeWeights(frameOf(thinned), link), null);
  });
});

describe("the place of a weight", () => {
  /** @param {Partial<Placed>} column @returns {Placed} */
  const from = (column) => /** @type {Placed} */ ({ maps: false, units: 3, ...column });

  test("is its row and column, as torch lays a Linear out", () => {
    const places = [0, 1].map((target) =>
      [0, 1, 2].map((source) => weightPlace({ units: 2, inputs: 3 }, from({}), source, target)),
    );
    assert.deepEqual(places, [
      [0, 1, 2],
      [3, 4, 5],
    ]);
  });

  test("is nowhere between groups of a convolution", () => {
    const places = [0, 1].map((target) =>
      [0, 1, 2, 3].map((source) =>
        weightPlace({ units: 2, inputs: 2 }, from({ maps: true, units: 4 }), source, target),
      ),
    );
    assert.deepEqual(places, [
      [0, 1, -1, -1],
      [-1, -1, 2, 3],
    ]);
  });

  test("is nowhere for units that were added after the frame, rather than another unit's", () => {
    const before = { units: 2, inputs: 3 };
    assert.equal(
      weightPlace(before, from({ units: 4 }), 3, 0),
      -1,
      "a fourth input: its place would be the next unit's first weight",
    );
    assert.equal(weightPlace(before, from({}), 0, 2), -1, "a third unit");
  });
});

describe("the picture of a unit's weights", () => {
  test("is laid out as the picture it reads, channels over each other, and else as near a square as can be", () => {
    const flat = weightGrid({ shape: [10, 12], data: new Float32Array(120) }, [2, 2, 3]);
    assert.deepEqual([flat.width, flat.height, flat.at(7)], [3, 2, 1]);
    const kernel = weightGrid({ shape: [4, 3, 5, 7], data: new Float32Array(420) }, []);
    assert.deepEqual([kernel.width, kernel.height, kernel.at(36)], [7, 5, 1]);
    const table = weightGrid({ shape: [10, 7], data: new Float32Array(70) }, [7]);
    assert.deepEqual([table.width, table.height, table.at(6)], [3, 3, 6]);
  });

  test("has zero in the middle, and its largest weight at an end", () => {
    const array = { shape: [2, 3], data: Float32Array.of(9, 9, 9, 0, -2, 1) };
    assert.deepEqual([...weightLevels(array, 1, 3, 3, (index) => index)], [128, 0, 191]);
  });
});
