import assert from "node:assert/strict";
import { test } from "node:test";

import { outline } from "../../../../static/draw/ridges.js";
import { axisOf, model } from "../../../../static/panels/histograms/model.js";

const NODES = [{ name: "linear1" }, { name: "tanh1" }];

/** @param {Record<string, number[]>} [given] two nodes at two steps, four bins */
function frame(given = {}) {
  const rows = {
    steps: [0, 7],
    "activation.counts": [1, 2, 3, 4, 4, 3, 2, 1, 0, 0, 10, 0, 5, 0, 0, 5],
    "activation.range": [-1, 1, 0, 2, -3, 1, 0, 1],
    "activation.mean": [0, 1, -1, 0.5],
    "activation.std": [0.5, 0.5, 1, 0.25],
    "activation.broken": [0, 0, 0, 0],
    ...given,
  };
  const shapes = { "activation.counts": [2, 2, 4] };
  const arrays = Object.entries(rows).map(([name, data]) => [
    name,
    {
      data: Float32Array.from(data),
      shape: shapes[/** @type {"activation.counts"} */ (name)] ?? [data.length],
    },
  ]);
  return /** @type {any} */ ({ arrays: new Map(/** @type {any} */ (arrays)) });
}

test("each node has its ridges in the order of the steps, on one axis", () => {
  const [first, second] = model(frame(), NODES, "activation") ?? [];
  assert.equal(first?.name, "linear 1");
  assert.deepEqual(
    first?.ridges.map(({ step, counts }) => [step, counts]),
    [
      [0, [1, 2, 3, 4]],
      [7, [0, 0, 10, 0]],
    ],
  );
  assert.deepEqual([first?.low, first?.high], [-3, 1]);
  assert.deepEqual([second?.low, second?.high], [0, 2]);
  assert.equal(first?.summary, "mean −1, standard deviation 1");
  assert.equal(first?.label, "linear 1, steps 0 to 7: mean −1, standard deviation 1");
});

test("numbers that are all equal, and those that are not finite, are told", () => {
  const [first, second] =
    model(
      frame({
        "activation.range": [-1, 1, 0, 2, 0, 0, NaN, NaN],
        "activation.broken": [0, 0, 0.25, 1],
      }),
      NODES,
      "activation",
    ) ?? [];
  assert.equal(first?.summary, "all 0; 25 % not finite");
  assert.equal(second?.summary, "no finite number");
});

test("there is nothing before the first row, and of another network's nodes", () => {
  assert.equal(model(frame(), NODES.slice(1), "activation"), null);
  assert.equal(model(frame(), NODES, "gradient"), null);
});

test("an axis has a width where no number differs", () => {
  const ridge = { step: 0, low: 2, high: 2, counts: [4] };
  assert.deepEqual(axisOf([ridge]), [1, 3]);
  assert.deepEqual(axisOf([{ ...ridge, low: 0, high: 0 }]), [-0.5, 0.5]);
  assert.deepEqual(axisOf([{ ...ridge, low: NaN, high: NaN }]), [-0.5, 0.5]);
});

test("a ridge stands where its bins are, and its highest bin is as high as that of the others", () => {
  const ridge = { step: 1, low: 1, high: 3, counts: [1, 4, 2, 0] };
  assert.deepEqual(outline(ridge, { low: 0, high: 4 }), [
    [0.3125, 0.25],
    [0.4375, 1],
    [0.5625, 0.5],
    [0.6875, 0],
  ]);
  assert.deepEqual(outline({ ...ridge, low: 2, high: 2 }, { low: 0, high: 4 }), [[0.5, 1]]);
  assert.deepEqual(outline({ ...ridge, low: NaN, high: NaN, counts: [0, 0] }, { low: 0, high: 4 }), []);
});
