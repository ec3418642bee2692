/** The batch loss: the noisy line behind the curves. */

/** @import { NamedLine } from "../draw/figure.js" */
/** @import { RunControl } from "../run/run.js" */
/** @import { Unit } from "../draw/curve_axis.js" */

import { color } from "../draw/theme_colors.js";

/** @param {RunControl} run @param {Unit} unit @param {number[]} breaks @returns {NamedLine[]} */
export function batchLines(run, unit, breaks) {
  const progress = run.series?.progress;
  if (!progress || progress.length === 0) return [];
  const [x, y] = [progress.values(unit), progress.values("batch_loss")];
  return [{ name: "batch", x, y, color: color("batch"), width: 1, breaks }];
}
