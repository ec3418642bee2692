/** What a frame of the probe `metrics` says of a set: numbers, the matrix, each class, calibration and curves. */

/** @import { Frame, Tensor } from "../../types.d.ts" */

import {
  fullNumber,
  percent,
  shareNumber,
  shortNumber,
  steadyNumber,
  wholeNumber,
} from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { MAX_CLASSES } from "../confusion_matrix/model.js";

const TEXTS = texts(import.meta.url, {
  precisionRecallF1: "Precision, recall and F1 are means over the classes (macro)",
  theSecondClass: "the second class",
  targetsOwnUnits: "In the target's own units, which are trained on as they are: {trained}.",
  targetsOwnUnitsTrained: [
    "In the target's own units. As trained on, in standardised values, where 1 is {unit} of them:",
    "{trained}.",
  ],
  rowsTrueClass: "Rows: the true class. Columns: what the network says. A cell opens its examples.",
  rowsTrueClassPixels: "Rows are the true class, columns what the network says, in pixels.",
  iouIsOverlap: "IoU: the pixels in both areas, the true and the said one, over those in either",
  mean: "mean",
  macro: "macro",
  accuracy: "accuracy",
  precision: "precision",
  recall: "recall",
  f1: "F1",
  samples: "samples",
  meanIou: "mean IoU",
  iou: "IoU",
  pixelAccuracy: "pixel accuracy",
  pixels: "pixels",
  classesTooMany: "{classes} classes are too many for a table of them.",
  sureRightOf: "sure {sure} %: right {value} of {counts}",
  answersSureHow: [
    "Of answers that are so sure, how many are right: on the diagonal it knows what it knows.",
    "Expected calibration error {error} on the {set} set.",
  ],
  trueAgainstFalse: "True against false positives for {name}. Area {roc}",
  rocArea: "True against false positives: area {roc}",
  precisionAgainstRecall: "Precision against recall for {name}. Average precision {precision}",
  precisionRecallArea: "Precision against recall: area {precision}",
});

/** @typedef {{ name: string, text: string, full: string }} Figure a number and its full value */

/**
 * @typedef {object} EachClass
 * @property {string[]} columns
 * @property {string[][]} rows a class and its scores, one for each column
 * @property {string[]} mean over the classes
 */

/**
 * @typedef {object} Calibration
 * @property {{ height: number, weight: number }[]} bars accuracy by confidence, NaN where no answer is so sure;
 * the weight is 1 for the bin with most answers
 * @property {string} summary
 * @property {string} label
 */

/**
 * @typedef {object} Curve
 * @property {Float64Array} x
 * @property {Float64Array} y
 * @property {boolean} diagonal whether chance is the diagonal
 * @property {string} summary
 * @property {string} label
 */

/**
 * @typedef {object} Metrics
 * @property {Figure[]} figures
 * @property {string} meaning of the figures; may be empty
 * @property {string} units of errors; empty where answers are classes
 * @property {{ counts: Tensor, readable: boolean, note: string } | null} matrix
 * @property {EachClass | null} each
 * @property {Calibration | null} calibration
 * @property {{ roc: Curve, precision: Curve } | null} curves of two classes
 */

/** @typedef {(name: string) => number} One the only number of an array; NaN where it is missing */

/** @param {Pick<Frame, "arrays">} frame @param {{ set: string, classes: string[] }} judged @returns {Metrics} */
export function model(frame, { set, classes }) {
  /** @type {One} */
  const one = (name) => frame.arrays.get(name)?.data[0] ?? NaN;
  const counts = frame.arrays.get("confusion")?.data;
  const overlaps = frame.arrays.has("iou");
  const square = counts !== undefined && counts.length === classes.length ** 2;
  return {
    figures: counts ? (overlaps ? pixelScoresOf(one) : scoresOf(frame, one)) : errorsOf(one),
    meaning: counts ? (overlaps ? TEXTS.iouIsOverlap : TEXTS.precisionRecallF1) : "",
    units: counts ? "" : errorUnits({ mse: one("mse"), mae: one("mae"), unit: one("unit") }),
    matrix: square ? { counts, ...readableOf(classes.length, overlaps) } : null,
    each: square ? (overlaps ? overlapOfEach(frame, classes) : eachOf(frame, classes, one("samples"))) : null,
    calibration: square && !overlaps ? calibrationOf(frame, set, one("calibration/error")) : null,
    curves: frame.arrays.has("roc/area") ? curvesOf(frame, classes[1] ?? TEXTS.theSecondClass, one) : null,
  };
}

/** @param {Pick<Frame, "arrays">} frame @param {One} one @returns {Figure[]} */
function scoresOf({ arrays }, one) {
  const [precision = NaN, recall = NaN, f1 = NaN] = arrays.get("macro")?.data ?? [];
  const scores = /** @type {[string, number][]} */ ([
    [TEXTS.accuracy, one("accuracy")],
    [TEXTS.precision, precision],
    [TEXTS.recall, recall],
    [TEXTS.f1, f1],
  ]);
  return scores.map(([name, value]) => ({
    name,
    text: shareNumber(value, one("samples")),
    full: fullNumber(value),
  }));
}

/** @param {One} one @returns {Figure[]} */
function pixelScoresOf(one) {
  const scores = /** @type {[string, number][]} */ ([
    [TEXTS.meanIou, one("mean_iou")],
    [TEXTS.pixelAccuracy, one("pixel_accuracy")],
  ]);
  return scores.map(([name, value]) => ({
    name,
    text: percent(value),
    full: fullNumber(value),
  }));
}

/** @param {One} one @returns {Figure[]} */
function errorsOf(one) {
  const errors = { RMSE: one("rmse.original"), MAE: one("mae.original"), "R²": one("r2") };
  return Object.entries(errors).map(([name, value]) => ({
    name,
    text: shortNumber(value),
    full: fullNumber(value),
  }));
}

/**
 * In which units errors are, and what they are as trained on.
 *
 * @param {{ mse: number, mae: number, unit: number }} errors as trained on, and how much of the target's own
 * units 1 is there
 */
export function errorUnits({ mse, mae, unit }) {
  const trained = `MSE ${shortNumber(mse)}, MAE ${shortNumber(mae)}`;
  if (unit === 1) return TEXTS.targetsOwnUnits({ trained });
  return TEXTS.targetsOwnUnitsTrained({ unit: shortNumber(unit), trained });
}

/**
 * Whether a matrix of so many classes can be read, and what is said below it.
 *
 * @param {number} classes @param {boolean} pixels whether it counts them
 */
function readableOf(classes, pixels) {
  const readable = classes <= MAX_CLASSES;
  const rows = pixels ? TEXTS.rowsTrueClassPixels : TEXTS.rowsTrueClass;
  const note = readable ? rows : TEXTS.classesTooMany({ classes });
  return { readable, note };
}

/**
 * @param {Pick<Frame, "arrays">} frame @param {string[]} classes @param {number} samples of the set
 * @returns {EachClass}
 */
function eachOf({ arrays }, classes, samples) {
  const scores = ["precision", "recall", "f1"].map((name) => arrays.get(name)?.data);
  const [support, macro] = [arrays.get("support")?.data, arrays.get("macro")?.data];
  const rows = classes.map((name, index) => {
    const own = scores.map((score) => shareNumber(score?.[index] ?? NaN, support?.[index] ?? 1));
    return [name, ...own, wholeNumber(support?.[index] ?? 0)];
  });
  const known = Number.isNaN(samples) ? 1 : samples;
  const means = scores.map((_, index) => shareNumber(macro?.[index] ?? NaN, known));
  return {
    columns: [TEXTS.precision, TEXTS.recall, TEXTS.f1, TEXTS.samples],
    rows,
    mean: [TEXTS.macro, ...means, wholeNumber(Number.isNaN(samples) ? 0 : samples)],
  };
}

/** @param {Pick<Frame, "arrays">} frame @param {string[]} classes @returns {EachClass} */
function overlapOfEach({ arrays }, classes) {
  const [overlap, support] = [arrays.get("iou")?.data, arrays.get("support")?.data];
  const rows = classes.map((name, index) => {
    const own = overlap?.[index] ?? NaN;
    return [name, Number.isNaN(own) ? "–" : percent(own), wholeNumber(support?.[index] ?? 0)];
  });
  const pixels = Array.from(support ?? []).reduce((sum, count) => sum + count, 0);
  const mean = arrays.get("mean_iou")?.data[0] ?? NaN;
  return { columns: [TEXTS.iou, TEXTS.pixels], rows, mean: [TEXTS.mean, percent(mean), wholeNumber(pixels)] };
}

/**
 * @param {Pick<Frame, "arrays">} frame @param {string} set @param {number} error @returns {Calibration}
 */
function calibrationOf({ arrays }, set, error) {
  const accuracy = Array.from(arrays.get("calibration/accuracy")?.data ?? []);
  const counts = Array.from(arrays.get("calibration/count")?.data ?? []);
  const most = Math.max(1, ...counts);
  const sure = (/** @type {number} */ bin) => Math.round((100 * (bin + 0.5)) / accuracy.length);
  const labels = accuracy.map((value, bin) =>
    Number.isNaN(value)
      ? ""
      : TEXTS.sureRightOf({ sure: sure(bin), value: percent(value), counts: counts[bin] ?? "" }),
  );
  return {
    bars: accuracy.map((height, bin) => ({ height, weight: (counts[bin] ?? 0) / most })),
    summary: TEXTS.answersSureHow({ error: steadyNumber(error, 3), set }),
    label: labels.filter(Boolean).join("; "),
  };
}

/** @param {Pick<Frame, "arrays">} frame @param {string} name of the class @param {One} one */
function curvesOf({ arrays }, name, one) {
  const points = (/** @type {string} */ array) => Float64Array.from(arrays.get(array)?.data ?? []);
  const [roc, precision] = [one("roc/area"), one("recall_precision/area")];
  return {
    roc: {
      x: points("roc/x"),
      y: points("roc/y"),
      diagonal: true,
      summary: TEXTS.trueAgainstFalse({ name, roc: steadyNumber(roc, 3) }),
      label: TEXTS.rocArea({ roc: shortNumber(roc) }),
    },
    precision: {
      x: points("recall_precision/x"),
      y: points("recall_precision/y"),
      diagonal: false,
      summary: TEXTS.precisionAgainstRecall({ name, precision: steadyNumber(precision, 3) }),
      label: TEXTS.precisionRecallArea({ precision: shortNumber(precision) }),
    },
  };
}
