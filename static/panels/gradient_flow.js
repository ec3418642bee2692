/** Gradient flow: the size of each layer's gradient, weights and update, along the network and through training. */

/** @import { RunControl } from "../run/run.js" */
/** @import { Flow, LayerSize, Measure } from "./gradient_flow/model.js" */

import { element, setAttribute, setText } from "../core/dom.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { cssColor, mix, rgb } from "../draw/colors.js";
import { color } from "../draw/theme_colors.js";
import { titleOf } from "../widgets/large_plot.js";
import { LineChart } from "../widgets/line_chart.js";
import { smallChoice } from "../widgets/small_choice.js";
import { model } from "./gradient_flow/model.js";

const TEXTS = texts(import.meta.url, {
  step: "step",
  measure: "Size of",
  gradient: "Gradient",
  ratio: "Update ÷ weight",
  update: "Update",
  weight: "Weight",
  layer: "Layer",
  logarithmic: "{measure}, logarithmic",
  along: "Along the network: {measure}, layer by layer",
  through: "Through training",
  label: "{measure} of {count} layers at {steps} steps",
});

/** @param {RunControl} run */
export function gradientFlowPanel(run) {
  const measure = smallChoice(TEXTS.measure, MEASURES, () => paint());
  const rows = new LayerRows();
  const summary = element("p", { class: "note" });
  const chart = new LineChart({ name: TEXTS.through, title: () => titleOf(run), term: "gradient_flow" });
  const panel = element(
    "div",
    { class: "flow-panel" },
    element("div", { class: "flow-now" }, measure.label, rows.element, summary),
    chart.element,
  );
  // Until the first frame there is nothing to draw; what is drawn can be chosen before.
  const drawn = [rows.element, summary, chart.element];
  for (const part of drawn) part.hidden = true;
  const paint = onNextPaint(() => {
    const chosen = /** @type {Measure} */ (measure.value());
    const frame = run.latest.get("gradient_flow");
    const flow = frame && model(frame, run.state.description?.nodes ?? [], chosen);
    for (const part of drawn) part.hidden = !flow;
    if (!flow) return;
    const name = TEXTS[chosen];
    rows.show(flow.layers, TEXTS.along({ measure: name }), name);
    setText(summary, flow.summary);
    chart.show({
      lines: linesOf(flow),
      ...flow.scales,
      xLabel: TEXTS.step,
      yLabel: name,
      label: TEXTS.label({ measure: name, count: flow.layers.length, steps: flow.curves[0]?.x.length ?? 0 }),
    });
  });
  run.onFrame("gradient_flow", paint);
  run.store.watch((state) => `${state.theme}`, paint);
  run.store.watch((state) => state.description, paint);
  new ResizeObserver(paint).observe(chart.canvas);
  return { element: panel, demand: () => [{ kind: "gradient_flow", hz: 5 }] };
}

/** @type {[Measure, string][]} */
const MEASURES = [
  ["gradient", TEXTS.gradient],
  ["ratio", TEXTS.ratio],
  ["update", TEXTS.update],
  ["weight", TEXTS.weight],
];

/** @type {number[][]} */
const DASHES = [[], [6, 3], [1.5, 3]];

/** A line a layer: pale at the input, dark at the output, and dashes by turns as a second cue. @param {Flow} flow */
function linesOf({ curves }) {
  const [near, far] = [rgb(color("ink-3")), rgb(color("accent"))];
  return curves.map(({ name, depth, x, y }, index) => ({
    name,
    x,
    y,
    color: cssColor(mix(near, far, depth)),
    width: 1.5,
    dash: DASHES[index % DASHES.length],
  }));
}

/** The layers as a table, each with a bar of its magnitude. */
class LayerRows {
  #caption = element("caption", { class: "visually-hidden" });
  #measure = element("th", { scope: "col", class: "number", "data-term": "flow_measure" });
  #body = element("tbody");
  element = element(
    "table",
    { class: "flow-rows" },
    this.#caption,
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, TEXTS.layer), this.#measure)),
    this.#body,
  );

  /** @param {LayerSize[]} layers @param {string} caption @param {string} measure */
  show(layers, caption, measure) {
    setText(this.#caption, caption);
    setText(this.#measure, TEXTS.logarithmic({ measure }));
    while (this.#body.rows.length > layers.length) this.#body.deleteRow(-1);
    while (this.#body.rows.length < layers.length) this.#body.append(emptyRow());
    layers.forEach((layer, index) =>
      fillRow(/** @type {HTMLTableRowElement} */ (this.#body.rows[index]), layer),
    );
  }
}

function emptyRow() {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }),
    element("td", { class: "number" }, element("i", { class: "flow-bar" }), element("span")),
  );
}

/** @param {HTMLTableRowElement} row @param {LayerSize} layer */
function fillRow(row, { name, text, full, share }) {
  const [head, cell] = row.cells;
  if (!head || !cell) return;
  setText(head, name);
  setAttribute(cell, "title", full || null);
  const [bar, number] = /** @type {[HTMLElement, HTMLElement]} */ (
    /** @type {unknown} */ ([...cell.children])
  );
  bar.style.setProperty("--share", String(share));
  setText(number, text);
}
