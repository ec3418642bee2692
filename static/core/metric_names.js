/** What the metrics of a run, and the sets that they are of, are called. */

import { sentenceCase } from "./format.js";
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
});

/** @type {Record<string, string>} */
const SETS = texts(import.meta.url, { train: "train", validation: "validation", test: "test" });

/** A set of samples in words. @param {string} set */
export const setName = (set) => SETS[set] ?? set;

/** A metric in words; one of a plug-in, by its own name. @param {string} name */
export const metricName = (name) => NAMES[name] ?? sentenceCase(name);
