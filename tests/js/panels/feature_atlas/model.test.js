import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { model } from "../../../../static/panels/feature_atlas/model.js";
import { array, frame } from "../../support.js";

/** @import { DescribedNode, Description } from "../../../../static/types.d.ts" */

/** @param {Partial<DescribedNode>} known */
const node = (known) => /** @type {DescribedNode} */ ({ receptive_field: null, ...known });

const DESCRIPTION = /** @type {Description} */ ({
  nodes: [
    node({ name: "conv1", shape: [1200, 8, 8], receptive_field: [3, 3] }),
    node({ name: "relu1", shape: [1200, 8, 8], receptive_field: [3, 3] }),
    node({ name: "output", shape: [10] }),
  ],
});

/** @param {string} name @param {number[]} channels */
const wall = (name, channels) =>
  Object.fromEntries(
    ["images", "positions", "steps", "values", "targets", "boxes", "projections.range", "patches", "dead"]
      .map((each) => /** @type {const} */ ([`${name}/${each}`, array([1], [0])]))
      .concat([
        [`${name}/channels`, array([channels.length], channels)],
        [`${name}/projections`, array([channels.length, 9, 1, 3, 3], [])],
      ]),
  );

describe("the layers of an atlas", () => {
  test("stand in the order in which they were searched, those alone that were", () => {
    const found = model(frame({ layers: array([2], [1, 2]), ...wall("relu1", [0]) }), DESCRIPTION);
    assert.deepEqual(
      found.map((layer) => layer.node),
      ["relu1"],
    );
  });

  test("say how many maps they have, how many are dead, and what each sees", () => {
    const arrays = { layers: array([1], [1]), ...wall("relu1", [4, 7]), "relu1/dead": array([1], [3]) };
    const [layer] = model(frame(arrays), DESCRIPTION);
    assert.equal(layer?.title, "relu 1: 1,200 maps, 3 dead, each sees 3 × 3 px");
    assert.deepEqual(layer?.labels, [
      "Map 5 of relu 1: projections beside patches",
      "Map 8 of relu 1: projections beside patches",
    ]);
    assert.equal(layer?.wall.count, 9);
  });

  test("say units, and nothing of a field, where there are no maps", () => {
    const [layer] = model(frame({ layers: array([1], [2]), ...wall("output", [0]) }), DESCRIPTION);
    assert.equal(layer?.title, "output: 10 units");
  });

  test("are none before the first is done", () => {
    assert.deepEqual(model(frame({}), DESCRIPTION), []);
  });
});
