/** What a frame of the probe `sharpness` says: two curves with their scales, and words about where they end. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Scale } from "../../draw/ticks.js" */

import { shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { extent, scaleFor } from "../../draw/ticks.js";

const TEXTS = texts(import.meta.url, {
  edgeOfStability: "edge of stability",
  it: ": {compared} it",
  adaptiveEdge: "; an adaptive optimizer has another edge",
});

/** A limit beyond so many times the sharpness is left out of the scale: it would press the curve flat. */
const NEAR = 8;
/** Above this share of the edge, the sharpness is at it. */
const AT_EDGE = 0.8;

/**
 * @typedef {object} Readings
 * @property {Float64Array} steps
 * @property {Float64Array} values the sharpness λ at each step
 * @property {Float64Array} edge where the training gets unstable: as the optimizer has it, or 2/η
 * @property {{ x: Scale, y: Scale }} scales
 * @property {string} summary
 */

/**
 * The readings of a frame; null before its first point.
 *
 * @param {Pick<Frame, "arrays">} frame @returns {Readings | null}
 */
export function model({ arrays }) {
  const column = (/** @type {string} */ name) => Float64Array.from(arrays.get(name)?.data ?? []);
  const [steps, values, edges] = [column("steps"), column("eigenvalue"), column("edge")];
  if (steps.length === 0) return null;
  const known = edges.some(Number.isFinite);
  const edge = known ? edges : column("limit");
  return {
    steps,
    values,
    edge,
    scales: { x: stepsScale(steps), y: valuesScale(values, edge) },
    summary: endText(values.at(-1) ?? NaN, edge.at(-1) ?? NaN, known),
  };
}

/** @param {Float64Array} steps @returns {Scale} */
function stepsScale(steps) {
  const first = steps[0] ?? 0;
  return { low: first, high: Math.max(steps.at(-1) ?? 0, first + 1), log: false };
}

/** @param {Float64Array} values @param {Float64Array} edge */
function valuesScale(values, edge) {
  const near = values.some((value, index) => (edge[index] ?? Infinity) < NEAR * value);
  return scaleFor(extent(near ? [values, edge] : [values], true), true, true);
}

/** @param {number} now @param {number} end @param {boolean} known whether the optimizer's own edge is known */
function endText(now, end, known) {
  const compared = now > end ? "beyond" : now > AT_EDGE * end ? "at" : "below";
  return (
    `λ ${shortNumber(now)}, ${known ? TEXTS.edgeOfStability : "2/η"} ` +
    `${shortNumber(end)}${known ? TEXTS.it({ compared }) : TEXTS.adaptiveEdge}`
  );
}
