/** The accuracy as noise grows: a button that begins the study, and its curve. */

import { element } from "../../../core/dom.js";
import { color } from "../../../draw/theme_colors.js";
import { LineChart } from "../../../widgets/line_chart.js";
import { studyButton } from "../../../widgets/study_button.js";

/** @param {number} high */
const axis = (high) => ({ low: 0, high, log: false });

/** @param {any} run */
export function panel(run) {
  const about = "The share of test samples that are still classified correctly, against the noise added to them.";
  const title = () => run.state.experiment?.title ?? "";
  const chart = new LineChart({ name: "Accuracy as noise grows", about, title });
  const control = studyButton(run, {
    label: "Add noise",
    empty: "Shows how the accuracy falls as noise is added to the test set.",
    document: () => ({ kind: "noise_tolerance" }),
    frame: (frame) => {
      const [x, y] = ["noise", "accuracy"].map((name) => Float64Array.from(frame.arrays.get(name).data));
      const lines = [{ name: "accuracy", x, y, color: color("accent"), width: 1.75 }];
      const scales = { x: axis(Math.max(...x, 0.1)), y: axis(1) };
      chart.show({ lines, ...scales, xLabel: "noise", yLabel: "accuracy" });
    },
  });
  return element("div", {}, control.element, chart.element);
}
