/**
 * How far integrated gradients are complete: they should add up to what the score gains from black to the
 * picture.
 */

/** @import { Frame } from "../types.d.ts" */

import { shortNumber, wholeNumber } from "../core/format.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  adds: {
    one: "adds up to {total}, the score gains {gained} ({error} after {number} step)",
    other: "adds up to {total}, the score gains {gained} ({error} after {number} steps)",
  },
  incomplete: "{sums}: not complete, the steps were too few",
  unknown: "off",
  hardlyOff: "less than 0.1 % off",
  off: "{percentage} % off",
});

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
  const sums = TEXTS.adds({
    count: steps,
    number: wholeNumber(steps),
    total: shortNumber(total, 4),
    gained: shortNumber(gained, 4),
    error: errorText(error),
  });
  return holds ? sums : TEXTS.incomplete({ sums });
}

/** @param {number} error as a share */
export function errorText(error) {
  if (!Number.isFinite(error)) return TEXTS.unknown;
  return error < 0.0005 ? TEXTS.hardlyOff : TEXTS.off({ percentage: shortNumber(100 * error, 2) });
}
