/** The last step of a classifier, from logits to shares, as a record. */

import { softmaxSteps } from "../../network/window_arithmetic.js";
import { written } from "./written.js";

/**
 * @typedef {object} Softmax
 * @property {string} most the largest logit, which is taken off first
 * @property {{ name: string, logit: string, exponential: string, share: number, text: string, chosen: boolean }[]} rows
 *   a class each
 * @property {string} sum of the exponentials
 * @property {string} total of the shares
 */

/**
 * @param {ArrayLike<number>} logits @param {string[]} classes their names; a number where there is none
 * @param {number} unit that is selected @returns {Softmax}
 */
export function softmaxOf(logits, classes, unit) {
  const { most, exponentials, sum, shares } = softmaxSteps(logits);
  const rows = exponentials.map((exponential, index) => {
    const share = shares[index] ?? 0;
    return {
      name: classes[index] ?? String(index + 1),
      logit: written(logits[index] ?? NaN),
      exponential: written(exponential),
      share,
      text: written(share),
      chosen: index === unit,
    };
  });
  const total = shares.reduce((all, each) => all + each, 0);
  return { most: written(most), rows, sum: written(sum), total: written(total) };
}
