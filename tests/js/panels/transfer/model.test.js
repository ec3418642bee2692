import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { model } from "../../../../static/panels/transfer/model.js";
import { array, frame, present } from "../../support.js";

const ARRAYS = {
  steps: array([5], [0, 1, 2, 3, 4]),
  "scratch.test_loss": array([5], [2, 1.5, 1.25, 1, 1]),
  "features.test_loss": array([5], [3, 1.75, 1.6, 1.5, 1.5]),
  "fine_tuning.test_loss": array([5], [3, 1, 0.5, 0.25, 0.25]),
};

describe("transfer", () => {
  test("has a curve for each way and says which signs of a transfer it has", () => {
    const { curves, series, text } = present(model(frame(ARRAYS), "test_loss"));
    assert.deepEqual(
      curves.map(({ id }) => id),
      ["scratch", "features", "fine_tuning"],
    );
    assert.deepEqual(series, ["test_loss"]);
    assert.equal(
      text,
      "Beside training from scratch: feature extraction has none of the three signs; fine-tuning has a better " +
        "start, a steeper slope, a better end.",
    );
  });

  test("says nothing before a training has ended", () => {
    const begun = { ...ARRAYS, "scratch.test_loss": array([5], [2, NaN, NaN, NaN, NaN]) };
    assert.equal(
      present(
        model(frame({ steps: begun.steps, "scratch.test_loss": begun["scratch.test_loss"] }), "test_loss"),
      ).text,
      "",
    );
  });
});
