/** Bias and variance: the network trained anew on resamples of its training set. */

/** @import { Frame } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { LinePlot, NamedLine } from "../draw/figure.js" */
/** @import { Band, Retrained } from "./resamples/model.js" */

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
import { model } from "./resamples/model.js";

const TEXTS = texts(import.meta.url, {
  train: "Train on resamples",
  empty: [
    "Trains the network anew, each time on samples drawn from its training set with replacement. Your run goes",
    "on undisturbed.",
  ],
  networks: "Networks",
  mean: "Their mean",
  spread: "Their standard deviation",
  network: "The output of network {number}",
  steps: "Steps",
  decomposed: "Bias and variance",
  decomposedAbout: [
    "Squared bias: how far the mean of all networks is from the true function. Variance: how far a network is",
    "from that mean. Over the test set, as training goes on.",
  ],
  losses: "Losses",
  lossesAbout: "The mean of the networks, in a band from the least to the greatest of them.",
  variance: "variance",
  error: "error",
  trainLoss: "train loss",
  testLoss: "test loss",
  loss: "loss",
  stepsAxis: "steps",
  squared: "squared distance",
});

/** @param {RunControl} run */
export function panel(run) {
  return new ResamplesPanel(run).element;
}

class ResamplesPanel {
  #run;
  #asked = { networks: 10, steps: 300 };
  #said = element("p", { class: "note", role: "status" });
  #surfaces = new SurfaceEnsemble(
    [
      { name: "mean", title: TEXTS.mean },
      { name: "spread", title: TEXTS.spread, size: true },
    ],
    (number) => TEXTS.network({ number }),
  );
  #parts;
  #losses;
  #result;
  /** @type {Frame | null} */
  #newest = null;

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
    const title = () => titleOf(run);
    this.#parts = new LineChart({ name: TEXTS.decomposed, about: TEXTS.decomposedAbout, title });
    this.#losses = new LineChart({ name: TEXTS.losses, about: TEXTS.lossesAbout, title });
    const charts = element("div", { class: "course-charts" }, this.#parts.element, this.#losses.element);
    this.#result = element("div", { class: "course-result", hidden: true }, this.#surfaces.element, charts);
    this.element = element("div", { class: "study" }, this.#head(), this.#said, this.#result);
    run.store.watch((state) => state.theme, this.#paint);
    new ResizeObserver(this.#paint).observe(this.#parts.canvas);
    // What another viewer has asked is seen here, too.
    run.onFrame("resamples", (frame) => this.#take(frame));
  }

  #head() {
    const asked = this.#asked;
    const networks = { value: asked.networks, min: 2, max: 64 };
    const steps = { value: asked.steps, min: 1, max: 1_000_000 };
    return element(
      "div",
      { class: "panel-head" },
      number(TEXTS.networks, networks, (value) => (asked.networks = value)).element,
      number(TEXTS.steps, steps, (value) => (asked.steps = value)).element,
      studyButton(this.#run, {
        label: TEXTS.train,
        empty: TEXTS.empty,
        document: () => ({ kind: "resamples", ...asked }),
        frame: (frame) => this.#take(frame),
      }).element,
    );
  }

  /** @param {Frame} frame */
  #take(frame) {
    this.#newest = frame;
    this.#paint();
  }

  #paint = onNextPaint(() => {
    const found = this.#newest && model(this.#newest);
    if (!this.#newest || !found) return;
    this.#result.hidden = false;
    setText(this.#said, found.text);
    this.#surfaces.paint(this.#newest, this.#run.state.theme);
    this.#parts.show({ ...decomposed(found), label: found.text });
    this.#losses.show(losses(found));
  });
}

/** @param {Retrained} found @returns {LinePlot} */
function decomposed({ steps, bias, variance, error, biasName }) {
  const lines = [
    { name: biasName, x: steps, y: bias, color: color("train"), width: 1.75 },
    { name: TEXTS.variance, x: steps, y: variance, color: color("test"), width: 1.75, dash: [6, 3] },
    { name: TEXTS.error, x: steps, y: error, color: color("line-strong"), width: 1, dash: [2, 3] },
  ];
  return plot(lines, [bias, variance, error], TEXTS.squared);
}

/** @param {Retrained} found @returns {LinePlot} */
function losses({ losses: { train, test } }) {
  const line = (/** @type {string} */ name, /** @type {string} */ token, /** @type {Band} */ band) => ({
    name,
    x: band.steps,
    y: band.mean,
    band: { low: band.low, high: band.high },
    color: color(token),
    width: 1.75,
  });
  const lines = [line(TEXTS.trainLoss, "train", train), line(TEXTS.testLoss, "test", test)];
  return plot(lines, [train.low, train.high, test.low, test.high], TEXTS.loss);
}

/** @param {NamedLine[]} lines @param {Float64Array[]} values @param {string} yLabel @returns {LinePlot} */
function plot(lines, values, yLabel) {
  const last = Math.max(1, ...lines.map(({ x }) => x.at(-1) ?? 0));
  const x = { low: 0, high: last, log: false };
  return { lines, x, y: scaleFor(extent(values, false), false, true), xLabel: TEXTS.stepsAxis, yLabel };
}
