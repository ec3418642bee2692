import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { model } from "../../../../static/panels/resamples/model.js";
import { array, frame, present } from "../../support.js";

/** Three networks at two rows, of which the last is not yet trained. */
const ARRAYS = {
  steps: array([2], [0, 10]),
  train_loss: array([3, 2], [0.75, 0.125, 0.75, 0.375, NaN, NaN]),
  test_loss: array([3, 2], [0.8, 0.5, 0.8, 0.7, NaN, NaN]),
  squared_bias: array([2], [0.5, 0.25]),
  variance: array([2], [0, 0.125]),
  error: array([2], [0.5, 0.375]),
  trained: array([], [2]),
  diverged: array([], [0]),
  known: array([], [1]),
};

describe("networks trained on resamples", () => {
  test("have a mean loss in a band from the least to the greatest, of those that are there", () => {
    const { losses } = present(model(frame(ARRAYS)));
    assert.deepEqual(
      [...losses.train.mean, ...losses.train.low, ...losses.train.high],
      [0.75, 0.25, 0.75, 0.125, 0.75, 0.375],
    );
  });

  test("say bias, variance and error, and what the bias includes", () => {
    assert.equal(
      present(model(frame(ARRAYS))).text,
      "2 networks trained. Squared bias 0.25, variance 0.125: error 0.375.",
    );
    const unknown = present(model(frame({ ...ARRAYS, known: array([], [0]), diverged: array([], [1]) })));
    assert.equal(
      unknown.text,
      "2 networks trained. 1 diverged and is left out. Squared bias and noise 0.25, variance 0.125: error 0.375.",
    );
  });

  test("say nothing of numbers that are not there yet", () => {
    assert.equal(present(model(frame({ ...ARRAYS, trained: array([], [0]) }))).text, "0 networks trained.");
    assert.equal(model(frame({ steps: array([1], [0]) })), null);
  });
});
