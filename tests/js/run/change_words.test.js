import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { editWords, rewindWords, weightWords } from "../../../static/run/change_words.js";
import { withValue } from "../../../static/core/json.js";
import { insertNodes } from "../../../static/network/graph.js";

/** @import { Catalog, Experiment } from "../../../static/types.d.ts" */

const CATALOG = /** @type {Catalog} */ (
  /** @type {unknown} */ ({
    layers: [
      { kind: "linear", label: "Dense", size_option: "units" },
      { kind: "convolution", label: "Convolution", size_option: "filters" },
    ],
    activations: [
      { kind: "tanh", label: "Tanh", folds: true },
      { kind: "relu", label: "ReLU", folds: true },
    ],
    datasets: [{ kind: "circle", label: "Circle" }],
    losses: [{ kind: "hinge", label: "Hinge" }],
    optimizers: [{ kind: "sgd", label: "SGD" }],
    regularizers: [{ kind: "l1", label: "L1" }],
    tasks: [{ kind: "regression", label: "Regression" }],
  })
);

const node = (/** @type {string} */ kind, /** @type {string} */ name, more = {}) => ({
  kind,
  name,
  inputs: null,
  ...more,
});

/** @type {Experiment} */
const BEFORE = {
  version: 1,
  title: "Spiral",
  seed: 0,
  data: { kind: "spiral", noise: 0, features: ["x1", "x2"] },
  task: { kind: "classification", losses: [{ kind: "mse", weight: 1 }] },
  network: [
    node("linear", "linear1", { units: 8, bias: true }),
    node("tanh", "tanh1"),
    node("residual", "residual1", { body: [node("convolution", "convolution1", { filters: 4 })] }),
    node("linear", "output", { units: null }),
  ],
  training: {
    updates: [
      {
        nodes: "*",
        optimizer: { kind: "adam", learning_rate: 0.01 },
        schedule: { kind: "constant" },
        every: 1,
      },
    ],
    regularizers: [],
    stops: [],
    batch_size: 10,
    epochs: 300,
  },
  watch: [],
};

/** @param {[string, any][]} values at pointers */
const changed = (...values) =>
  editWords(
    CATALOG,
    BEFORE,
    values.reduce((experiment, [pointer, value]) => withValue(experiment, pointer, value), BEFORE),
  );

describe("a change in words", () => {
  /** @type {[string, any, string, string][]} */
  const cases = [
    ["/network/0/units", 9, "+1 unit", "add 1 unit to tanh 1"],
    ["/network/0/units", 5, "−3 units", "remove 3 units from tanh 1"],
    ["/network/2/body/0/filters", 6, "+2 filters", "add 2 filters to residual 1.convolution 1"],
    ["/network/0/bias", false, "linear 1, bias off", "linear 1, bias on → off"],
    ["/network/1", node("relu", "relu1"), "Tanh → ReLU", "Tanh → ReLU"],
    ["/network/3/inputs", ["tanh1"], "wires", "wires of output"],
    ["/training/updates/0/optimizer/learning_rate", 0.02, "η 0.02", "learning rate 0.01 → 0.02"],
    ["/training/updates/0/optimizer", { kind: "sgd" }, "optimizer: SGD", "optimizer: SGD"],
    ["/training/batch_size", 20, "batch 20", "batch size 10 → 20"],
    ["/training/epochs", 450, "450 epochs", "epochs 300 → 450"],
    ["/training/regularizers", [{ kind: "l1" }], "+ L1", "add L1"],
    ["/task/losses/0", { kind: "hinge" }, "loss: Hinge", "loss: Hinge"],
    ["/task/losses/0/weight", 2, "loss: Mse, weight 2", "loss: Mse, weight 1 → 2"],
    ["/task", { kind: "regression", losses: [] }, "Regression", "Regression"],
    ["/data/noise", 0.25, "noise 0.25", "noise 0 → 0.25"],
    ["/data/features", ["x1", "x2", "x1_x2"], "+ x₁x₂", "add x₁x₂"],
    ["/data/features", ["x1"], "− x₂", "remove x₂"],
    ["/seed", 3, "seed 3", "seed 3"],
    ["/title", "Mine", "title “Mine”", "title “Mine”"],
    ["/watch", [{ kind: "surface" }], "edit", "edit"],
  ];
  for (const [pointer, value, short, long] of cases) {
    test(`at ${pointer}: ${short}`, () => assert.deepEqual(changed([pointer, value]), { short, long }));
  }

  test("of another data set says nothing of what comes with it", () => {
    const told = changed(["/data", { kind: "circle" }], ["/task/kind", "regression"], ["/network", []]);
    assert.equal(told.long, "data: Circle");
  });

  test("of layers that are added and removed names them", () => {
    const more = insertNodes(BEFORE, "/network", 3, [{ kind: "linear", units: 4 }, { kind: "tanh" }]);
    assert.deepEqual(editWords(CATALOG, BEFORE, more), {
      short: "+ linear 2",
      long: "add linear 2 and tanh 2",
    });
    assert.equal(editWords(CATALOG, more, BEFORE).long, "remove linear 2 and tanh 2");
  });

  test("of several is short of all of them, and long of each", () => {
    const told = changed(["/seed", 3], ["/data/noise", 0.25], ["/training/batch_size", 20]);
    assert.deepEqual(told, { short: "3 changes", long: "noise 0 → 0.25, batch size 10 → 20, seed 3" });
  });

  test("that is not known is an edit", () => {
    assert.equal(editWords(CATALOG, null, BEFORE).short, "edit");
  });

  test("of a weight, and of a way back", () => {
    assert.deepEqual(weightWords({ node: "linear1", index: [1, 0], value: 0.5 }), {
      short: "w 0.5",
      long: "weight of linear 1, unit 2, from 1 set to 0.5",
    });
    assert.equal(weightWords({ node: "a", parameter: "bias", index: [0], value: 1 }).short, "b 1");
    assert.equal(rewindWords(1250).short, "back to step 1,250");
  });
});
