/** When it is offered to keep samples for validation. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { lacksValidation } from "../../../static/page/validation_offer.js";

/** @import { Experiment } from "../../../static/types.d.ts" */

/** @param {number} share @param {string} metric */
const wanted = (share, metric) =>
  /** @type {Experiment} */ (
    /** @type {unknown} */ ({
      data: { kind: "circle", validation_share: share },
      training: { stops: [{ kind: "early_stopping", metric }] },
    })
  );

/** @param {string} pointer */
const at = (pointer) => [{ pointer, message: "refused" }];

describe("keeping samples for validation is offered", () => {
  const metric = "/training/stops/0/metric";

  test("where a metric of the empty validation set was refused", () => {
    assert.equal(lacksValidation(at(metric), wanted(0, "validation_loss")), true);
  });

  test("not where samples are kept, another metric was refused, or something else", () => {
    assert.equal(lacksValidation(at(metric), wanted(0.2, "validation_loss")), false);
    assert.equal(lacksValidation(at(metric), wanted(0, "test_loss")), false);
    assert.equal(lacksValidation(at("/data"), wanted(0, "validation_loss")), false);
    assert.equal(lacksValidation([], wanted(0, "validation_loss")), false);
  });
});
