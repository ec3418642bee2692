import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { model } from "../../../../static/panels/dropout_ensemble/model.js";
import { array, frame, present } from "../../support.js";

/** Two masks, and the two outputs of a sample. */
const ARRAYS = {
  masks: array([2], [1, 2]),
  distance: array([2], [0.5, 0.25]),
  ensemble_error: array([2], [0.4, 0.2]),
  mask_error: array([], [0.375]),
  evaluation_error: array([], [0.125]),
  spread_of_masks: array([], [0.5]),
  outputs: array([2, 2], [0.25, 0.75, 0.75, 0.25]),
  evaluation: array([2], [0.5, 0.5]),
};

describe("dropout as an ensemble", () => {
  test("says how far the mean of the masks is from evaluation mode", () => {
    assert.match(
      present(model(frame(ARRAYS), [])).text,
      /^2 masks\. Their mean is 0\.25 from evaluation mode, a single one 0\.5\. .* a mask 0\.375, their mean 0\.2, /,
    );
  });

  test("lists the outputs of the chosen sample by their classes", () => {
    assert.deepEqual(present(model(frame(ARRAYS), ["inside"])).outputs, [
      { name: "inside", evaluation: "0.500", mean: "0.500 ± 0.250" },
      { name: "output 2", evaluation: "0.500", mean: "0.500 ± 0.250" },
    ]);
  });

  test("is nothing where the frame is another study's", () => {
    assert.equal(model(frame({ steps: array([1], [0]) }), []), null);
  });
});
