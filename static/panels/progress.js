/** The batch loss: the noisy line behind the curves, and the learning rate beside them. */

/** @import { Line } from "../draw/plot.js" */
/** @import { RunControl } from "../run.js" */

import { color } from "../page/ink.js";

/** @param {RunControl} run @returns {Line[]} */
export function batchLines(run) {
  const progress = run.series?.progress;
  if (!progress || progress.length === 0) return [];
  return [{ x: progress.values("epoch"), y: progress.values("batch_loss"), color: color("batch"), width: 1 }];
}

/** @param {RunControl} run @returns {number} the learning rate of the last step, or NaN */
export function learningRate(run) {
  const columns = run.series?.progress.columns;
  return (columns?.get("learning_rate") ?? columns?.get("learning_rate_0"))?.last ?? NaN;
}
