import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { epochAt, firstRowOf, marksOf, metricOf } from "../../../../static/panels/evaluation/model.js";

/** @import { Catalog, Experiment } from "../../../../static/types.d.ts" */

const CATALOG = /** @type {Catalog} */ (
  /** @type {unknown} */ ({
    tasks: [
      { kind: "classification", metric: "accuracy" },
      { kind: "regression", metric: "absolute_error" },
    ],
  })
);

const METRICS = ["accuracy", "absolute_error"];

/** @param {Record<string, number[]>} columns */
const rows = (columns) => {
  const known = new Map(Object.entries(columns).map(([name, each]) => [name, Float64Array.from(each)]));
  return { columns: known, values: (/** @type {string} */ name) => known.get(name) ?? new Float64Array() };
};

test("the metric is the task's, whatever rows there are", () => {
  const of = (/** @type {string} */ kind) =>
    metricOf(CATALOG, /** @type {Experiment} */ (/** @type {unknown} */ ({ task: { kind } })));
  assert.deepEqual([of("classification"), of("regression"), of("unknown")], [METRICS[0], METRICS[1], null]);
  assert.equal(metricOf(CATALOG, null), null);
});

describe("the rows of the present task", () => {
  const both = rows({
    test_loss: [1, 2, 3, 4, 5],
    test_accuracy: [0.5, 0.6, NaN, NaN, 0.7],
    test_absolute_error: [NaN, NaN, 2, 1, NaN],
  });

  test("begin behind the last of another task", () => {
    assert.equal(firstRowOf(both, "accuracy", METRICS), 4);
    const first = rows({ test_accuracy: [0.5, NaN, NaN], test_absolute_error: [NaN, 2, 1] });
    assert.equal(firstRowOf(first, "absolute_error", METRICS), 1);
  });

  test("are none where the task has just been changed", () => {
    assert.equal(firstRowOf(rows({ test_accuracy: [0.5, 0.6] }), "absolute_error", METRICS), 2);
  });

  test("are all where there was no other, divergence included", () => {
    const diverged = rows({ test_loss: [1, NaN], test_accuracy: [0.5, NaN] });
    assert.equal(firstRowOf(diverged, "accuracy", METRICS), 0);
  });
});

test("a change stands at the epoch of its step, between the rows around it", () => {
  const [steps, epochs] = [Float64Array.of(0, 10, 20, 40), Float64Array.of(0, 1, 2, 3)];
  assert.deepEqual(
    [0, 5, 20, 30, 40, 60].map((step) => epochAt(steps, epochs, step)),
    [0, 0.5, 2, 2.5, 3, 4],
  );
  assert.equal(epochAt(Float64Array.of(), Float64Array.of(), 5), 0);
  assert.deepEqual(marksOf([{ type: "edit", step: 5, life: 0, short: "+1", long: "add" }], steps, epochs), [
    { x: 0.5, short: "+1", long: "step 5: add" },
  ]);
});
