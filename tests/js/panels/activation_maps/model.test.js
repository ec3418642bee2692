import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  chosenMaps,
  layerNames,
  model,
  sampleBeside,
  sampleText,
  strengths,
  valueText,
} from "../../../../static/panels/activation_maps/model.js";
import { array, frame, present } from "../../support.js";

/** @import { Catalog, Description } from "../../../../static/types.d.ts" */
/** @import { Context, Options } from "../../../../static/panels/activation_maps/model.js" */

/** Three maps of five, of one by two pixels: from 0 to 1, from −4 to 4, and silent. */
const FRAME = frame({
  "maps/relu1": array([3, 1, 2], [0, 255, 128, 128, 0, 0], Uint8Array),
  "maps/relu1.range": array([3, 2], [0, 1, -4, 4, 0, 0]),
  "maps/relu1.shape": array([3], [5, 8, 16], Int32Array),
  "maps/input": array([1, 1, 2], [0, 255], Uint8Array),
  "maps/input.range": array([1, 2], [0, 1]),
});

const DESCRIPTION = /** @type {Description} */ (
  /** @type {unknown} */ ({
    input: { name: "input" },
    nodes: [
      { name: "conv1", kind: "conv2d" },
      { name: "relu1", kind: "relu" },
    ],
  })
);

const CATALOG = /** @type {Catalog} */ (
  /** @type {unknown} */ ({ activations: [{ kind: "relu", label: "ReLU" }] })
);

/** @type {Context} */
const CONTEXT = {
  description: DESCRIPTION,
  catalog: CATALOG,
  peaks: undefined,
  network: { low: -1, high: 20 },
  options: { scope: "map", order: "index", filter: "all" },
  depth: 0.5,
  kept: null,
};

/** @param {Partial<Options>} [options] @param {Partial<Context>} [other] @param {string} [name] */
const read = (options, other, name = "relu1") =>
  present(model(FRAME, name, { ...CONTEXT, ...other, options: { ...CONTEXT.options, ...options } }));

describe("the order of maps", () => {
  const pictures = {
    levels: Uint8Array.of(0, 255, 128, 128, 0, 0),
    count: 3,
    width: 2,
    height: 1,
    ranges: Float32Array.of(0, 1, -4, 4, 0, 0),
  };

  test("goes by number or by strength", () => {
    const strength = strengths(pictures);
    assert.equal(strength[0], 0.5);
    assert.equal(strength[2], 0);
    assert.deepEqual(chosenMaps(strength, "index", "all"), [0, 1, 2]);
    assert.deepEqual(chosenMaps([0.5, 0.1, 0.9], "strength", "all"), [2, 0, 1]);
  });

  test("can leave out those that are silent, or all others", () => {
    const strength = strengths(pictures);
    assert.deepEqual(chosenMaps(strength, "index", "silent"), [2]);
    assert.deepEqual(chosenMaps(strength, "index", "active"), [0, 1]);
    assert.deepEqual(chosenMaps(strength, "index", "dead"), [], "nobody knows yet");
    assert.deepEqual(chosenMaps(strength, "index", "dead", [0, 3, -1]), [0, 2]);
  });
});

describe("the maps of a node", () => {
  test("say what the node is, its whole shape, what of it is left out, and how many maps are silent", () => {
    const { title, shape, count } = read();
    assert.deepEqual([title, shape, count], ["ReLU", "5@8×16", "the first 3, 1 silent"]);
  });

  test("of the input are what the network gets", () => {
    const { title, shape, count } = read({}, {}, "input");
    assert.deepEqual([title, shape, count], ["What the network gets", "1@1×2", ""]);
  });

  test("are none where the frame has none", () => {
    assert.equal(model(FRAME, "conv1", CONTEXT), null);
  });

  test("keep their order while they are not to be sorted, as long as it fits", () => {
    assert.deepEqual(read({ order: "strength" }).shown, [0, 1, 2]);
    assert.deepEqual(read({}, { kept: [2, 0] }).shown, [2, 0]);
    assert.deepEqual(read({}, { kept: [2, 3] }).shown, [0, 1, 2]);
  });

  test("say why there is none", () => {
    assert.equal(read({ filter: "dead" }).none, "looking at the test set …");
    const peaks = frame({ "peak/relu1": array([3], [1, 4, -1]) });
    const dead = read({ filter: "dead" }, { peaks });
    assert.deepEqual([dead.shown, dead.none], [[2], "none is dead: each says something of some test sample"]);
    assert.equal(read({ filter: "silent" }).none, "none is silent");
  });

  test("have a scale of their own each, of the layer, or of the network", () => {
    const inLayer = "−4 to 4 in the layer";
    assert.deepEqual(read().scale, { signed: true, low: "least", high: "most of each", title: inLayer });
    assert.deepEqual(read({ scope: "layer" }).scale, { signed: true, low: "−4", high: "4", title: inLayer });
    assert.deepEqual(read({ scope: "network" }).scale, {
      signed: true,
      low: "−20",
      high: "20",
      title: "−1 to 20 in the network",
    });
    const { low, high, signed } = read({ scope: "layer" }, {}, "input").scale;
    assert.deepEqual([low, high, signed], ["0", "1", false]);
  });

  test("are described to who does not see them", () => {
    assert.equal(read({ filter: "active" }).label, "relu 1: 2 maps, −4 to 4");
  });

  test("say the value at a place, as exactly as a level tells", () => {
    assert.equal(valueText(read(), 0, 0.9, 0.5), "relu 1, map 1, row 1, column 2: 1 (0 to 1)");
    assert.match(valueText(read(), 1, 0, 0), /^relu 1, map 2, row 1, column 1: 0\.0\d+ \(−4 to 4\)$/);
  });
});

test("layers stand in the order of the network, those alone that are in the frame", () => {
  assert.deepEqual(layerNames(FRAME, DESCRIPTION), ["input", "relu1"]);
  assert.deepEqual(layerNames(FRAME, null), []);
});

describe("the sample", () => {
  const sample = (/** @type {number} */ index, set = "train") => ({ kind: "sample", set, index });

  test("is named by its set, its number, and its class where that is known", () => {
    assert.equal(sampleText(sample(3), 1, ["cat", "dog"]), "train sample 3, class dog");
    assert.equal(sampleText(sample(3), 7, ["cat", "dog"]), "train sample 3, class 7");
    assert.equal(sampleText(sample(3), null, []), "train sample 3");
  });

  test("that is one's own is a drawing or a picture", () => {
    assert.equal(sampleText({ kind: "values" }, null, []), "your drawing");
    assert.equal(sampleText({ kind: "upload" }, null, []), "your picture");
  });

  test("has others beside it in its set, the first after the last", () => {
    assert.deepEqual(sampleBeside(sample(4), { train: 5, test: 2 }, 1), sample(0));
    assert.deepEqual(sampleBeside(sample(0), { train: 5, test: 2 }, -1), sample(4));
    assert.deepEqual(sampleBeside({ kind: "upload" }, { test: 2 }, 1), sample(0, "test"));
  });
});
