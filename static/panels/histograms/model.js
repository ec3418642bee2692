/** What a frame of the probe `histograms` says: for each node its ridges, one a step, and how they are spread. Pure. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Ridge } from "../../draw/ridges.js" */

import { percent, shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { nodeName } from "../../network/names.js";

const TEXTS = texts(import.meta.url, {
  spread: "mean {mean}, standard deviation {std}",
  constant: "all {value}",
  broken: "{share} not finite",
  nothing: "no finite number",
  label: "{name}, steps {first} to {last}: {summary}",
});

/** @typedef {"activation" | "gradient"} Quantity */

/**
 * @typedef {object} NodeSpread
 * @property {string} name
 * @property {number} low the left end of the axis
 * @property {number} high
 * @property {Ridge[]} ridges from the oldest to the newest
 * @property {string} summary of the newest
 * @property {string} label
 */

/**
 * @param {Pick<Frame, "arrays">} frame @param {{ name: string }[]} nodes of the description @param {Quantity} quantity
 * @returns {NodeSpread[] | null} null before the first row, or where the frame is of another network
 */
export function model({ arrays }, nodes, quantity) {
  const numbers = (/** @type {string} */ name) => arrays.get(name)?.data ?? [];
  const part = (/** @type {string} */ name) => numbers(`${quantity}.${name}`);
  const steps = [...numbers("steps")].map(Number);
  const [rows = 0, count = 0, bins = 0] = arrays.get(`${quantity}.counts`)?.shape ?? [];
  if (rows === 0 || count !== nodes.length) return null;
  const columns = { counts: part("counts"), range: part("range"), mean: part("mean"), std: part("std") };
  return nodes.map(({ name }, node) => {
    const at = (/** @type {number} */ row) => row * count + node;
    const ridges = steps.map((step, row) => ridgeAt(columns, at(row), step, bins));
    const [low, high] = axisOf(ridges);
    const newest = at(rows - 1);
    const summary = summaryOf(ridges.at(-1), {
      mean: Number(columns.mean[newest]),
      std: Number(columns.std[newest]),
      broken: Number(part("broken")[newest]),
    });
    const named = { name: nodeName(name), first: steps[0] ?? 0, last: steps.at(-1) ?? 0, summary };
    return { name: named.name, low, high, ridges, summary, label: TEXTS.label(named) };
  });
}

/**
 * @param {{ counts: ArrayLike<number | bigint>, range: ArrayLike<number | bigint> }} columns @param {number} place
 * @param {number} step @param {number} bins
 * @returns {Ridge}
 */
function ridgeAt({ counts, range }, place, step, bins) {
  const own = Array.from({ length: bins }, (_, bin) => Number(counts[place * bins + bin]));
  return { step, low: Number(range[2 * place]), high: Number(range[2 * place + 1]), counts: own };
}

/**
 * The axis that holds all ridges of a node, with some width where they have none.
 *
 * @param {Ridge[]} ridges @returns {[number, number]}
 */
export function axisOf(ridges) {
  const finite = ridges.filter(({ low, high }) => Number.isFinite(low) && Number.isFinite(high));
  const low = Math.min(...finite.map((ridge) => ridge.low));
  const high = Math.max(...finite.map((ridge) => ridge.high));
  if (low < high) return [low, high];
  const middle = Number.isFinite(low) ? low : 0;
  const half = 0.5 * Math.abs(middle) || 0.5;
  return [middle - half, middle + half];
}

/** @param {Ridge | undefined} ridge @param {{ mean: number, std: number, broken: number }} spread */
function summaryOf(ridge, { mean, std, broken }) {
  if (!ridge || Number.isNaN(ridge.low)) return TEXTS.nothing;
  const spread =
    ridge.low === ridge.high
      ? TEXTS.constant({ value: shortNumber(ridge.low) })
      : TEXTS.spread({ mean: shortNumber(mean), std: shortNumber(std) });
  return broken > 0 ? `${spread}; ${TEXTS.broken({ share: percent(broken) })}` : spread;
}
