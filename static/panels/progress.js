/** The batch loss: the noisy line behind the curves. */

/** @import { Line } from "../draw/plot.js" */
/** @import { RunControl } from "../run/run.js" */

import { color } from "../draw/theme_colors.js";

/** @param {RunControl} run @returns {Line[]} */
export function batchLines(run) {
  const progress = run.series?.progress;
  if (!progress || progress.length === 0) return [];
  return [{ x: progress.values("epoch"), y: progress.values("batch_loss"), color: color("batch"), width: 1 }];
}
