/**
 * How far integrated gradients are complete: they should add up to what the score gains from black to the
 * picture.
 */

/** @import { Frame } from "../types.d.ts" */

import { shortNumber, wholeNumber } from "../core/format.js";

/**
 * How far the sum may be off, as a share of what the score gains, to be called complete; as the engine has
 * it.
 */
export const TOLERANCE = 0.01;

/** @typedef {{ total: number, gained: number, error: number, steps: number, holds: boolean }} Completeness */

/**
 * @param {Frame | undefined} frame of a look at attribution @returns {Completeness | null} null where it has
 * no integrated gradients
 */
export function completenessOf(frame) {
  const one = (/** @type {string} */ name) =>
    Number(frame?.arrays.get(`completeness.${name}`)?.data[0] ?? NaN);
  const [total, gained] = frame?.arrays.get("completeness")?.data ?? [];
  if (total === undefined || gained === undefined) return null;
  return { total, gained, error: one("error"), steps: one("steps"), holds: one("holds") === 1 };
}

/**
 * Such as: adds up to 3.412, the score gains 3.419 (0.2 % off after 100 steps).
 *
 * @param {Completeness} found
 */
export function completenessText({ total, gained, error, steps, holds }) {
  const taken = `${wholeNumber(steps)} ${steps === 1 ? "step" : "steps"}`;
  const sums =
    `adds up to ${shortNumber(total, 4)}, the score gains ${shortNumber(gained, 4)} ` +
    `(${errorText(error)} after ${taken})`;
  return holds ? sums : `${sums}: not complete, the steps were too few`;
}

/** @param {number} error as a share */
export function errorText(error) {
  if (!Number.isFinite(error)) return "off";
  return error < 0.0005 ? "less than 0.1 % off" : `${shortNumber(100 * error, 2)} % off`;
}
