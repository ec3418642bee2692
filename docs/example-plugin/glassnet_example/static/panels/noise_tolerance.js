/** The accuracy as noise grows: a button that begins the study, and its curve. */

import { element } from "../../../core/dom.js";
import { drawPlot } from "../../../draw/plot.js";
import { color, plotColors } from "../../../draw/theme_colors.js";
import { studyButton } from "../../../widgets/study_button.js";

/** @param {number} high */
const axis = (high) => ({ low: 0, high, log: false });

/** @param {any} run */
export function panel(run) {
  const canvas = element("canvas", { class: "plot", role: "img", "aria-label": "Accuracy as noise grows" });
  const control = studyButton(run, {
    words: "Add noise",
    empty: "Shows how the accuracy falls as noise is added to the test set.",
    document: () => ({ kind: "noise_tolerance" }),
    frame: (frame) => {
      const [x, y] = ["noise", "accuracy"].map((name) => Float64Array.from(frame.arrays.get(name).data));
      const lines = [{ x, y, color: color("accent"), width: 1.75 }];
      const scales = { x: axis(Math.max(...x, 0.1)), y: axis(1) };
      drawPlot(canvas, { lines, ...scales, cursor: null, xLabel: "noise" }, plotColors());
    },
  });
  return element("div", {}, control.element, canvas);
}
