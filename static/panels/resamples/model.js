/** What a frame of the study `resamples` says: curves of bias and variance, losses in bands, and surfaces. */

/** @import { Frame, NamedArray } from "../../types.d.ts" */

import { shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  trained: {
    one: "{count} network trained.",
    other: "{count} networks trained.",
  },
  diverged: { one: "{count} diverged and is left out.", other: "{count} diverged and are left out." },
  bias: "squared bias",
  biasAndNoise: "squared bias and noise",
  sum: "{bias} {biasNumber}, variance {varianceNumber}: error {error}.",
});

/** @typedef {{ steps: Float64Array, mean: Float64Array, low: Float64Array, high: Float64Array }} Band */

/**
 * @typedef {object} Retrained
 * @property {Float64Array} steps
 * @property {Float64Array} bias
 * @property {Float64Array} variance
 * @property {Float64Array} error
 * @property {string} biasName what the squared bias includes
 * @property {{ train: Band, test: Band }} losses mean, least and greatest of the networks
 * @property {string} text
 */

/** @param {Pick<Frame, "arrays">} frame @returns {Retrained | null} null where it is another study's */
export function model({ arrays }) {
  const column = (/** @type {string} */ name) => Float64Array.from(arrays.get(name)?.data ?? []);
  const number = (/** @type {string} */ name) => Number(arrays.get(name)?.data[0] ?? 0);
  const [train, test] = [arrays.get("train_loss"), arrays.get("test_loss")];
  if (!train || !test || !arrays.has("variance")) return null;
  const [steps, bias, variance, error] = ["steps", "squared_bias", "variance", "error"].map(column);
  if (!steps || !bias || !variance || !error) return null;
  const biasName = number("known") ? TEXTS.bias : TEXTS.biasAndNoise;
  const [trained, diverged] = [number("trained"), number("diverged")];
  const sum = trained && {
    bias: biasName.charAt(0).toUpperCase() + biasName.slice(1),
    biasNumber: shortNumber(bias.at(-1) ?? NaN),
    varianceNumber: shortNumber(variance.at(-1) ?? NaN),
    error: shortNumber(error.at(-1) ?? NaN),
  };
  return {
    ...{ steps, bias, variance, error, biasName },
    losses: { train: bandOf(train, steps), test: bandOf(test, steps) },
    text: [
      TEXTS.trained({ count: trained }),
      diverged ? TEXTS.diverged({ count: diverged }) : "",
      sum ? TEXTS.sum(sum) : "",
    ]
      .filter(Boolean)
      .join(" "),
  };
}

/**
 * The mean of the networks' losses at each row, with the least and the greatest; of those that have one there.
 *
 * @param {NamedArray} losses (networks, rows), NaN where there is none @param {Float64Array} steps @returns {Band}
 */
function bandOf({ shape, data }, steps) {
  const [networks = 0, rows = 0] = shape;
  const at = (/** @type {number} */ row) =>
    Array.from({ length: networks }, (_, network) => Number(data[network * rows + row])).filter(
      (loss) => !Number.isNaN(loss),
    );
  const over = (/** @type {(values: number[]) => number} */ combine) =>
    steps.map((_, row) => (at(row).length ? combine(at(row)) : NaN));
  return {
    steps,
    mean: over((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
    low: over((values) => Math.min(...values)),
    high: over((values) => Math.max(...values)),
  };
}
