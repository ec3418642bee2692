/** The losses along a line through weight space, of the training and of the test set. */

/** @import { Frame } from "../types.d.ts" */
/** @import { NamedLine } from "./figure.js" */
/** @import { Colors } from "./plot.js" */

import { shortNumber } from "../core/format.js";
import { drawPlot } from "./plot.js";
import { extent, scaleFor } from "./ticks.js";

/** Losses this many times apart are drawn on a logarithmic axis. */
const FAR_APART = 30;

/** @typedef {{ x: Float64Array, losses: Float64Array, marks: number[] }} Profile */

/** @param {Pick<Frame, "arrays">} frame of the study `landscape` along one dimension @returns {Profile} */
export function profileOf({ arrays }) {
  const numbers = (/** @type {string} */ name) => Float64Array.from(arrays.get(name)?.data ?? []);
  return { x: numbers("x"), losses: numbers("losses"), marks: [...numbers("marks")] };
}

/**
 * What a line from 0 to 1 says: the losses at its ends, and how far it rises above the straight way between
 * them
 * (the error barrier; Frankle et al. 2020, section 2).
 *
 * @param {Profile} profile @returns {{ start: number, end: number, barrier: number }}
 */
export function summary({ x, losses }) {
  const at = (/** @type {number} */ place) =>
    losses[
      x.reduce(
        (best, value, index) => (Math.abs(value - place) < Math.abs((x[best] ?? NaN) - place) ? index : best),
        0,
      )
    ] ?? NaN;
  const [start, end] = [at(0), at(1)];
  let barrier = 0;
  x.forEach((share, index) => {
    if (share >= 0 && share <= 1)
      barrier = Math.max(barrier, (losses[index] ?? NaN) - (start + (end - start) * share));
  });
  return { start, end, barrier };
}

/** @typedef {Profile & Omit<NamedLine, "x" | "y">} NamedProfile */

/**
 * @param {HTMLCanvasElement} canvas @param {NamedProfile[]} profiles @param {string} markColor @param {Colors} colors
 */
export function drawProfiles(canvas, profiles, markColor, colors) {
  if (!profiles[0]?.x.length) return;
  drawPlot(canvas, { ...profilesPlot(profiles, markColor), cursor: null, xLabel: "α" }, colors);
}

/**
 * Profiles on their axes, with the places that are marked.
 *
 * @param {NamedProfile[]} profiles @param {string} markColor
 */
export function profilesPlot(profiles, markColor) {
  const { x, marks: marked } = profiles[0] ?? { x: new Float64Array(), marks: [] };
  const values = profiles.map(({ losses }) => losses);
  const finite = values.flatMap((losses) => [...losses].filter(Number.isFinite));
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const log = low > 0 && high / low > FAR_APART;
  const y = scaleFor(extent(values, log), log, true);
  const marks = (marked.length ? marked : [0]).map((at) => ({
    name: `α = ${shortNumber(at)}`,
    guide: true,
    x: Float64Array.of(at, at),
    y: Float64Array.of(y.low, y.high),
    color: markColor,
    width: 1,
    dash: [3, 3],
  }));
  const lines = profiles.map(({ losses, marks: _, ...line }) => ({ ...line, y: losses }));
  return { lines: [...marks, ...lines], x: { low: x[0] ?? 0, high: x.at(-1) ?? 1, log: false }, y };
}
