/** Dropout as an ensemble: the networks that masks leave, and their mean beside evaluation mode. */

/** @import { Frame } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { LinePlot } from "../draw/figure.js" */
/** @import { Ensemble } from "./dropout_ensemble/model.js" */

import { element, setText } from "../core/dom.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { color } from "../draw/theme_colors.js";
import { extent, scaleFor } from "../draw/ticks.js";
import { titleOf } from "../widgets/large_plot.js";
import { LineChart } from "../widgets/line_chart.js";
import { number } from "../widgets/study_form.js";
import { studyButton } from "../widgets/study_button.js";
import { SurfaceEnsemble } from "../widgets/surface_ensemble.js";
import { model } from "./dropout_ensemble/model.js";

const TEXTS = texts(import.meta.url, {
  draw: "Draw masks",
  empty: [
    "Each mask silences some units, the same for every sample: a thinned network. Their mean is compared with",
    "the output of all units.",
  ],
  masks: "Masks",
  whole: "Evaluation mode",
  mean: "Mean of the masks",
  spread: "Standard deviation",
  mask: "The output of mask {number}",
  distance: "Distance of their mean",
  distanceAbout:
    "The root mean square, over the test set, of the mean of so many masks less evaluation mode.",
  error: "Squared error",
  errorAbout: "Of the mean of so many masks, of a single mask, and of evaluation mode, on the test set.",
  meanOfMasks: "mean of the masks",
  single: "a single mask",
  evaluation: "evaluation mode",
  axis: "masks",
  output: "Output",
});

/** @param {RunControl} run */
export function panel(run) {
  return new DropoutPanel(run).element;
}

class DropoutPanel {
  #run;
  #asked = { masks: 64 };
  #said = element("p", { class: "note", role: "status" });
  #surfaces = new SurfaceEnsemble(
    [
      { name: "whole", title: TEXTS.whole },
      { name: "mean", title: TEXTS.mean },
      { name: "spread", title: TEXTS.spread, size: true },
    ],
    (mask) => TEXTS.mask({ number: mask }),
  );
  #rows = element("tbody");
  #distance;
  #error;
  #result;
  /** @type {Frame | null} */
  #newest = null;

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
    const title = () => titleOf(run);
    this.#distance = new LineChart({ name: TEXTS.distance, about: TEXTS.distanceAbout, title });
    this.#error = new LineChart({ name: TEXTS.error, about: TEXTS.errorAbout, title });
    const charts = element("div", { class: "course-charts" }, this.#distance.element, this.#error.element);
    const left = element("div", {}, this.#surfaces.element, this.#table());
    this.#result = element("div", { class: "course-result", hidden: true }, left, charts);
    this.element = element("div", { class: "study" }, this.#head(), this.#said, this.#result);
    run.store.watch((state) => state.theme, this.#paint);
    new ResizeObserver(this.#paint).observe(this.#distance.canvas);
    run.onFrame("dropout_ensemble", (frame) => this.#take(frame));
  }

  #head() {
    const masks = { value: this.#asked.masks, min: 2, max: 1000 };
    const button = studyButton(this.#run, {
      label: TEXTS.draw,
      empty: TEXTS.empty,
      document: () => ({ kind: "dropout_ensemble", ...this.#asked, input: this.#run.state.input }),
      frame: (frame) => this.#take(frame),
    });
    const field = number(TEXTS.masks, masks, (value) => (this.#asked.masks = value));
    return element("div", { class: "panel-head" }, field.element, button.element);
  }

  #table() {
    const titles = [TEXTS.output, TEXTS.whole, TEXTS.mean];
    const heads = titles.map((title) => element("th", { scope: "col", "data-label": "" }, title));
    const head = element("thead", {}, element("tr", {}, ...heads));
    return element("table", { class: "ensemble-outputs" }, head, this.#rows);
  }

  /** @param {Frame} frame */
  #take(frame) {
    this.#newest = frame;
    this.#paint();
  }

  #paint = onNextPaint(() => {
    const found =
      this.#newest && model(this.#newest, this.#run.state.description?.data.classes?.map(String) ?? []);
    if (!this.#newest || !found) return;
    this.#result.hidden = false;
    setText(this.#said, found.text);
    this.#surfaces.paint(this.#newest, this.#run.state.theme);
    this.#distance.show({ ...distanceOf(found), label: found.text });
    this.#error.show(errorsOf(found));
    this.#rows.replaceChildren(
      ...found.outputs.map(({ name, evaluation, mean }) =>
        element(
          "tr",
          {},
          element("th", { scope: "row", "data-label": "" }, name),
          element("td", {}, evaluation),
          element("td", {}, mean),
        ),
      ),
    );
  });
}

/** @param {Ensemble} found @returns {LinePlot} */
function distanceOf({ masks, distance }) {
  const lines = [{ name: TEXTS.meanOfMasks, x: masks, y: distance, color: color("train"), width: 1.75 }];
  return { lines, ...axes(masks, [distance]), yLabel: TEXTS.distance.toLowerCase() };
}

/** @param {Ensemble} found @returns {LinePlot} */
function errorsOf({ masks, error, maskError, evaluationError }) {
  const level = (/** @type {number} */ value) => masks.map(() => value);
  const lines = [
    { name: TEXTS.meanOfMasks, x: masks, y: error, color: color("train"), width: 1.75 },
    {
      name: TEXTS.single,
      x: masks,
      y: level(maskError),
      color: color("line-strong"),
      width: 1,
      dash: [2, 3],
    },
    {
      name: TEXTS.evaluation,
      x: masks,
      y: level(evaluationError),
      color: color("test"),
      width: 1.75,
      dash: [6, 3],
    },
  ];
  const values = lines.map(({ y }) => y);
  return { lines, ...axes(masks, values), yLabel: TEXTS.error.toLowerCase() };
}

/** @param {Float64Array} masks @param {Float64Array[]} values */
function axes(masks, values) {
  const x = { low: 1, high: Math.max(2, masks.at(-1) ?? 2), log: false };
  return { x, y: scaleFor(extent(values, false), false, true), xLabel: TEXTS.axis };
}
