/** The axis of the curves: epochs while all of them are of one length, and steps where they are not. Pure. */

/** @import { NamedLine } from "./figure.js" */

/** @typedef {"epoch" | "step"} Unit */

/**
 * Rows at which epochs begin to have another number of steps: an edit has changed the data or the batch.
 *
 * @param {Float64Array} steps @param {Float64Array} epochs @returns {number[]} ascending
 */
export function breaksOf(steps, epochs) {
  /** @type {number[]} */
  const found = [];
  let length = NaN;
  steps.forEach((step, row) => {
    const here = Math.round(step / (epochs[row] ?? NaN)); // NaN at step 0
    if (here !== length && !Number.isNaN(here + length)) found.push(row);
    if (!Number.isNaN(here)) length = here;
  });
  return found;
}

/**
 * What the curves are drawn over: an epoch is a measure of time only while it is as long as the next.
 *
 * @param {number[][]} breaks of each of the kinds of rows
 * @returns {Unit}
 */
export function unitOf(...breaks) {
  return breaks.some((rows) => rows.length > 0) ? "step" : "epoch";
}

/**
 * A line from a row on, with its own breaks.
 *
 * @param {NamedLine} line @param {number} from @returns {NamedLine}
 */
export function fromRow(line, from) {
  if (from === 0) return line;
  const breaks = (line.breaks ?? []).filter((row) => row > from).map((row) => row - from);
  return { ...line, x: line.x.subarray(from), y: line.y.subarray(from), breaks };
}
