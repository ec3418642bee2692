/** The loss against the rate as a plot, with a cursor for pointer and keyboard. */

/** @import { NamedLine } from "../../draw/figure.js" */
/** @import { Mark, Picture } from "./model.js" */

import { element, onNextFrame, picture, setAttribute, setText } from "../../core/dom.js";
import { onNextPaint } from "../../core/paint_scheduler.js";
import { texts } from "../../core/texts.js";
import { linesFigure } from "../../draw/figure.js";
import { drawPlot, valueUnder } from "../../draw/plot.js";
import { color, plotColors } from "../../draw/theme_colors.js";
import { scaleFor } from "../../draw/ticks.js";
import { LargePlot } from "../../widgets/large_plot.js";
import { LineLegend } from "../../widgets/line_chart.js";
import { MARKS, rateBeside, rateScale, underCursor } from "./model.js";

const TEXTS = texts(import.meta.url, {
  rate: "rate",
  loss: "loss",
  learningRateRangeTest: "Learning rate range test",
  accuracy: "accuracy",
  accuracyAgainstRate: "Accuracy against learning rate",
});

/** How each mark is drawn. @type {Record<string, { token: string, dash: number[] }>} */
const LINES = {
  falls: { token: "line-strong", dash: [2, 3] },
  steepest: { token: "line-strong", dash: [1, 5] },
  good: { token: "accent", dash: [] },
  least: { token: "line-strong", dash: [2, 3] },
  diverges: { token: "line-strong", dash: [1, 2] },
  peak: { token: "test", dash: [2, 3] },
};

export class RateCurve {
  #asked;
  /** @type {Picture | null} */
  #picture = null;
  /** The rate under the cursor. @type {number | null} */
  #cursor = null;
  #canvas = picture("plot lr-plot", { tabindex: 0 });
  #accuracy = picture("plot lr-accuracy", { hidden: true });
  #under = element("p", { class: "note lr-under" });
  #legend = element("p", { class: "note lr-legend" });
  #lines = new LineLegend();
  #large;
  element;

  /**
   * @param {() => { low: number, high: number }} asked the rates that are asked for
   *
   * @param {() => string} title of the run
   */
  constructor(asked, title) {
    this.#asked = asked;
    this.#large = new LargePlot({ name: TEXTS.learningRateRangeTest, title, figure: linesFigure });
    const foot = element("div", { class: "plot-foot" }, this.#legend, this.#large.button);
    this.element = element(
      "div",
      { class: "lr-curve" },
      this.#lines.element,
      this.#canvas,
      this.#accuracy,
      this.#under,
      foot,
    );
    this.#canvas.addEventListener("pointermove", ({ offsetX }) =>
      this.#moveTo(valueUnder(this.#canvas, this.#scale, offsetX)),
    );
    this.#canvas.addEventListener("pointerleave", () => this.#moveTo(null));
    this.#canvas.addEventListener("keydown", (event) => this.#step(event));
    new ResizeObserver(this.paint).observe(this.#canvas);
  }

  /** @param {Picture} picture */
  show(picture) {
    this.#picture = picture;
    setText(this.#legend, picture.legend);
    this.paint();
  }

  paint = onNextPaint(() => this.#draw());
  /** The cursor does not wait for the next paint. */
  #follow = onNextFrame(() => this.#draw());

  get #scale() {
    return rateScale(this.#picture, this.#asked());
  }

  #draw() {
    if (!this.#picture) return;
    const y = scaleFor(this.#picture.extent, false, true);
    const lines = linesOf(this.#picture, y);
    const shown = { lines, x: this.#scale, y, xLabel: TEXTS.rate, yLabel: TEXTS.loss };
    drawPlot(this.#canvas, { ...shown, cursor: this.#cursor }, plotColors());
    this.#large.show(shown);
    const below = this.#drawAccuracy(this.#picture);
    this.#lines.show([...lines, ...below].filter(({ guide }) => !guide));
    setText(this.#under, underCursor(this.#picture, this.#cursor));
    setAttribute(this.#canvas, "aria-label", this.#picture.label);
  }

  /** Below the loss, over the same rates. @param {Picture} picture @returns {NamedLine[]} what is drawn there */
  #drawAccuracy({ accuracy, marks }) {
    this.#accuracy.hidden = !accuracy || accuracy.rates.length === 0;
    if (!accuracy || this.#accuracy.hidden) return [];
    const y = { low: 0, high: 1, log: false };
    const peak = marks.find(({ id, rate }) => id === "peak" && Number.isFinite(rate));
    const line = {
      name: TEXTS.accuracy,
      x: accuracy.rates,
      y: accuracy.values,
      color: color("test"),
      width: 1.5,
    };
    const lines = [...(peak ? [markLine(peak, y)] : []), line];
    const shown = { lines, x: this.#scale, y, xLabel: "", yLabel: TEXTS.accuracy };
    drawPlot(this.#accuracy, { ...shown, cursor: this.#cursor }, plotColors());
    setAttribute(this.#accuracy, "aria-label", TEXTS.accuracyAgainstRate);
    return lines;
  }

  /** @param {number | null} rate */
  #moveTo(rate) {
    this.#cursor = rate;
    this.#follow();
  }

  /** @param {KeyboardEvent} event */
  #step(event) {
    if (!this.#picture || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
    event.preventDefault();
    this.#moveTo(rateBeside(this.#picture.rates, this.#cursor, event.key === "ArrowLeft" ? -1 : 1));
  }
}

/** @param {Picture} picture @param {{ low: number, high: number }} y @returns {NamedLine[]} */
function linesOf({ rates, losses, smoothed, band, marks }, y) {
  return [
    { name: "batch", x: rates, y: losses, color: color("batch"), width: 1 },
    ...marks
      .filter(({ id, rate }) => id !== "peak" && Number.isFinite(rate))
      .map((mark) => markLine(mark, y)),
    { name: "smoothed", x: rates, y: smoothed, band, color: color("train"), width: 1.75 },
  ];
}

/**
 * An upright line of three points: two would be drawn as dots, too.
 *
 * @param {Mark} mark @param {{ low: number, high: number }} y @returns {NamedLine}
 */
function markLine({ id, rate }, { low, high }) {
  const { token, dash } = LINES[id] ?? { token: "line", dash: [] };
  return {
    name: MARKS.find((mark) => mark.id === id)?.title ?? id,
    guide: true,
    x: Float64Array.of(rate, rate, rate),
    y: Float64Array.of(low, (low + high) / 2, high),
    color: color(token),
    width: 1,
    dash,
  };
}
