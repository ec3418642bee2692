/** What a frame of the study `dropout_ensemble` says: distances and errors by masks, a sample's outputs. */

/** @import { Frame } from "../../types.d.ts" */

import { shortNumber, steadyNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  masks: { one: "{count} mask.", other: "{count} masks." },
  compared: [
    "Their mean is {distance} from evaluation mode, a single one {single}. Squared error on the test set: a mask",
    "{mask}, their mean {mean}, evaluation mode {evaluation}.",
  ],
  output: "output {number}",
});

/** As many outputs as can be read. */
const MOST = 10;

/**
 * @typedef {object} Ensemble
 * @property {Float64Array} masks 1, 2, …
 * @property {Float64Array} distance of the mean of so many masks from evaluation mode
 * @property {Float64Array} error of that mean
 * @property {number} maskError of single masks, their mean
 * @property {number} evaluationError
 * @property {{ name: string, evaluation: string, mean: string }[]} outputs of the chosen sample
 * @property {string} text
 */

/**
 * @param {Pick<Frame, "arrays">} frame @param {readonly string[]} classes names of the outputs, if they are classes
 * @returns {Ensemble | null} null where it is another study's
 */
export function model({ arrays }, classes) {
  const column = (/** @type {string} */ name) => Float64Array.from(arrays.get(name)?.data ?? []);
  const number = (/** @type {string} */ name) => Number(arrays.get(name)?.data[0] ?? NaN);
  const [masks, distance, error] = [column("masks"), column("distance"), column("ensemble_error")];
  if (masks.length === 0 || distance.length === 0) return null;
  const [maskError, evaluationError] = [number("mask_error"), number("evaluation_error")];
  const compared = TEXTS.compared({
    distance: shortNumber(distance.at(-1) ?? NaN),
    single: shortNumber(number("spread_of_masks")),
    mask: shortNumber(maskError),
    mean: shortNumber(error.at(-1) ?? NaN),
    evaluation: shortNumber(evaluationError),
  });
  return {
    ...{ masks, distance, error, maskError, evaluationError },
    outputs: outputsOf(column("outputs"), column("evaluation"), classes),
    text: `${TEXTS.masks({ count: masks.length })} ${compared}`,
  };
}

/**
 * Of each output what it is in evaluation mode, and the mean of the masks with their standard deviation.
 *
 * @param {Float64Array} each (masks, k) @param {Float64Array} evaluation (k,) @param {readonly string[]} classes
 */
function outputsOf(each, evaluation, classes) {
  const [k, masks] = [evaluation.length, each.length / evaluation.length];
  return Array.from({ length: Math.min(k, MOST) }, (_, index) => {
    const values = Array.from({ length: masks }, (__, mask) => each[mask * k + index] ?? NaN);
    const mean = values.reduce((sum, value) => sum + value, 0) / masks;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / masks;
    return {
      name: classes[index] ?? TEXTS.output({ number: index + 1 }),
      evaluation: steadyNumber(evaluation[index] ?? NaN, 3),
      mean: `${steadyNumber(mean, 3)} ± ${steadyNumber(Math.sqrt(variance), 3)}`,
    };
  });
}
