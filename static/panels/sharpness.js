/** How sharply the loss bends at the network, against the edge at which its learning rate gets unstable. */

/** @import { RunControl } from "../run/run.js" */

import { element, setText } from "../core/dom.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { linesFigure } from "../draw/figure.js";
import { drawPlot } from "../draw/plot.js";
import { color, plotColors } from "../draw/theme_colors.js";
import { LargePlot, titleOf } from "../widgets/large_plot.js";
import { model } from "./sharpness/model.js";

const TEXTS = texts(import.meta.url, {
  step: "step",
  sharpness3: "sharpness λ",
  sharpnessWhileTraining: "Sharpness while training",
  collectedFromNow: "Collected from now on, while training goes on.",
  sharpness: "Sharpness",
  sharpness2: "Sharpness λ",
});

/** @param {RunControl} run */
export function sharpnessPanel(run) {
  const canvas = element("canvas", {
    class: "plot sharpness-plot",
    role: "img",
    "aria-label": TEXTS.sharpnessWhileTraining,
  });
  const note = element("p", { class: "note" }, TEXTS.collectedFromNow);
  const large = new LargePlot({ name: TEXTS.sharpness, title: () => titleOf(run), figure: linesFigure });
  const panel = element(
    "section",
    { class: "sharpness-panel" },
    element(
      "h3",
      { class: "caption", "data-term": "sharpness" },
      TEXTS.sharpness2,
      element("span", { class: "key-limit" }, "2/η"),
    ),
    canvas,
    element("div", { class: "plot-foot" }, note, large.button),
  );
  const paint = onNextPaint(() => {
    const frame = run.latest.get("sharpness");
    const readings = frame && model(frame);
    if (!readings) return;
    const { steps, values, edge, scales } = readings;
    const lines = [
      { name: "2/η", x: steps, y: edge, color: color("negative"), width: 1.25, dash: [4, 3] },
      { name: "sharpness λ", x: steps, y: values, color: color("accent"), width: 1.75 },
    ];
    const shown = { lines, ...scales, xLabel: TEXTS.step, yLabel: TEXTS.sharpness3 };
    drawPlot(canvas, { ...shown, cursor: null }, plotColors());
    large.show(shown);
    setText(note, readings.summary);
  });
  run.onFrame("sharpness", paint);
  run.store.watch((state) => state.theme, paint);
  new ResizeObserver(paint).observe(canvas);
  return { element: panel, demand: () => [{ kind: "sharpness", hz: 1 }] };
}
