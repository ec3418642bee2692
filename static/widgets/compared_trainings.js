/** A study that compares trainings: its options, its button, and a curve of each over its steps. */

/** @import { Frame } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { LinePlot } from "../draw/figure.js" */

import { element, setText } from "../core/dom.js";
import { metricInText, metricName } from "../core/metric_names.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { category, dashOf } from "../draw/colors.js";
import { extent, scaleFor } from "../draw/ticks.js";
import { titleOf } from "./large_plot.js";
import { LineChart } from "./line_chart.js";
import { studyButton } from "./study_button.js";
import { choose, number } from "./study_form.js";

const TEXTS = texts(import.meta.url, { curve: "Curve", axis: "steps" });

/**
 * What a frame of the study says.
 *
 * @typedef {object} Compared
 * @property {{ name: string, y: Float64Array }[]} curves of the trainings that have begun
 * @property {Float64Array} steps
 * @property {string[]} series what can be shown
 * @property {string} text
 */

/**
 * @typedef {object} Comparison
 * @property {string} kind of the study
 * @property {string} label of its button
 * @property {string} empty what it does, before there is a result
 * @property {string} name of the chart
 * @property {string} about the chart
 * @property {string} first the series that is shown first
 * @property {{ option: string, label: string, value: number, min: number, max: number }[]} options
 * @property {boolean} [log] whether values are shown on a logarithmic axis
 * @property {(frame: Frame, series: string) => Compared | null} model
 */

export class ComparedTrainings {
  #run;
  #comparison;
  /** @type {Record<string, number>} */
  #asked;
  #series;
  #offered = "";
  #shown;
  #chart;
  #result;
  #said = element("p", { class: "note", role: "status" });
  /** @type {Frame | null} */
  #newest = null;

  /** @param {RunControl} run @param {Comparison} comparison */
  constructor(run, comparison) {
    const { first, kind, name, about, options } = comparison;
    this.#run = run;
    this.#comparison = comparison;
    this.#asked = Object.fromEntries(options.map(({ option, value }) => [option, value]));
    this.#series = first;
    this.#shown = choose(TEXTS.curve, [[first, metricName(first)]], first, (value) => {
      this.#series = value;
      this.#paint();
    });
    this.#chart = new LineChart({ name, about, title: () => titleOf(run) });
    this.#result = element(
      "div",
      { class: "course-result single", hidden: true },
      this.#shown.element,
      this.#chart.element,
    );
    this.element = element("div", { class: "study" }, this.#head(), this.#said, this.#result);
    run.store.watch((state) => state.theme, this.#paint);
    new ResizeObserver(this.#paint).observe(this.#chart.canvas);
    run.onFrame(kind, (frame) => this.#take(frame));
  }

  #head() {
    const { kind, label, empty, options } = this.#comparison;
    const fields = options.map(
      ({ option, label: name, value, min, max }) =>
        number(name, { value, min, max }, (chosen) => (this.#asked[option] = chosen)).element,
    );
    const button = studyButton(this.#run, {
      label,
      empty,
      document: () => ({ kind, ...this.#asked }),
      frame: (frame) => this.#take(frame),
    });
    return element("div", { class: "panel-head" }, ...fields, button.element);
  }

  /** @param {Frame} frame */
  #take(frame) {
    this.#newest = frame;
    this.#paint();
  }

  #paint = onNextPaint(() => {
    const found = this.#newest && this.#comparison.model(this.#newest, this.#series);
    if (!found) return;
    this.#result.hidden = false;
    setText(this.#said, found.text);
    this.#offer(found.series);
    const { about, log } = this.#comparison;
    this.#chart.show({ ...plotOf(found, this.#series, log ?? false), label: found.text || about });
  });

  /** @param {string[]} series */
  #offer(series) {
    if (series.length === 0 || String(series) === this.#offered) return;
    this.#offered = String(series);
    this.#shown.element.hidden = series.length < 2;
    const options = series.map((name) =>
      element("option", { value: name, selected: name === this.#series }, metricName(name)),
    );
    this.#shown.select.replaceChildren(...options);
  }
}

/** @param {Compared} found @param {string} series @param {boolean} log @returns {LinePlot} */
function plotOf({ curves, steps }, series, log) {
  const lines = curves.map(({ name, y }, index) => ({
    name,
    x: steps,
    y,
    color: category(index),
    dash: dashOf(index),
    width: 1.75,
  }));
  const values = extent(
    lines.map(({ y }) => y),
    log,
  );
  return {
    lines,
    x: { low: 0, high: Math.max(1, steps.at(-1) ?? 1), log: false },
    y: scaleFor(values, log, !log),
    xLabel: TEXTS.axis,
    yLabel: metricInText(series),
  };
}
