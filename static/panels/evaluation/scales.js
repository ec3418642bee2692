/** What the axes of the curves cover. Pure. */

/** @import { Scale } from "../../draw/ticks.js" */

/**
 * The values that an axis covers: of twenty or more the highest 3 % are left out and clipped, so that a single wild
 * batch does not squash the curves.
 *
 * @param {Float64Array} values
 */
export function smoothedExtent(values) {
  if (values.length < 20) return values;
  const sorted = values.slice(-2000).filter(Number.isFinite).sort();
  return sorted.subarray(0, Math.ceil(sorted.length * 0.97));
}

/** The axis of accuracies. @param {[number, number] | null} range @returns {Scale} */
export function accuracyScale(range) {
  const low = range?.[0] ?? 0.5;
  return { low: low > 0.9 ? 0.88 : Math.min(0.45, Math.floor(low * 10) / 10), high: 1.01, log: false };
}
