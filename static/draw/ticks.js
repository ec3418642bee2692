/** Scales and their ticks. */

import { shortNumber } from "../core/format.js";

/** @typedef {{ low: number, high: number, log: boolean }} Scale */

/** @param {Scale} scale @param {number} value @returns {number} its share of the way from low to high */
export function shareOf({ low, high, log }, value) {
  if (!log) return (value - low) / (high - low);
  return (Math.log10(value) - Math.log10(low)) / (Math.log10(high) - Math.log10(low));
}

/** @param {Scale} scale @param {number} share @returns {number} */
export function valueOf({ low, high, log }, share) {
  if (!log) return low + (high - low) * share;
  return 10 ** (Math.log10(low) + (Math.log10(high) - Math.log10(low)) * share);
}

/**
 * The step of 1, 2 or 5 times a power of ten that parts a range into about `count`.
 *
 * @param {number} range @param {number} count
 */
export function niceStep(range, count) {
  const rough = range / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const mantissa = rough / power;
  return power * (mantissa < 1.5 ? 1 : mantissa < 3.5 ? 2 : mantissa < 7.5 ? 5 : 10);
}

/**
 * Round values of a scale, each in as few digits as tell it from the others.
 *
 * @param {Scale} scale @param {number} count about how many
 * @returns {{ value: number, text: string }[]}
 */
export function ticks(scale, count) {
  const { low, high, log } = scale;
  if (!(high > low)) return [{ value: low, text: shortNumber(low) }];
  const values = log ? logTicks(low, high, count) : linearTicks(low, high, count);
  const digits = [3, 4, 5, 6, 7, 8].find(
    (each) => new Set(values.map((value) => shortNumber(value, each))).size === values.length,
  );
  return values.map((value) => ({ value, text: shortNumber(value, digits ?? 9) }));
}

/** @param {number} low @param {number} high @param {number} count */
function linearTicks(low, high, count) {
  const step = niceStep(high - low, count);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const value = (first + index) * step;
    return Number(value.toPrecision(12));
  });
}

/** @param {number} low @param {number} high @param {number} count */
function logTicks(low, high, count) {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  if (last - first < 1) {
    const all = [];
    for (let power = first - 1; power <= last; power++)
      for (const digit of [1, 2, 5]) all.push(digit * 10 ** power);
    return all
      .filter((value) => value >= low * 0.999 && value <= high * 1.001)
      .map((value) => Number(value.toPrecision(6)));
  }
  const every = Math.max(1, Math.ceil((last - first) / count));
  return Array.from({ length: Math.floor((last - first) / every) + 1 }, (_, index) =>
    Number((10 ** (first + index * every)).toPrecision(6)),
  );
}

/**
 * The least and greatest finite number (above zero where `log`).
 *
 * @param {Float64Array[]} columns @param {boolean} log
 * @returns {[number, number] | null}
 */
export function extent(columns, log) {
  let low = Infinity;
  let high = -Infinity;
  for (const column of columns) {
    for (let index = 0; index < column.length; index++) {
      const value = /** @type {number} */ (column[index]);
      if (!Number.isFinite(value) || (log && value <= 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : null;
}

/**
 * A scale that holds the values, and a little air.
 *
 * @param {[number, number] | null} range @param {boolean} log @param {boolean} [fromZero]
 * @returns {Scale}
 */
export function scaleFor(range, log, fromZero = false) {
  if (!range) return log ? { low: 0.01, high: 1, log } : { low: 0, high: 1, log };
  let [low, high] = range;
  if (log) {
    if (high / low < 2) [low, high] = [low / 1.5, high * 1.5];
    return { low: low / 1.1, high: high * 1.1, log };
  }
  if (fromZero) low = Math.min(0, low);
  if (high === low) [low, high] = [low - 0.5 * Math.abs(low || 1), high + 0.5 * Math.abs(high || 1)];
  const air = (high - low) * 0.04;
  return { low: fromZero && low === 0 ? 0 : low - air, high: high + air, log };
}
