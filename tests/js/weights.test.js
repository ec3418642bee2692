import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { edgeWeights, weightGrid, weightLevels } from "../../static/draw/weights.js";

/** @import { Link } from "../../static/draw/layout.js" */
/** @import { Frame, NamedArray } from "../../static/types.d.ts" */

const link = /** @type {Link} */ (/** @type {unknown} */ ({ to: { head: "layer" } }));

/** @param {Record<string, NamedArray>} arrays @returns {Frame} */
const frameOf = (arrays) => ({ metadata: { probe: "weights" }, arrays: new Map(Object.entries(arrays)) });

describe("the weights of edges", () => {
  test("are a dense layer's own, and the kernels of a convolution added up", () => {
    const dense = { shape: [2, 3], data: Float32Array.of(1, -2, 3, 4, 5, -6) };
    assert.deepEqual(edgeWeights(frameOf({ "layer.weight": dense }), link), { values: dense.data, units: 2, inputs: 3, scale: 6 });
    const kernels = { shape: [1, 2, 2, 1], data: Float32Array.of(0.25, 0.5, 1, -3) };
    assert.deepEqual([...(edgeWeights(frameOf({ "layer.weight": kernels }), link)?.values ?? [])], [0.75, -2]);
  });

  test("are not known before a frame, nor where the frame has left rows out", () => {
    const thinned = { "layer.weight": { shape: [1, 1], data: Float32Array.of(1) }, "layer.weight.shape": { shape: [2], data: Int32Array.of(9, 1) } };
    assert.equal(edgeWeights(undefined, link), null);
    assert.equal(edgeWeights(frameOf(thinned), link), null);
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
