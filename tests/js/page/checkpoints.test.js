/** The checkpoints of a run in words. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { rowsOf } from "../../../static/page/checkpoints/model.js";

/** @param {string} name @param {number} step @param {object} [more] */
const kept = (name, step, more = {}) => ({
  name,
  step,
  epoch: step / 10,
  time: 0,
  metrics: {},
  life: 0,
  ...more,
});

test("the newest life comes first, and in it the latest step", () => {
  const rows = rowsOf([kept("best", 90), kept("latest", 40, { life: 1 }), kept("before_rewind", 120)]);
  assert.deepEqual(
    rows.map(({ name }) => name),
    ["latest", "before_rewind", "best"],
  );
  assert.equal(rows[0]?.place, "step 40, epoch 4");
});

test("each kind of checkpoint is called by what it is", () => {
  const named = {
    least_rate_3: "Least rate, cycle 3",
    best: "Best",
    "best-400": "Best of a stop",
    before_reset: "Before starting over",
    before_reset_2: "Before starting over",
    before_rewind_1: "Before going back",
    last_finite: "Last finite",
    "race7-2": "Of a race",
    my_own: "my own",
  };
  for (const [name, label] of Object.entries(named)) {
    const [row] = rowsOf([kept(name, 1)]);
    assert.equal(row?.label, label);
    assert.match(row?.words ?? "", /\.$/);
  }
});

test("losses come before accuracies, and what was not measured is left out", () => {
  const metrics = { test_accuracy: 0.5, train_loss: 0.25, test_loss: 0.75 };
  assert.equal(
    rowsOf([kept("best", 1, { metrics })])[0]?.measured,
    "loss: train 0.25, test 0.75 · accuracy: test 0.5",
  );
  assert.equal(rowsOf([kept("best", 1)])[0]?.measured, "");
});
