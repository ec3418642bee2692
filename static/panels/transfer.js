/** Transfer: weights learned on another task, fixed or trained further, against training from scratch. */

/** @import { Frame } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { LinePlot } from "../draw/figure.js" */
/** @import { Ways } from "./transfer/model.js" */

import { element, setText } from "../core/dom.js";
import { metricName } from "../core/metric_names.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { category, dashOf } from "../draw/colors.js";
import { extent, scaleFor } from "../draw/ticks.js";
import { titleOf } from "../widgets/large_plot.js";
import { LineChart } from "../widgets/line_chart.js";
import { choose, number } from "../widgets/study_form.js";
import { studyButton } from "../widgets/study_button.js";
import { model } from "./transfer/model.js";

const TEXTS = texts(import.meta.url, {
  compare: "Compare transfer",
  empty: [
    "Trains from scratch, on fixed features of another task, and by fine-tuning them. The other task is the first half",
    "of the classes, or what the run's weights of a file or a run were learned on.",
  ],
  pretraining: "Steps on the other task",
  samples: "Samples",
  steps: "Compared steps",
  curve: "Curve",
  ways: "Ways",
  about:
    "Each way's training, over its steps: a transfer that helps starts better, is steeper, or ends better.",
  axis: "steps",
});

/** The curve that is shown first. */
const FIRST = "test_accuracy";

/** @param {RunControl} run */
export function panel(run) {
  return new TransferPanel(run).element;
}

class TransferPanel {
  #run;
  #asked = { pretraining: 400, samples: 10, steps: 100 };
  #series = FIRST;
  #said = element("p", { class: "note", role: "status" });
  #shown = choose(TEXTS.curve, [[FIRST, metricName(FIRST)]], FIRST, (value) => {
    this.#series = value;
    this.#paint();
  });
  #offered = FIRST;
  #chart;
  #result;
  /** @type {Frame | null} */
  #newest = null;

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
    this.#chart = new LineChart({ name: TEXTS.ways, about: TEXTS.about, title: () => titleOf(run) });
    this.#result = element(
      "div",
      { class: "course-result single", hidden: true },
      this.#shown.element,
      this.#chart.element,
    );
    this.element = element("div", { class: "study" }, this.#head(), this.#said, this.#result);
    run.store.watch((state) => state.theme, this.#paint);
    new ResizeObserver(this.#paint).observe(this.#chart.canvas);
    run.onFrame("transfer", (frame) => this.#take(frame));
  }

  #head() {
    const asked = this.#asked;
    const each = { value: asked.pretraining, min: 1, max: 100_000 };
    const samples = { value: asked.samples, min: 2, max: 100_000 };
    const steps = { value: asked.steps, min: 1, max: 1_000_000 };
    const button = studyButton(this.#run, {
      label: TEXTS.compare,
      empty: TEXTS.empty,
      document: () => ({ kind: "transfer", ...asked }),
      frame: (frame) => this.#take(frame),
    });
    return element(
      "div",
      { class: "panel-head" },
      number(TEXTS.pretraining, each, (value) => (asked.pretraining = value)).element,
      number(TEXTS.samples, samples, (value) => (asked.samples = value)).element,
      number(TEXTS.steps, steps, (value) => (asked.steps = value)).element,
      button.element,
    );
  }

  /** @param {Frame} frame */
  #take(frame) {
    this.#newest = frame;
    this.#paint();
  }

  #paint = onNextPaint(() => {
    const found = this.#newest && model(this.#newest, this.#series);
    if (!found) return;
    this.#result.hidden = false;
    setText(this.#said, found.text);
    this.#offer(found.series);
    this.#chart.show({ ...plotOf(found, this.#series), label: found.text || TEXTS.about });
  });

  /** @param {string[]} series */
  #offer(series) {
    if (series.length === 0 || String(series) === this.#offered) return;
    this.#offered = String(series);
    const options = series.map((name) =>
      element("option", { value: name, selected: name === this.#series }, metricName(name)),
    );
    this.#shown.select.replaceChildren(...options);
  }
}

/** @param {Ways} found @param {string} series @returns {LinePlot} */
function plotOf({ curves, steps }, series) {
  const lines = curves.map(({ name, y }, index) => ({
    name,
    x: steps,
    y,
    color: category(index),
    dash: dashOf(index),
    width: 1.75,
  }));
  const x = { low: 0, high: Math.max(1, steps.at(-1) ?? 1), log: false };
  const y = scaleFor(
    extent(
      lines.map((line) => line.y),
      false,
    ),
    false,
    true,
  );
  return { lines, x, y, xLabel: TEXTS.axis, yLabel: metricName(series).toLowerCase() };
}
