/** The race as a figure: the surface, the paths until now, the minima. Pure. */

/** @import { Figure } from "../../draw/figure.js" */
/** @import { Look, View } from "../../draw/ground_figure.js" */
/** @import { Race } from "./race.js" */

import { texts } from "../../core/texts.js";
import { category } from "../../draw/colors.js";
import { groundFigure } from "../../draw/ground_figure.js";
import { rowsTurned } from "../../draw/relief.js";
import { reliefOf } from "./race.js";

const TEXTS = texts(import.meta.url, {
  runner: "runner {runner}",
});

/** Runners that have a colour of their own; further ones have it again, and dashes. */
const COLORS = 8;

/**
 * @param {{ race: Race, head: number, axes: [string, string], names: string[] } & Look} shown `head`: steps
 * until now
 * @param {string} view @returns {Figure}
 */
export function raceFigure({ race, head, axes, names, theme, colors: ink }, view) {
  const { scene } = race;
  const { shares, shareAt } = reliefOf(scene);
  const tracks = Array.from({ length: race.count }, (_, runner) => ({
    ...trackOf(race, runner, Math.floor(head) + 1, shareAt),
    name: names[runner] ?? TEXTS.runner({ runner: runner + 1 }),
    color: category(runner),
    dashed: runner >= COLORS,
  }));
  const minima = scene.minima.map(([x, y]) => ({ name: "minimum", x, y, share: shareAt(scene.least) }));
  const ground = {
    x: ends(scene.x, scene.size),
    y: ends(scene.y, scene.size),
    heights: rowsTurned(scene.heights, scene.size, scene.size),
    shares: rowsTurned(shares, scene.size, scene.size),
    tracks,
    marks: minima,
    axes,
    height: "loss",
  };
  return groundFigure(ground, /** @type {View} */ (view), { theme, colors: ink });
}

/**
 * The path of a runner, as far as there is ground below it.
 *
 * @param {Race} race @param {number} runner @param {number} count of points
 * @param {(height: number) => number} shareAt
 */
function trackOf(race, runner, count, shareAt) {
  const path = race.path(runner).subarray(0, 2 * count);
  const [across, up] = [0, 1].map((axis) => path.filter((_, at) => at % 2 === axis));
  const [x, y, losses] = [across ?? path, up ?? path, race.losses(runner).subarray(0, count)];
  const left = x.findIndex(
    (value, at) => !within(value, race.scene.x) || !within(y[at] ?? NaN, race.scene.y),
  );
  const until = left < 0 ? count : left;
  const heights = losses.subarray(0, until);
  return {
    x: x.subarray(0, until),
    y: y.subarray(0, until),
    heights,
    shares: Array.from(heights, shareAt),
    steps: Array.from(heights, (_, step) => step),
  };
}

/** @param {number} value @param {[number, number]} ends */
function within(value, [low, high]) {
  return value >= low && value <= high;
}

/** Places from one end to the other. @param {[number, number]} ends @param {number} count */
function ends([low, high], count) {
  return Array.from({ length: count }, (_, at) => low + ((high - low) * at) / (count - 1));
}
