/** The learning rate range test: the loss against a rate that rises, and the rates worth training with. */

/** @import { Frame } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { Scale } from "../draw/ticks.js" */
/** @import { Picture } from "../widgets/rate_curve.js" */

import { element, onNextFrame, setAttribute, setText } from "../core/dom.js";
import { drawPlot, nearest, valueUnder } from "../draw/plot.js";
import { scaleFor } from "../draw/ticks.js";
import { typedNumber } from "../form/number.js";
import { color, plotInk } from "../draw/theme_colors.js";
import { studyButton } from "../widgets/study_button.js";
import { MARKS, model, underCursor, withRate } from "../widgets/rate_curve.js";

/** How each mark is drawn. @type {Record<string, { ink: string, dash: number[] }>} */
const LINES = {
  falls: { ink: "line-strong", dash: [2, 3] },
  steepest: { ink: "line-strong", dash: [1, 5] },
  good: { ink: "accent", dash: [] },
  least: { ink: "line-strong", dash: [2, 3] },
  diverges: { ink: "line-strong", dash: [1, 2] },
};

/** @param {RunControl} run */
export function lrRangeTestPanel(run) {
  const start = choice("Network", [
    ["beginning", "a new one"],
    ["now", "as it is now"],
  ]);
  const low = rate("From", 1e-4);
  const high = rate("to", 10);
  const canvas = element("canvas", { class: "plot lr-plot", role: "img", tabindex: 0 });
  const under = element("p", { class: "note lr-under" });
  const tried = element("ul", { class: "lr-tried", "aria-label": "Rates that were tried, and their losses" });
  const rows = MARKS.map((mark) => markRow(mark, (found) => use(found), mark.id === "good" ? tried : null));
  const legend = element("p", { class: "note lr-legend" });
  const result = element(
    "div",
    { class: "lr-result", hidden: true },
    element("div", { class: "lr-curve" }, canvas, under, legend),
    element("dl", { class: "lr-marks" }, ...rows.map((row) => row.element)),
  );
  /** @type {Frame | null} */
  let frame = null;
  let running = false;
  /** @type {Picture | null} */
  let shown = null;
  /** @type {number | null} */
  let cursor = null;

  const use = (/** @type {number} */ found) => {
    const { experiment } = run.state;
    if (experiment) run.edit(withRate(experiment, found), "/training/updates/0/optimizer/learning_rate");
  };
  const scale = () => xScale(shown, low.value(), high.value());
  const paint = onNextFrame(() => {
    if (!shown) return;
    const { rates, losses, smoothed, band, marks } = shown;
    result.hidden = false;
    const y = scaleFor(shown.extent, false, true);
    // Three points: two would be drawn as dots, too.
    const upright = (/** @type {number} */ at) => ({
      x: Float64Array.of(at, at, at),
      y: Float64Array.of(y.low, (y.low + y.high) / 2, y.high),
    });
    const lines = [
      { x: rates, y: losses, color: color("batch"), width: 1 },
      ...marks.flatMap(({ id, rate: at }) =>
        Number.isFinite(at)
          ? [
              {
                ...upright(at),
                color: color(LINES[id]?.ink ?? "line"),
                width: 1,
                dash: LINES[id]?.dash ?? [],
              },
            ]
          : [],
      ),
      { x: rates, y: smoothed, band, color: color("train"), width: 1.75 },
    ];
    drawPlot(canvas, { lines, x: scale(), y, cursor, xLabel: "rate" }, plotInk());
    setText(under, underCursor(shown, cursor));
    setAttribute(canvas, "aria-label", shown.said);
  });
  const show = () => {
    if (!frame) return;
    shown = model(frame, running);
    for (const row of rows) row.show(shown);
    setText(legend, shown.legend);
    tried.hidden = shown.tried.length === 0;
    tried.replaceChildren(
      ...[{ rate: "rate", loss: "loss", state: "" }, ...shown.tried].map(({ rate: at, loss, state }) =>
        element("li", { class: state }, element("span", {}, at), element("span", {}, loss)),
      ),
    );
    paint();
  };
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
    if (!step || !shown) return;
    event.preventDefault();
    const { rates } = shown;
    const place = cursor === null ? rates.length - 1 : nearest(rates, cursor);
    cursor =
      rates[Math.min(rates.length - 1, Math.max(0, place + step * Math.ceil(rates.length / 60)))] ?? null;
    paint();
  });
  new ResizeObserver(paint).observe(canvas);
  run.store.watch((state) => state.theme, paint);

  const seen = (/** @type {Frame} */ received) => {
    frame = received;
    show();
  };
  const control = studyButton(run, {
    words: "Run",
    empty: "Trains copies while the rate rises at every step, then tries rates to find a good one.",
    document: () => ({
      kind: "lr_range_test",
      start: start.input.value,
      low: low.value(),
      high: high.value(),
    }),
    begin: () => (running = true),
    frame: seen,
    end: () => {
      running = false;
      show();
    },
  });
  // What somebody else has asked, or who watched before, is seen here too.
  run.onFrame("lr_range_test", seen);
  return {
    element: element(
      "div",
      { class: "study lr-range-test" },
      element("div", { class: "panel-head" }, start.label, low.label, high.label, control.element),
      result,
    ),
    demand: () => [],
  };
}

/** @param {Picture | null} shown @param {number} low @param {number} high @returns {Scale} */
function xScale(shown, low, high) {
  const first = shown?.rates[0] ?? low;
  const last = shown?.rates.at(-1) ?? high;
  return { low: Math.min(low, first), high: Math.max(high, last), log: true };
}

/**
 * @param {typeof MARKS[number]} mark @param {(rate: number) => void} use @param {HTMLElement | null} below
 */
function markRow(mark, use, below) {
  let found = NaN;
  const value = element("b", {}, "–");
  const words = element("span", { class: "note" });
  const button = element(
    "button",
    { type: "button", class: "button", disabled: true, onclick: () => use(found) },
    "Use this rate",
  );
  button.setAttribute("aria-label", `Use this rate: ${mark.title}`);
  const name = element("dt", {}, element("span", {}, mark.title), words);
  return {
    element: element(
      "div",
      { class: `lr-mark lr-${mark.id}` },
      name,
      element("dd", {}, value, mark.usable && button),
      below && element("dd", { class: "lr-below" }, below),
    ),
    show: (/** @type {Picture} */ shown) => {
      const own = shown.marks.find(({ id }) => id === mark.id);
      found = own?.use ?? NaN;
      setText(value, own?.text ?? "–");
      setText(words, own?.words ?? "");
      button.disabled = !Number.isFinite(found);
    },
  };
}

/** @param {string} title @param {[string, string][]} options */
function choice(title, options) {
  const input = element(
    "select",
    {},
    ...options.map(([value, words]) => element("option", { value }, words)),
  );
  return {
    input,
    label: element(
      "label",
      { class: "small-choice" },
      element("span", {}, title),
      element("span", { class: "select" }, input),
    ),
  };
}

/** @param {string} title @param {number} value */
function rate(title, value) {
  const input = element("input", {
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    class: "number",
    value,
  });
  let typed = value;
  input.addEventListener(
    "change",
    () => (typed = typedNumber(input, { min: 1e-12, max: 1e4, step: "any" }) ?? typed),
  );
  return {
    input,
    value: () => typed,
    label: element("label", { class: "small-choice" }, element("span", {}, title), input),
  };
}
