import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { model, possibleMethods, refusal } from "../../../../static/panels/attribution/model.js";
import { array, frame, present } from "../../support.js";

/** @import { Description } from "../../../../static/types.d.ts" */

/** Two methods on a picture of three channels, two pixels wide and one high. */
const ARRAYS = {
  input: array([3, 1, 2], [1, 2, 3, 4, 5, 6], Uint8Array),
  maps: array([2, 1, 2], [10, 20, 30, 40], Uint8Array),
  "maps.range": array([2, 2], [-0.5, 0.5, -2, 2]),
  "signal/saliency": array([3, 1, 2], [9, 9, 9, 9, 9, 9], Uint8Array),
  target: array([], [1]),
  truth: array([], [1]),
  shares: array([2], [0.25, 0.75]),
  completeness: array([2], [3.412, 3.419]),
  "completeness.error": array([1], [0.002]),
  "completeness.steps": array([1], [100]),
  "completeness.holds": array([1], [1]),
};
const METHODS = ["saliency", "integrated_gradients"];

/** @param {Partial<typeof ARRAYS> & Record<string, import("../../../../static/types.d.ts").NamedArray>} [other] */
const made = (other = {}) => frame({ ...ARRAYS, ...other }, { step: "1250" });

/** @param {Parameters<typeof model>[0]} of @param {Partial<Parameters<typeof model>[1]>} [shown] */
const read = (of, shown) => model(of, { methods: METHODS, look: "maps", classes: ["cat", "dog"], ...shown });

describe("a card", () => {
  test("has the map of its method, and the signal in colours where that is wanted and known", () => {
    const [saliency, integrated] = read(made()).cards;
    assert.deepEqual([...present(integrated).map.levels], [30, 40]);
    assert.equal(present(saliency).signal, null);
    const [coloured, plain] = read(made(), { look: "signal" }).cards;
    assert.deepEqual(present(coloured).signal?.channels, 3);
    assert.equal(present(plain).signal, null);
  });

  test("says its greatest value, and whether an integral adds up", () => {
    const [saliency, integrated] = read(made()).cards;
    assert.equal(present(saliency).note, "greatest 0.5");
    assert.match(present(saliency).title, /; greatest value 0\.5$/);
    assert.equal(
      present(integrated).note,
      "greatest 2; adds up to 3.412, the score gains 3.419 (0.2 % off after 100 steps)",
    );
    assert.equal(present(integrated).incomplete, false);
    const [, off] = read(made({ "completeness.holds": array([1], [0]) })).cards;
    assert.equal(present(off).incomplete, true);
  });

  test("says where there is nothing to see", () => {
    const [nothing] = read(made({ "maps.range": array([2, 2], [0, 0, -2, 2]) })).cards;
    assert.match(present(nothing).note, /^nothing here:/);
  });

  test("is not made of a frame of other methods", () => {
    const other = read(made(), { methods: ["saliency"] });
    assert.deepEqual([other.picture, other.cards], [null, []]);
  });
});

test("the words name the step, the class that was asked about and the true one", () => {
  const words = (/** @type {Parameters<typeof made>[0]} */ other, /** @type {string[]} */ classes) =>
    read(made(other), { classes }).summary;
  const classes = ["cat", "dog"];
  assert.equal(words({}, classes), "Step 1,250. What speaks for dog? The network gives it 75 %; it is one.");
  assert.match(words({ truth: array([], [0]) }, classes), /75 %; it is cat\.$/);
  assert.match(words({ truth: array([], [-1]) }, classes), /75 %\.$/);
  assert.equal(words({}, []), "Step 1,250. What speaks for output 2?");
});

describe("what can be asked", () => {
  /** @param {number[]} shape @returns {Description} */
  const dense = (shape) =>
    /** @type {Description} */ (
      /** @type {unknown} */ ({
        input: { name: "input", shape },
        nodes: [{ name: "linear1", kind: "linear", role: "dense", inputs: ["input"], shape: [4] }],
        outputs: ["linear1"],
      })
    );

  test("are the methods that say something of this network", () => {
    const possible = possibleMethods({ description: dense([1, 8, 8]), catalog: {} });
    assert.deepEqual(possible, ["saliency", "integrated_gradients", "smooth_grad"]);
    assert.deepEqual(possibleMethods({ description: null, catalog: {} }), []);
  });

  test("is nothing where samples are no pictures, or nothing is known", () => {
    assert.equal(refusal({ description: dense([1, 8, 8]), catalog: {} }), null);
    assert.match(present(refusal({ description: dense([2]), catalog: {} })), /mark places of a sample/);
    assert.match(present(refusal({ description: null, catalog: {} })), /not known yet/);
  });
});
