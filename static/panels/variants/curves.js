/** The numbers of a race of variants: how its frames are read, who leads, and the curves that are drawn. */

/** @import { NamedArray } from "../../types.d.ts" */
/** @import { LinePlot, NamedLine } from "../../draw/figure.js" */
/** @import { Picture } from "../../draw/plot.js" */

import { metricInText } from "../../core/metric_names.js";
import { texts } from "../../core/texts.js";
import { extent, scaleFor } from "../../draw/ticks.js";

const TEXTS = texts(import.meta.url, {
  steps: "steps",
});

/** States of a racer, as the study counts them. */
const STATES = ["racing", "arrived", "diverged", "dropped"];

/** By whose loss variants are told apart, as the study counts them: never the test set's. */
const JUDGES = /** @type {const} */ (["train", "validation"]);

/** @typedef {typeof JUDGES[number]} Judge */

/** @typedef {{ offset: number, steps: Float64Array, series: Map<string, Float64Array[]> }} Curve */

/**
 * What one variant has come to.
 *
 * @typedef {object} Racer
 * @property {Map<string, Float64Array[]>} series of each name, the values of every seed
 * @property {string} state
 * @property {number} taken steps of this race
 * @property {number} loss by which it is compared: the mean of the seeds' newest; NaN where one has none
 */

/**
 * A frame of the study, read.
 *
 * @typedef {object} Standing
 * @property {Judge} judge
 * @property {Float64Array} steps
 * @property {string[]} names of the series
 * @property {Racer[]} racers by their slots
 */

/** @param {Map<string, NamedArray>} arrays of a frame @returns {Standing} */
export function standingOf(arrays) {
  const judge = JUDGES[Number(arrays.get("judge")?.data[0] ?? 0)] ?? "train";
  const names = [...arrays.keys()].filter((name) => arrays.get(name)?.shape.length === 3);
  const [count = 0, seeds = 1] = arrays.get("states")?.shape ?? [];
  const first = (/** @type {string} */ name, /** @type {number} */ slot) =>
    Number(arrays.get(name)?.data[slot * seeds] ?? 0);
  const racers = Array.from({ length: count }, (_, slot) => {
    const series = new Map(
      names.map((name) => [name, seedsOf(/** @type {NamedArray} */ (arrays.get(name)), slot)]),
    );
    return {
      series,
      state: STATES[first("states", slot)] ?? "",
      taken: first("taken", slot) - first("starts", slot),
      loss: lastMean(series.get(`${judge}_loss`) ?? []),
    };
  });
  return { judge, steps: Float64Array.from(arrays.get("steps")?.data ?? []), names, racers };
}

/**
 * The rows of one variant, a column for each seed.
 *
 * @param {NamedArray} array (variants, seeds, rows)
 * @param {number} slot
 */
function seedsOf({ shape, data }, slot) {
  const [, seeds = 1, rows = 0] = shape;
  return Array.from({ length: seeds }, (_, seed) =>
    Float64Array.from(data.subarray((slot * seeds + seed) * rows, (slot * seeds + seed + 1) * rows)),
  );
}

/** The mean of the newest values of all seeds; NaN where one has none. @param {Float64Array[]} seeds */
function lastMean(seeds) {
  const newest = seeds.map((values) => values.findLast((value) => !Number.isNaN(value)) ?? NaN);
  return newest.reduce((sum, value) => sum + value, 0) / newest.length;
}

/** The series that can be drawn, of losses and accuracies. @param {string[]} names */
export function drawable(names) {
  return names.filter((name) => /^(train|validation|test)_/.test(name));
}

/**
 * The one with the least loss, of those in the race.
 *
 * @template {{ slot: number, seen: number }} T @param {T[]} variants @returns {T | undefined}
 */
export function leader(variants) {
  return variants
    .filter(({ slot, seen }) => slot >= 0 && !Number.isNaN(seen))
    .sort((one, other) => one.seen - other.seen)[0];
}

/**
 * The mean over the seeds, in a band from the least to the greatest of them, for each race one went through.
 *
 * @param {{ title?: string, past: Curve[], curve: Curve | null, color: string, dash: number[] }} variant
 * @param {string} name of the series
 * @returns {NamedLine[]}
 */
export function linesOf({ title = "variant", past, curve, color, dash }, name) {
  const curves = [...past, ...(curve ? [curve] : [])];
  return curves.map(({ offset, steps, series }) => {
    const seeds = series.get(name) ?? [];
    const over = (/** @type {(values: number[]) => number} */ combine) =>
      steps.map((_, row) => combine(seeds.map((values) => values[row] ?? NaN)));
    const mean = over((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
    const line = { name: title, x: steps.map((step) => step + offset), y: mean, color, dash, width: 2 };
    if (seeds.length < 2) return line;
    return {
      ...line,
      band: { low: over((values) => Math.min(...values)), high: over((values) => Math.max(...values)) },
    };
  });
}

/** Series of shares, of which the greater are the better: a logarithm would hide what the last steps gain. */
const SHARES = /accuracy$|_(mean_iou|iou_\d+|map|map_50|ap_\d+)$/;

/**
 * All variants' curves of one series, over the steps since the fork; null where there is none yet.
 *
 * @param {{ title?: string, past: Curve[], curve: Curve | null, color: string, dash: number[] }[]} variants
 * @param {{ name: string, log: boolean, cursor: number | null }} shown
 * @returns {(Picture & LinePlot) | null}
 */
export function plotOf(variants, { name, log, cursor }) {
  const lines = variants.flatMap((variant) => linesOf(variant, name));
  if (lines.length === 0) return null;
  const accuracy = SHARES.test(name);
  const logarithmic = log && !accuracy;
  const values = lines.flatMap(({ y, band }) => (band ? [band.low, band.high] : [y]));
  const y = scaleFor(extent(values, logarithmic), logarithmic, !accuracy);
  const high = Math.max(1, ...lines.map(({ x }) => x.at(-1) ?? 0));
  return {
    lines,
    x: { low: 0, high, log: false },
    y,
    cursor,
    xLabel: TEXTS.steps,
    yLabel: metricInText(name),
  };
}
