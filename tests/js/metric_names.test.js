/** Metrics are called as the field writes them, at the head of a panel and within a sentence. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { isShare, isSpelled, metricInText, metricName } from "../../static/core/metric_names.js";

/** @type {[string, string, string][]} */
const NAMES = [
  ["accuracy", "Accuracy", "accuracy"],
  ["map_50", "mAP@0.5", "mAP@0.5"],
  ["mean_iou", "Mean IoU", "mean IoU"],
  ["test_map_50", "Test mAP@0.5", "test mAP@0.5"],
  ["train_mean_iou", "Train mean IoU", "train mean IoU"],
  ["validation_loss", "Validation loss", "validation loss"],
  ["absolute_error", "Absolute error", "absolute error"],
];

for (const [name, title, words] of NAMES)
  test(`${name} is called ${title}`, () => {
    assert.equal(metricName(name), title);
    assert.equal(metricInText(name), words);
  });

test("a name with capitals of its own is written so everywhere", () => {
  assert.deepEqual(
    ["map_50", "mean_iou", "accuracy"].map((name) => isSpelled(metricName(name))),
    [true, true, false],
  );
});

test("what cannot be above 1 is drawn up to 1", () => {
  assert.deepEqual(["accuracy", "map_50", "absolute_error"].map(isShare), [true, true, false]);
});
