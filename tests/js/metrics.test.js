import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { errorUnits } from "../../static/panels/metrics.js";

describe("the units of errors", () => {
  test("are the target's own, and standardised ones as trained on", () => {
    assert.equal(
      errorUnits({ mse: 0.5741, mae: 0.5882, unit: 76.77 }),
      "In the target's own units. As trained on, in standardised values, where 1 is 76.8 of them: " +
        "MSE 0.574, MAE 0.588.",
    );
  });

  test("are one where targets are trained on as they are", () => {
    assert.equal(
      errorUnits({ mse: 0.25, mae: 0.5, unit: 1 }),
      "In the target's own units, which are trained on as they are: MSE 0.25, MAE 0.5.",
    );
  });
});
