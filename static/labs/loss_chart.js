/** Training losses of networks that a study trains side by side, against their steps. */

/** @import { LinePlot } from "../draw/figure.js" */

import { texts } from "../core/texts.js";
import { extent, scaleFor } from "../draw/ticks.js";

const TEXTS = texts(import.meta.url, {
  step: "step",
  trainingLoss: "training loss",
});

/** @typedef {Record<string, { name: string, color: string }>} Networks by the names of their arrays */

/**
 * The losses as a plot of named lines.
 *
 * @param {(name: string) => ArrayLike<number>} data arrays of the study's frame
 * @param {Networks} networks @param {number} steps that they train @returns {LinePlot}
 */
export function lossPlot(data, networks, steps) {
  const lines = Object.entries(networks).map(([key, { name, color }]) => ({
    name,
    x: Float64Array.from(data(`${key}/steps`)),
    y: Float64Array.from(data(`${key}/curve`)),
    color,
    width: 1.75,
  }));
  const losses = lines.map(({ y }) => y);
  return {
    lines,
    x: { low: 0, high: Math.max(1, steps), log: false },
    y: scaleFor(extent(losses, true), true, true),
    xLabel: TEXTS.step,
    yLabel: TEXTS.trainingLoss,
  };
}
