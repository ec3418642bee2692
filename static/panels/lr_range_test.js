/** The learning rate range test: the loss against a rate that rises, and the rates worth training with. */

/** @import { Frame } from "../types.d.ts" */
/** @import { RunControl } from "../run.js" */
/** @import { Scale } from "../draw/ticks.js" */

import { element, onNextFrame, setAttribute, setText } from "../dom.js";
import { drawPlot, nearest, valueUnder } from "../draw/plot.js";
import { extent, scaleFor } from "../draw/ticks.js";
import { typedNumber } from "../form/number.js";
import { shortNumber, steadyNumber } from "../format.js";
import { color, plotInk } from "../page/ink.js";
import { studyButton } from "../page/study.js";

/** The marks of a frame, in its order; those that can be trained with come with a button. */
const MARKS = [
  { id: "falls", title: "begins to fall", words: "base_lr: the least rate that is worth trying", usable: true, dash: [2, 3] },
  { id: "steepest", title: "falls fastest", words: "a good rate to begin with", usable: true, dash: [] },
  { id: "least", title: "is least", words: "max_lr: from here on the loss stalls or rises", usable: true, dash: [2, 3] },
  { id: "diverges", title: "diverges", words: "nothing is learned from here on", usable: false, dash: [1, 2] },
];

/** @typedef {{ rates: Float64Array, losses: Float64Array, smoothed: Float64Array, marks: number[] }} Curve */

/** @param {Frame} frame @returns {Curve} */
export function curveOf(frame) {
  const column = (/** @type {string} */ name) => Float64Array.from(frame.arrays.get(name)?.data ?? [], Number);
  return { rates: column("rates"), losses: column("losses"), smoothed: column("smoothed"), marks: [...column("marks")] };
}

/** A rate as a person would write it: two digits that count. @param {number} rate */
export function rounded(rate) {
  return Number(rate.toPrecision(2));
}

/**
 * The experiment with another rate in every optimizer.
 *
 * @template {{ training: { updates: { optimizer: object }[] } }} E
 * @param {E} experiment @param {number} rate
 * @returns {E}
 */
export function withRate(experiment, rate) {
  const updates = experiment.training.updates.map((update) => ({ ...update, optimizer: { ...update.optimizer, learning_rate: rate } }));
  return { ...experiment, training: { ...experiment.training, updates } };
}

/** @param {RunControl} run */
export function lrRangeTestPanel(run) {
  const start = choice("Network", [["beginning", "a new one"], ["now", "as it is now"]]);
  const low = rate("From", 1e-4);
  const high = rate("to", 10);
  const canvas = element("canvas", { class: "plot lr-plot", role: "img", tabindex: 0 });
  const under = element("p", { class: "note lr-under" });
  const rows = MARKS.map((mark) => markRow(mark, (found) => use(found)));
  const result = element("div", { class: "lr-result", hidden: true }, element("div", { class: "lr-curve" }, canvas, under), element("dl", { class: "lr-marks" }, ...rows.map((row) => row.element)));
  /** @type {Curve | null} */
  let curve = null;
  /** @type {number | null} */
  let cursor = null;

  const use = (/** @type {number} */ found) => {
    const { experiment } = run.state;
    if (experiment) run.edit(withRate(experiment, rounded(found)), "/training/updates/0/optimizer/learning_rate");
  };
  const scale = () => xScale(curve, low.value(), high.value());
  const paint = onNextFrame(() => {
    if (!curve) return;
    const { rates, losses, smoothed, marks } = curve;
    result.hidden = false;
    const y = scaleFor(extent([smoothed, usual(losses)], false), false, true);
    const lines = [
      { x: rates, y: losses, color: color("batch"), width: 1 },
      { x: rates, y: smoothed, color: color("train"), width: 1.75 },
      ...marks.flatMap((at, index) =>
        Number.isFinite(at) ? [{ x: Float64Array.of(at, at), y: Float64Array.of(y.low, y.high), color: color(index === 1 ? "accent" : "line-strong"), width: 1, dash: MARKS[index]?.dash ?? [] }] : [],
      ),
    ];
    drawPlot(canvas, { lines, x: scale(), y, cursor, xLabel: "rate" }, plotInk());
    rows.forEach((row, index) => row.show(marks[index] ?? NaN));
    const place = cursor === null ? rates.length - 1 : nearest(rates, cursor);
    setText(under, `rate ${shortNumber(rates[place] ?? NaN)}: loss ${steadyNumber(smoothed[place] ?? NaN, 3)}`);
    setAttribute(canvas, "aria-label", `Loss against learning rate; ${rows.map((row) => row.said()).join(", ")}`);
  });
  canvas.addEventListener("pointermove", (event) => {
    cursor = valueUnder(canvas, scale(), event.offsetX);
    paint();
  });
  canvas.addEventListener("pointerleave", () => {
    cursor = null;
    paint();
  });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || !curve) return;
    event.preventDefault();
    const { rates } = curve;
    const place = cursor === null ? rates.length - 1 : nearest(rates, cursor);
    cursor = rates[Math.min(rates.length - 1, Math.max(0, place + step * Math.ceil(rates.length / 60)))] ?? null;
    paint();
  });
  new ResizeObserver(paint).observe(canvas);
  run.store.watch((state) => state.theme, paint);

  const control = studyButton(run, {
    words: "Run",
    empty: "Trains a copy while the rate rises at every step, and shows where the loss falls.",
    document: () => ({ kind: "lr_range_test", start: start.input.value, low: low.value(), high: high.value() }),
    frame: (frame) => {
      curve = curveOf(frame);
      paint();
    },
  });
  // What somebody else has asked, or who watched before, is seen here too.
  run.onFrame("lr_range_test", (frame) => {
    curve = curveOf(frame);
    paint();
  });
  return { element: element("div", { class: "study lr-range-test" }, element("div", { class: "panel-head" }, start.label, low.label, high.label, control.element), result), demand: () => [] };
}

/** @param {Curve | null} curve @param {number} low @param {number} high @returns {Scale} */
function xScale(curve, low, high) {
  const first = curve?.rates[0] ?? low;
  const last = curve?.rates.at(-1) ?? high;
  return { low: Math.min(low, first), high: Math.max(high, last), log: true };
}

/** The losses without those above three times the first: one wild batch shall not squash the curve. @param {Float64Array} losses */
function usual(losses) {
  const most = 1.5 * (losses[0] ?? Infinity);
  return losses.filter((loss) => loss <= most);
}

/** @param {typeof MARKS[number]} mark @param {(rate: number) => void} use */
function markRow(mark, use) {
  let found = NaN;
  const value = element("b", {}, "–");
  const button = element("button", { type: "button", class: "button", disabled: true, onclick: () => use(found) }, "Use this rate");
  button.setAttribute("aria-label", `Use the rate at which the loss ${mark.title}`);
  return {
    element: element("div", { class: `lr-mark lr-${mark.id}` }, element("dt", {}, element("span", {}, mark.title), element("span", { class: "note" }, mark.words)), element("dd", {}, value, mark.usable && button)),
    show: (/** @type {number} */ rate) => {
      found = rate;
      setText(value, Number.isFinite(rate) ? shortNumber(rounded(rate)) : "–");
      button.disabled = !Number.isFinite(rate);
    },
    said: () => `${mark.title} at ${Number.isFinite(found) ? shortNumber(rounded(found)) : "no rate"}`,
  };
}

/** @param {string} title @param {[string, string][]} options */
function choice(title, options) {
  const input = element("select", {}, ...options.map(([value, words]) => element("option", { value }, words)));
  return { input, label: element("label", { class: "small-choice" }, element("span", {}, title), element("span", { class: "select" }, input)) };
}

/** @param {string} title @param {number} value */
function rate(title, value) {
  const input = element("input", { type: "text", inputmode: "decimal", autocomplete: "off", class: "number", value });
  let typed = value;
  input.addEventListener("change", () => (typed = typedNumber(input, { min: 1e-12, max: 1e4, step: "any" }) ?? typed));
  return { input, value: () => typed, label: element("label", { class: "small-choice" }, element("span", {}, title), input) };
}
