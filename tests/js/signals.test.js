import assert from "node:assert/strict";
import { test } from "node:test";

import { decodeFrame } from "../../static/core/frame.js";
import {
  extremes,
  fainter,
  overlaidPixels,
  planeAt,
  projectionPixels,
  rampPixels,
  signalPixels,
  tileOf,
  wallOf,
} from "../../static/draw/signals.js";
import { encodeFrame } from "../../static/widgets/save_picture.js";
import { hasPlaces, methodRefusal, ruleRefusal } from "../../static/catalog/applicability.js";

/** @import { Description, Tensor } from "../../static/types.d.ts" */

const grey = (/** @type {number} */ level) => ((255 << 24) | (level * 0x010101)) >>> 0;

test("zero of a signal in colour is grey, and the channels are red, green and blue", () => {
  const levels = Uint8Array.from([128, 255, 128, 1, 128, 128]);
  const pixels = signalPixels({ levels, channels: 3, width: 2, height: 1 }, "light");
  assert.deepEqual([...pixels], [grey(128), ((255 << 24) | (128 << 16) | (1 << 8) | 255) >>> 0]);
});

test("on the scale of a stronger one a signal is nearer to zero by its share", () => {
  const plane = { levels: Uint8Array.from([1, 128, 255, 140]), channels: 1, width: 2, height: 2 };
  assert.deepEqual([...fainter(plane, 0.1).levels], [115, 128, 141, 129]);
  assert.deepEqual([...fainter(plane, 1).levels], [...plane.levels]);
});

test("a projection in greys is the sum over its colours, stretched to what is strong", () => {
  const levels = Uint8Array.from([128, 138, 128, 138, 128, 138]);
  const pixels = projectionPixels({ levels, channels: 3, width: 2, height: 1 }, "light", false);
  assert.equal(pixels[0], grey(128));
  assert.ok(((pixels[1] ?? 0) & 255) > 138);
});

test("behind a signal the picture shows through where the signal is zero, and not where it is strong", () => {
  const signal = { levels: Uint8Array.from([128, 255]), channels: 1, width: 2, height: 1 };
  const picture = { levels: Uint8Array.from([30, 30, 60, 60, 90, 90]), channels: 3, width: 2, height: 1 };
  const plain = signalPixels(signal, "light");
  const [ground, strong] = overlaidPixels(signal, picture, "light", 1);
  assert.equal(ground, grey(60));
  assert.equal(strong, plain[1]);
  assert.deepEqual([...overlaidPixels(signal, picture, "light", 0)], [...plain]);
});

test("a picture of nothing stays in the middle", () => {
  const pixels = projectionPixels(
    { levels: new Uint8Array(4).fill(128), channels: 1, width: 2, height: 2 },
    "dark",
    false,
  );
  assert.deepEqual([...pixels], Array(4).fill(grey(128)));
});

test("a tile ends with its box, channel by channel", () => {
  const array = (/** @type {number[]} */ shape, /** @type {Tensor} */ data) => ({ shape, data });
  const one = array([1, 1], Int32Array.from([0]));
  const tiles = array(
    [1, 1, 2, 2, 3],
    Uint8Array.from({ length: 12 }, (_, at) => at),
  );
  const arrays = new Map(
    Object.entries({
      channels: one,
      images: one,
      positions: one,
      steps: one,
      values: one,
      targets: one,
      boxes: array([1, 1, 4], Int32Array.from([4, 7, 6, 9])),
      projections: tiles,
      "projections.range": one,
      patches: tiles,
    }),
  );
  const wall = wallOf({ metadata: {}, arrays });
  assert.ok(wall);
  const tile = tileOf(wall, wall.projections, 0);
  assert.deepEqual([tile.channels, tile.height, tile.width], [2, 2, 2]);
  assert.deepEqual([...tile.levels], [0, 1, 3, 4, 6, 7, 9, 10]);
  assert.equal(wallOf({ metadata: {}, arrays: new Map() }), null);
});

test("what is no number is transparent, the rest goes from the least to the greatest", () => {
  const table = Uint32Array.from({ length: 256 }, (_, level) => level + 1);
  assert.deepEqual([...rampPixels([NaN, 0, 0.5, 2], table, 0, 1)], [0, 1, 129, 256]);
  assert.deepEqual(extremes([NaN, 3, -1]), [-1, 3]);
  assert.deepEqual(extremes([NaN]), [0, 0]);
});

test("planes are found by their index", () => {
  const data = Uint8Array.from({ length: 12 }, (_, at) => at);
  assert.deepEqual([...planeAt({ shape: [3, 2, 2], data }, 1, 1).levels], [4, 5, 6, 7]);
});

test("a frame that is kept is the frame that came", () => {
  const arrays = new Map(
    Object.entries({
      levels: { shape: [3], data: Uint8Array.from([1, 2, 3]) },
      values: { shape: [2, 1], data: Float32Array.from([0.5, -1]) },
      step: { shape: [], data: Int32Array.from([7]) },
    }),
  );
  const again = decodeFrame(encodeFrame({ metadata: { run: "r" }, arrays }).buffer);
  assert.equal(again.metadata["run"], "r");
  for (const [name, { shape, data }] of arrays) {
    assert.deepEqual(again.arrays.get(name)?.shape, shape);
    assert.deepEqual([...(again.arrays.get(name)?.data ?? [])], [...data]);
  }
});

// What is possible
// ------------------------------------------------------------------------------------------------

const CATALOG = {
  activations: ["relu", "silu", "identity"].map((kind) => ({
    kind,
    label: kind === "silu" ? "SiLU" : kind,
    summary: "",
    reference: "",
  })),
};

/** What the server says of these kinds. @type {Record<string, object>} */
const FACTS = {
  conv2d: { role: "convolution", slides: true },
  add: { role: "sum" },
  linear: { role: "dense" },
  relu: { downward: "rectified" },
  identity: { downward: "as_it_is" },
};

/** A way on which nothing stands. */
const CLEAR = { roles: [], unruled: null, rectified: false, maps: null };

/**
 * @param {[string, string, string[], number[], object?][]} nodes name, kind, inputs, shape, way
 * @param {number[]} [shape] @returns {Description}
 */
function described(nodes, shape = [3, 8, 8]) {
  return /** @type {Description} */ (
    /** @type {unknown} */ ({
      input: { name: "input", shape },
      nodes: nodes.map(([name, kind, inputs, shape, way]) => ({
        ...FACTS[kind],
        name,
        kind,
        inputs,
        shape,
        way: { ...CLEAR, ...way },
      })),
      outputs: [nodes.at(-1)?.[0]],
    })
  );
}

const BRANCHED = described([
  ["conv1", "conv2d", ["input"], [4, 8, 8], { roles: ["convolution"], maps: "conv1" }],
  ["silu1", "silu", ["conv1"], [4, 8, 8], { roles: ["convolution"], unruled: "silu1", maps: "silu1" }],
  ["conv2", "conv2d", ["input"], [4, 8, 8], { roles: ["convolution"], maps: "conv2" }],
  ["relu2", "relu", ["conv2"], [4, 8, 8], { roles: ["convolution"], rectified: true, maps: "relu2" }],
  [
    "sum",
    "add",
    ["silu1", "relu2"],
    [4, 8, 8],
    { roles: ["convolution", "sum"], unruled: "silu1", rectified: true, maps: "sum" },
  ],
]);

test("only what is on the way to a node stands in the way", () => {
  assert.equal(ruleRefusal(BRANCHED, CATALOG, "relu2"), null);
  assert.equal(ruleRefusal(BRANCHED, CATALOG, "conv1"), null);
  assert.match(ruleRefusal(BRANCHED, CATALOG, "sum") ?? "", /silu 1 is SiLU/);
});

test("methods say what they miss", () => {
  const dense = described([
    ["flatten1", "flatten", ["input"], [192]],
    ["linear1", "linear", ["flatten1"], [4]],
  ]);
  assert.match(methodRefusal(dense, CATALOG, "grad_cam") ?? "", /add a convolution/);
  assert.match(methodRefusal(dense, CATALOG, "deconvnet") ?? "", /plain gradient/);
  assert.equal(methodRefusal(dense, CATALOG, "saliency"), null);
  assert.equal(methodRefusal(BRANCHED, CATALOG, "grad_cam"), null);
  assert.match(methodRefusal(BRANCHED, CATALOG, "guided") ?? "", /silu 1 is SiLU/);
});

test("pictures have channels, height and width", () => {
  assert.equal(hasPlaces(BRANCHED), true);
  assert.equal(hasPlaces(described([], [2])), false);
  assert.equal(hasPlaces(null), false);
});
