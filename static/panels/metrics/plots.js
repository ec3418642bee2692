/** The plots of the metrics: accuracy by confidence, and curves on the unit square. */

/** @import { Calibration, Curve } from "./model.js" */

import { setAttribute } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { drawPlot, plotArea } from "../../draw/plot.js";
import { color, plotColors } from "../../draw/theme_colors.js";

const TEXTS = texts(import.meta.url, {
  sure: "sure",
});

/** @typedef {{ left: number, right: number, top: number, bottom: number }} Box */

/**
 * Bars of accuracy by confidence, and the diagonal they should reach.
 *
 * @param {HTMLCanvasElement} canvas @param {Calibration} calibration
 */
export function drawReliability(canvas, { bars, label }) {
  const context = canvas.getContext("2d");
  if (!context || bars.length === 0) return;
  const unit = { low: 0, high: 1, log: false };
  drawPlot(canvas, { lines: [], x: unit, y: unit, cursor: null, xLabel: TEXTS.sure }, plotColors());
  const { left, top, width, height } = plotArea(canvas);
  const box = { left, right: left + width, top, bottom: top + height };
  drawBars(context, bars, box);
  drawDiagonal(context, box);
  canvas.setAttribute("aria-label", label);
}

/** @param {CanvasRenderingContext2D} context @param {Calibration["bars"]} bars @param {Box} box */
function drawBars(context, bars, { left, right, top, bottom }) {
  const width = (right - left) / bars.length;
  context.fillStyle = color("positive");
  bars.forEach(({ height, weight }, bin) => {
    if (Number.isNaN(height)) return;
    context.globalAlpha = 0.25 + 0.75 * Math.sqrt(weight);
    const tall = (bottom - top) * height;
    context.fillRect(left + ((right - left) * bin) / bars.length + 1, bottom - tall, width - 2, tall);
  });
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {Box} box */
function drawDiagonal(context, { left, right, top, bottom }) {
  context.strokeStyle = color("ink-3");
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(left, bottom);
  context.lineTo(right, top);
  context.stroke();
  context.setLineDash([]);
}

/** @param {HTMLCanvasElement} canvas @param {Curve} curve */
export function drawCurve(canvas, { x, y, diagonal, label }) {
  if (x.length === 0) return;
  const unit = { low: 0, high: 1.01, log: false };
  const ends = Float64Array.of(0, 1);
  const chance = { x: ends, y: ends, color: color("line-strong"), width: 1, dash: [3, 3] };
  const line = { x, y, color: color("accent"), width: 1.75 };
  const lines = diagonal ? [chance, line] : [line];
  drawPlot(canvas, { lines, x: unit, y: unit, cursor: null, xLabel: "" }, plotColors());
  setAttribute(canvas, "aria-label", label);
}
