/** The numbers of a frame of the `walk` probe, by node and unit. Pure. */

/** @import { Frame, NamedArray } from "../../types.d.ts" */

/** @typedef {"output" | "gradient" | "slope" | "window"} OfNode what is known of every number that a node gives */

/** @typedef {"parameter" | "derivative" | "given" | "change" | "rate"} OfWeight what is known of every weight */

/**
 * What is known of a node or a parameter.
 *
 * @param {Frame} frame @param {OfNode | OfWeight} what @param {string} name @returns {NamedArray | undefined}
 */
export function arrayOf({ arrays }, what, name) {
  return arrays.get(`${what}/${name}`);
}

/**
 * One number of a node, or of a parameter, by its place in memory; null where it was not sent.
 *
 * @param {Frame} frame @param {OfNode | OfWeight} what @param {string} name @param {number} place
 * @returns {number | null}
 */
export function numberAt(frame, what, name, place) {
  return arrayOf(frame, what, name)?.data[place] ?? null;
}

/**
 * The number that stands for a unit: its own, or of a map the one that is largest in magnitude.
 *
 * @param {Frame} frame @param {"output" | "gradient"} what @param {string} node @param {number} unit
 * @param {boolean} [whole] whether all channels are one unit, as those of a picture in colour
 * @returns {number | null}
 */
export function unitNumber(frame, what, node, unit, whole = false) {
  const array = arrayOf(frame, what, node);
  if (!array) return null;
  const each = whole ? array.data.length : array.data.length / Math.max(1, array.shape[0] ?? 1);
  const [first, end] = [unit * each, (unit + 1) * each];
  if (end > array.data.length) return null;
  let largest = array.data[first] ?? 0;
  for (let place = first + 1; place < end; place++) {
    const value = array.data[place] ?? 0;
    if (Number.isNaN(value)) return NaN;
    if (Math.abs(value) > Math.abs(largest)) largest = value;
  }
  return largest;
}

/** The loss of the sample. @param {Frame} frame */
export function lossOf({ arrays }) {
  return arrays.get("loss")?.data[0] ?? NaN;
}

/** What the regularizers add to the loss. @param {Frame} frame */
export function penaltyOf({ arrays }) {
  return arrays.get("penalty")?.data[0] ?? 0;
}

/** The target as the first loss wants it: one class, or values. @param {Frame} frame @returns {number[]} */
export function targetOf({ arrays }) {
  return Array.from(arrays.get("target")?.data ?? [], Number);
}

/**
 * The first node whose numbers are not all finite; null where all are.
 *
 * @param {Frame} frame @param {{ name: string }[]} nodes in the order of the network
 */
export function firstBroken(frame, nodes) {
  const broken = (/** @type {{ name: string }} */ { name }) =>
    arrayOf(frame, "output", name)?.data.some((value) => !Number.isFinite(value));
  return nodes.find((node) => broken(node))?.name ?? null;
}
