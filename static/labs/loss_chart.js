/** Training losses of networks that a study trains side by side, against their steps. */

import { drawPlot } from "../draw/plot.js";
import { extent, scaleFor } from "../draw/ticks.js";
import { plotColors } from "../draw/theme_colors.js";

/**
 * @param {HTMLCanvasElement} canvas @param {(name: string) => ArrayLike<number>} data arrays of the study's frame
 * @param {Record<string, string>} colors of the networks by their names @param {number} steps that they train
 */
export function drawLosses(canvas, data, colors, steps) {
  const lines = Object.entries(colors).map(([name, color]) => ({
    x: Float64Array.from(data(`${name}/steps`)),
    y: Float64Array.from(data(`${name}/curve`)),
    color,
    width: 1.75,
  }));
  const losses = lines.map(({ y }) => y);
  drawPlot(
    canvas,
    {
      lines,
      x: { low: 0, high: Math.max(1, steps), log: false },
      y: scaleFor(extent(losses, true), true, true),
      cursor: null,
      xLabel: "step",
    },
    plotColors(),
  );
}
