/** Which units are at work: of each activation, how many, and those that never are. */

import { element } from "../../../core/dom.js";

/**
 * What a frame says, in numbers.
 *
 * @param {{ arrays: Map<string, { data: Float32Array }> }} frame
 */
export function model(frame) {
  return [...frame.arrays].map(([node, { data }]) => {
    const idle = data.filter((share) => share === 0).length;
    return { node, units: data.length, idle, share: data.reduce((sum, share) => sum + share, 0) / data.length };
  });
}

/** @param {any} run the run on the page: `run.onFrame`, `run.study`, `run.state` */
export function panel(run) {
  const lines = element("div", { class: "note" });
  run.onFrame("unit_activity", (frame) => {
    const said = model(frame).map(
      ({ node, units, idle, share }) => `${node}: ${Math.round(100 * share)} % active, ${idle} of ${units} idle`,
    );
    lines.replaceChildren(...said.map((words) => element("p", {}, words)));
  });
  return lines;
}
