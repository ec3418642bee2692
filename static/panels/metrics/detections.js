/** What a frame of the probe `metrics` says of a detector: means, each class, and precision against recall. Pure. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { LinePlot } from "../../draw/figure.js" */
/** @import { LegendMark } from "../../widgets/class_legend.js" */
/** @import { EachClass, Figure, Metrics } from "./model.js" */

import { fullNumber, percent, wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { category } from "../../draw/colors.js";
import { nearest } from "../../draw/plot.js";

const TEXTS = texts(import.meta.url, {
  meaning: "The mean over the classes of the area below the curve of precision over recall",
  atOneHalf: "mAP@0.5",
  atTen: "mAP@0.5:0.95",
  objects: "objects",
  averagePrecision: "AP",
  boxes: "boxes",
  mean: "mean",
  areas: "Average precision (AP): the area below each curve, {set} set",
  atRecall: "At recall {recall}: precision, and the score from which on boxes are counted",
  from: "{precision} from {score}",
  notReached: "not reached",
  recall: "recall",
  precision: "precision",
  label: "Precision against recall: {classes}",
  ofClass: "{name} AP {value}",
});

/**
 * @typedef {object} ClassCurve
 * @property {string} name of the class
 * @property {string} color
 * @property {number} area its average precision; NaN without objects
 * @property {Float64Array} recall ascending @property {Float64Array} precision
 * @property {Float64Array} score from which on boxes are counted
 */

/**
 * @typedef {object} Detections
 * @property {Figure[]} figures
 * @property {EachClass} each
 * @property {ClassCurve[]} curves
 * @property {string} label
 */

/** @param {Pick<Frame, "arrays">} frame @param {string[]} classes @returns {Detections | null} */
export function detectionsOf({ arrays }, classes) {
  const numbers = (/** @type {string} */ name) => arrays.get(name)?.data ?? [];
  const areas = numbers("ap");
  if (areas.length === 0 || areas.length !== classes.length) return null;
  const width = arrays.get("curve/recall")?.shape[1] ?? 0;
  const curves = classes.map((name, index) => {
    const row = (/** @type {string} */ of) =>
      Float64Array.from(numbers(of)).subarray(index * width, (index + 1) * width);
    const score = row("curve/score");
    const end = score.findIndex(Number.isNaN);
    const known = (/** @type {Float64Array} */ values) => (end < 0 ? values : values.subarray(0, end));
    return {
      name,
      color: category(index),
      area: areas[index] ?? NaN,
      recall: known(row("curve/recall")),
      precision: known(row("curve/precision")),
      score: known(score),
    };
  });
  const means = /** @type {[string, number][]} */ ([
    [TEXTS.atOneHalf, numbers("map_50")[0] ?? NaN],
    [TEXTS.atTen, numbers("map")[0] ?? NaN],
  ]);
  return {
    figures: means.map(([name, value]) => ({ name, text: share(value), full: fullNumber(value) })),
    each: eachOf(curves, numbers("objects"), numbers("detections"), means[0]?.[1] ?? NaN),
    curves,
    label: TEXTS.label({
      classes: curves.map(({ name, area }) => TEXTS.ofClass({ name, value: share(area) })).join(", "),
    }),
  };
}

/** The metrics of a detector, as those of all answers are shown. @param {Detections} found @returns {Metrics} */
export function metricsOf({ figures, each }) {
  return { figures, meaning: TEXTS.meaning, units: "", matrix: null, each, calibration: null, curves: null };
}

/**
 * @param {ClassCurve[]} curves @param {ArrayLike<number>} objects @param {ArrayLike<number>} boxes
 * @param {number} mean @returns {EachClass}
 */
function eachOf(curves, objects, boxes, mean) {
  const counted = (/** @type {ArrayLike<number>} */ counts) => {
    const all = Array.from(counts);
    return wholeNumber(all.reduce((sum, count) => sum + count, 0));
  };
  return {
    columns: [TEXTS.averagePrecision, TEXTS.objects, TEXTS.boxes],
    rows: curves.map(({ name, area }, index) => [
      name,
      share(area),
      wholeNumber(objects[index] ?? 0),
      wholeNumber(boxes[index] ?? 0),
    ]),
    mean: [TEXTS.mean, share(mean), counted(objects), counted(boxes)],
  };
}

/** A unit axis with room above for a line at its end. */
const UNIT = { low: 0, high: 1.01, log: false };

/** @param {Detections} found @returns {LinePlot} */
export function plotOf({ curves }) {
  return {
    lines: curves
      .filter(({ recall }) => recall.length > 0)
      .map(({ name, color, recall, precision }) => ({ name, color, x: recall, y: precision, width: 1.5 })),
    x: UNIT,
    y: UNIT,
    xLabel: TEXTS.recall,
    yLabel: TEXTS.precision,
  };
}

/**
 * The classes with their areas; under a cursor with what each is there, and from which score on it is so.
 *
 * @param {Detections} found @param {string} set @param {number | null} recall under the cursor
 * @returns {{ caption: string, marks: LegendMark[] }}
 */
export function legendOf({ curves }, set, recall) {
  return {
    caption: recall === null ? TEXTS.areas({ set }) : TEXTS.atRecall({ recall: recall.toFixed(2) }),
    marks: curves.map((curve) => ({
      name: curve.name,
      look: "filled",
      color: curve.color,
      number: recall === null ? share(curve.area) : at(curve, recall),
    })),
  };
}

/** @param {ClassCurve} curve @param {number} recall */
function at(curve, recall) {
  if (recall > (curve.recall.at(-1) ?? -1)) return TEXTS.notReached;
  const place = nearest(curve.recall, recall);
  return TEXTS.from({
    precision: (curve.precision[place] ?? NaN).toFixed(2),
    score: (curve.score[place] ?? NaN).toFixed(2),
  });
}

/** @param {number} value */
const share = (value) => (Number.isNaN(value) ? "–" : percent(value));
