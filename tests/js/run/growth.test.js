import assert from "node:assert/strict";
import { test } from "node:test";

import { growthOf } from "../../../static/run/growth.js";

/** @import { Catalog, Experiment } from "../../../static/types.d.ts" */

const CATALOG = /** @type {Catalog} */ (
  /** @type {unknown} */ ({
    layers: [
      { kind: "linear", label: "Dense", size_option: "units" },
      { kind: "convolution", label: "Convolution", size_option: "filters" },
    ],
    activations: [{ kind: "tanh", label: "Tanh", folds: true }],
  })
);

/** @param {number} units @param {number} filters */
const network = (units, filters) =>
  /** @type {Experiment} */ (
    /** @type {unknown} */ ({
      network: [
        { kind: "linear", name: "linear1", inputs: null, units },
        { kind: "tanh", name: "tanh1", inputs: null },
        {
          kind: "residual",
          name: "residual1",
          inputs: null,
          body: [{ kind: "convolution", name: "convolution1", inputs: null, filters }],
        },
        { kind: "linear", name: "output", inputs: null, units: null },
      ],
    })
  );

/** @param {[number, number]} before @param {[number, number]} after @param {object} answer */
const told = (before, after, answer) =>
  growthOf(CATALOG, network(...before), network(...after), /** @type {any} */ (answer));

test("a layer that grows says which units start anew, and how many are kept", () => {
  assert.deepEqual(told([8, 4], [9, 4], { new: [], resized: ["linear1", "output"] }), {
    message: "Unit 9 of tanh 1 starts anew; 8 kept.",
    fresh: [{ column: "tanh1", units: [8] }],
  });
  assert.deepEqual(told([8, 4], [8, 7], { new: [], resized: ["residual1.convolution1"] }), {
    message: "Filters 5 to 7 of residual 1.convolution 1 start anew; 4 kept.",
    fresh: [{ column: "residual1.convolution1", units: [4, 5, 6] }],
  });
});

test("a layer that shrinks says what is gone", () => {
  const { message, fresh } = told([8, 4], [6, 4], { new: [], resized: ["linear1", "output"] });
  assert.deepEqual([message, fresh], ["Units 7 to 8 of tanh 1 are gone; 6 kept.", []]);
});

test("a layer whose weights fit no more says so, and one that was added says nothing", () => {
  assert.equal(
    told([8, 4], [8, 4], { new: ["linear1"], resized: [] }).message.slice(0, 20),
    "linear 1 starts anew",
  );
  assert.equal(told([8, 4], [8, 4], { new: ["fresh"], resized: [] }).message, "");
});

test("units that an undo brought back, and answers without a session, say nothing", () => {
  assert.equal(told([8, 4], [9, 4], { new: [], resized: [] }).message, "");
  assert.equal(told([8, 4], [9, 4], {}).message, "");
});
