/** What the curves of loss and metric show, of rows and changes. Pure. */

/** @import { Catalog, Experiment } from "../../types.d.ts" */
/** @import { PlotMark } from "../../draw/plot_marks.js" */
/** @import { Mark } from "../../run/changes.js" */

import { findItem } from "../../catalog/catalog.js";
import { wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  step: "step {step}: {long}",
});

/** @typedef {{ columns: ReadonlyMap<string, unknown>, values: (name: string) => Float64Array }} Rows */

/** @typedef {{ [name: string]: Float64Array }} Columns */

const SETS = ["train", "validation", "test"];

/**
 * The metric of a task, as its item says it.
 *
 * @param {Catalog} catalog @param {Experiment | null} experiment
 * @returns {string | null}
 */
export function metricOf(catalog, experiment) {
  return (experiment && findItem(catalog, experiment.task.kind, ["tasks"])?.metric) ?? null;
}

/**
 * The names of the losses that have one, in the task's order.
 *
 * @param {Experiment | null} experiment @returns {string[]}
 */
export function namedLosses(experiment) {
  return (experiment?.task.losses ?? []).flatMap(({ name }) => (typeof name === "string" ? [name] : []));
}

/**
 * The first row of the present task: rows of another have its metric, and not this one's. Their losses are of
 * another kind, too.
 *
 * @param {Rows} rows @param {string | null} metric of the present task @param {string[]} others metrics of all tasks
 */
export function firstRowOf(rows, metric, others) {
  const columns = (/** @type {string} */ name) =>
    SETS.map((set) => `${set}_${name}`).filter((column) => rows.columns.has(column));
  const own = (metric ? columns(metric) : []).map((name) => rows.values(name));
  const foreign = others.filter((name) => name !== metric).flatMap(columns);
  let first = 0;
  for (const values of foreign.map((name) => rows.values(name))) {
    for (let row = values.length - 1; row >= first; row--)
      if (Number.isFinite(values[row]) && !own.some((mine) => Number.isFinite(mine[row]))) first = row + 1;
  }
  return first;
}

/** The metrics of all tasks. @param {Catalog} catalog @returns {string[]} */
export function metricsOf(catalog) {
  return (catalog["tasks"] ?? []).flatMap(({ metric }) => (metric ? [metric] : []));
}

/**
 * The epoch of a step, between those of the rows before and after it.
 *
 * @param {Float64Array} steps ascending @param {Float64Array} epochs @param {number} step
 */
export function epochAt(steps, epochs, step) {
  let [low, high] = [0, steps.length - 1];
  if (high < 0) return 0;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((steps[middle] ?? 0) <= step) low = middle;
    else high = middle;
  }
  const [from, to] = [steps[low] ?? 0, steps[high] ?? 0];
  const [start, end] = [epochs[low] ?? 0, epochs[high] ?? 0];
  if (to <= from) return start;
  return Math.max(0, start + ((end - start) * (step - from)) / (to - from));
}

/**
 * Changes as marks on the axis of epochs.
 *
 * @param {Mark[]} marks that led to where the run stands @param {Float64Array} steps @param {Float64Array} epochs
 * @returns {PlotMark[]}
 */
export function marksOf(marks, steps, epochs) {
  return marks.map(({ step, short, long }) => ({
    x: epochAt(steps, epochs, step),
    short,
    long: TEXTS.step({ step: wholeNumber(step), long }),
  }));
}
