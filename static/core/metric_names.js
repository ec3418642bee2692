/** What the metrics of a run, and the sets that they are of, are called. */

import { capital, sentenceCase } from "./format.js";
import { texts } from "./texts.js";

/** @type {Record<string, string>} */
const NAMES = texts(import.meta.url, {
  accuracy: "Accuracy",
  error: "Error",
  loss: "Loss",
  train_loss: "Train loss",
  validation_loss: "Validation loss",
  test_loss: "Test loss",
  train_accuracy: "Train accuracy",
  validation_accuracy: "Validation accuracy",
  test_accuracy: "Test accuracy",
  map_50: "mAP@0.5",
  map: "mAP@0.5:0.95",
  mean_iou: "Mean IoU",
});

const TEXTS = texts(import.meta.url, { inSet: "{set} {metric}" });

/** @type {Record<string, string>} */
const SETS = texts(import.meta.url, { train: "train", validation: "validation", test: "test" });

/** A set of samples in words. @param {string} set */
export const setName = (set) => SETS[set] ?? set;

/** Metrics that are shares of a whole: none is below 0 or above 1. */
const SHARES = new Set(["accuracy", "map_50", "map", "mean_iou"]);

/** Whether a metric is a share of a whole. @param {string} name */
export const isShare = (name) => SHARES.has(name);

/**
 * A metric in words, also of one set; one of a plug-in, by its own name.
 *
 * @param {string} name @returns {string}
 */
export function metricName(name) {
  const [, set = "", metric = ""] = /^(train|validation|test)_(.+)$/.exec(name) ?? [];
  const known = NAMES[name];
  if (known || !set) return known ?? sentenceCase(name);
  return TEXTS.inSet({ set: capital(setName(set)), metric: metricInText(metric) });
}

/** Whether a name has capitals within, such as mAP: it is written so everywhere. @param {string} name in words */
export const isSpelled = (name) => /\p{Ll}\p{Lu}/u.test(name);

/** A metric within a sentence. @param {string} name */
export function metricInText(name) {
  const words = metricName(name);
  return isSpelled(words) ? words.charAt(0).toLowerCase() + words.slice(1) : words.toLowerCase();
}
