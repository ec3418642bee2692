/** Shares of variance of the principal directions as bars, each beside a random walk's. */

import { fitCanvas } from "../../draw/plot.js";
import { color, plotFont, plotScale } from "../../draw/theme_colors.js";

/** Directions that are drawn. */
const BARS = 6;

/** Pixels below the bars, for their numbers. */
const FOOT = 16;

/** Below this width nothing could be told apart. */
const LEAST_WIDTH = 40;

/** @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} own @param {ArrayLike<number>} chance */
export function drawBars(canvas, own, chance) {
  const context = canvas.getContext("2d");
  if (!context || canvas.clientWidth < LEAST_WIDTH) return;
  const { width, height } = fitCanvas(canvas, context);
  context.clearRect(0, 0, width, height);
  const room = width / BARS;
  const tall = height - FOOT * plotScale();
  context.font = plotFont();
  context.textAlign = "center";
  for (let index = 0; index < BARS; index++) {
    const left = index * room;
    for (const [share, style, at] of /** @type {[number, string, number][]} */ ([
      [own[index] ?? 0, color("accent"), 0.12],
      [chance[index] ?? 0, color("line-strong"), 0.5],
    ])) {
      context.fillStyle = style;
      context.fillRect(left + at * room, tall * (1 - share), 0.36 * room, Math.max(1, tall * share));
    }
    context.fillStyle = color("ink-3");
    context.fillText(String(index + 1), left + room / 2, height - 3);
  }
}
