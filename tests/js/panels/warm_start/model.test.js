import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { model } from "../../../../static/panels/warm_start/model.js";
import { array, frame, present } from "../../support.js";

const ARRAYS = {
  steps: array([3], [0, 10, 20]),
  before: array([], [10]),
  "cold.train_loss": array([3], [0.75, 0.75, 0.75]),
  "cold.test_loss": array([3], [0.75, 0.75, 0.75]),
  "cold.taken": array([], [0]),
  "layer_wise.train_loss": array([3], [NaN, 0.5, 0.25]),
};

describe("warm starts", () => {
  test("have a curve for each start that has begun, and the series there are", () => {
    const { curves, series } = present(model(frame(ARRAYS), "train_loss"));
    assert.deepEqual(
      curves.map(({ id }) => id),
      ["cold", "layer_wise"],
    );
    assert.deepEqual(series, ["train_loss", "test_loss"]);
  });

  test("say how many steps were before, and what each came to", () => {
    assert.equal(
      present(model(frame(ARRAYS), "train_loss")).text,
      "Of the 20 steps, 10 are pre-training. At the end: cold start 0.75, layer-wise pre-training 0.25.",
    );
  });

  test("say nothing of a frame without them", () => {
    assert.equal(model(frame({ steps: array([1], [0]) }), "train_loss"), null);
  });
});
