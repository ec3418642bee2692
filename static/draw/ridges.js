/** Histograms through time as ridges, one behind the other: the oldest at the back, the newest in front. */

import { fitCanvas } from "./plot.js";

/**
 * The histogram of a step: counts between two ends, which are equal where all numbers are.
 *
 * @typedef {{ step: number, low: number, high: number, counts: number[] }} Ridge
 */

/** @typedef {{ paper: string, old: string, newest: string }} RidgeColors */

/** The share of the height that a ridge may rise above its line. */
const RISE = 0.45;

/**
 * The outline of a ridge: places along the axis from 0 to 1, and heights from 0 to 1, which its highest bin has: by
 * density a narrow ridge would press all others flat.
 *
 * @param {Ridge} ridge @param {{ low: number, high: number }} axis
 * @returns {[place: number, height: number][]}
 */
export function outline({ low, high, counts }, axis) {
  const place = (/** @type {number} */ value) => (value - axis.low) / (axis.high - axis.low);
  const most = Math.max(...counts);
  if (!Number.isFinite(low) || !Number.isFinite(high) || most === 0) return [];
  if (low === high) return [[place(low), 1]];
  const bin = (high - low) / counts.length;
  return counts.map((count, index) => [place(low + (index + 0.5) * bin), count / most]);
}

/**
 * @param {HTMLCanvasElement} canvas @param {{ low: number, high: number, ridges: Ridge[] }} shown
 * @param {RidgeColors} colors
 */
export function drawRidges(canvas, { low, high, ridges }, colors) {
  const context = canvas.getContext("2d");
  if (!context) return;
  const { width, height } = fitCanvas(canvas, context);
  context.clearRect(0, 0, width, height);
  const rise = RISE * height;
  ridges.forEach((ridge, index) => {
    const share = ridges.length > 1 ? index / (ridges.length - 1) : 1;
    const line = rise + (height - rise - 1) * share;
    const points = outline(ridge, { low, high });
    if (points.length === 0) return;
    context.beginPath();
    context.moveTo((points[0]?.[0] ?? 0) * width, line);
    for (const [place, tall] of points) context.lineTo(place * width, line - tall * rise);
    context.lineTo((points.at(-1)?.[0] ?? 0) * width, line);
    context.fillStyle = colors.paper;
    context.fill();
    const last = index === ridges.length - 1;
    context.strokeStyle = last ? colors.newest : colors.old;
    context.lineWidth = last ? 1.75 : 1;
    context.globalAlpha = last ? 1 : 0.35 + 0.5 * share;
    context.stroke();
    context.globalAlpha = 1;
  });
}
