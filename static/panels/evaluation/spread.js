/** The spread of several replicas around a curve: a band from the least to the greatest, and their median. Pure. */

/** @import { NamedLine } from "../../draw/figure.js" */

import { shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  median: "{name}, median",
  note: "Bands: the range of {replicas} replicas; thin lines: their median. Numbers are of replica 0.",
  told: "; of {replicas} replicas the median of {name} {median}, from {low} to {high}",
});

/**
 * @typedef {object} Spread
 * @property {Float64Array} median
 * @property {{ low: Float64Array, high: Float64Array }} band
 */

/**
 * The spread of a series over replicas; null where there is one training alone.
 *
 * @param {(name: string) => Float64Array} column @param {string} name of the series
 * @returns {Spread | null}
 */
export function spreadOf(column, name) {
  const median = column(`${name}.median`);
  if (!median.some(Number.isFinite)) return null;
  return { median, band: { low: column(`${name}.low`), high: column(`${name}.high`) } };
}

/**
 * A curve with the spread of its series: the median with its band behind it.
 *
 * @param {NamedLine} line @param {Spread | null} spread
 * @returns {NamedLine[]}
 */
export function withSpread(line, spread) {
  if (!spread) return [line];
  const name = TEXTS.median({ name: line.name });
  const { dash: _, ...plain } = line;
  return [{ ...plain, name, y: spread.median, band: spread.band, width: 0.75 }, line];
}

/** What the range of an axis has to cover of spreads. @param {(Spread | null)[]} spreads */
export function edgesOf(spreads) {
  return spreads.flatMap((spread) => (spread ? [spread.band.low, spread.band.high] : []));
}

/** What the bands are. @param {number} replicas @returns {string} empty where there is one alone */
export function noteOf(replicas) {
  return replicas > 1 ? TEXTS.note({ replicas }) : "";
}

/**
 * A spread at a row, in words that follow those of the curve.
 *
 * @param {Spread | null} spread @param {number} row @param {string} name @param {number} replicas
 */
export function spreadWords(spread, row, name, replicas) {
  // Rows of several replicas stay when an edit leaves one.
  if (!spread || !(replicas > 1) || !Number.isFinite(spread.median[row])) return "";
  const at = (/** @type {Float64Array} */ values) => shortNumber(values[row] ?? NaN);
  const { low, high } = spread.band;
  return TEXTS.told({ replicas, name, median: at(spread.median), low: at(low), high: at(high) });
}
