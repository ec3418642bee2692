/** Rows of a table: type one, or take one of the set, and see what the network says of it. */

/** @import { JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { State } from "../run/state.js" */

import { element, icon, setAttribute } from "../core/dom.js";
import { fill, numberComplaint, parseNumber } from "../form/number.js";
import { fullNumber, shortNumber } from "../core/format.js";
import { predictionPanel } from "../panels/prediction.js";
import { dataset, inputNames } from "../catalog/catalog.js";

/** More fields than this are no form any more. */
const MOST = 40;
const PARTS = 200;

/** Whether the samples are rows of numbers that one can type. @param {State} state */
export function asksRows({ catalog, experiment, description }) {
  const item = experiment ? dataset(catalog, experiment) : undefined;
  return Boolean(
    item &&
    !item.plane &&
    !item.brightest &&
    description?.input.shape.length === 1 &&
    (description.input.shape[0] ?? 0) <= MOST,
  );
}

/** What the panel asks the run for. @param {RunControl} run @returns {JsonObject[]} */
export function askingDemand({ state }) {
  return asksRows(state)
    ? [
        { kind: "prediction", input: state.input, hz: 10 },
        { kind: "samples", hz: 1 },
      ]
    : [];
}

/**
 * @typedef {{ row: HTMLElement, input: HTMLInputElement, slider: HTMLInputElement, low: number, high: number
 * }} Asked
 */

/** @param {RunControl} run @returns {HTMLElement} */
export function askingPanel(run) {
  const list = element("div", { class: "asked" });
  /** @type {Asked[]} */
  let fields = [];
  let built = "";

  /** What stands in the fields. @returns {number[] | null} */
  const typed = () => {
    const values = fields.map(({ input }) => parseNumber(input.dataset["value"] ?? input.value, {}));
    return values.every((value) => value !== null) ? /** @type {number[]} */ (values) : null;
  };
  const ask = () => {
    const values = typed();
    if (values) run.store.set({ input: { kind: "values", values } });
  };

  /** @param {string} name @param {number} low @param {number} high @returns {Asked} */
  function makeField(name, low, high) {
    const words = `${name}: ${shortNumber(low)} to ${shortNumber(high)} in training`;
    const input = element("input", {
      type: "text",
      class: "number",
      inputmode: "decimal",
      autocomplete: "off",
      "aria-label": name,
      title: words,
    });
    const slider = element("input", {
      type: "range",
      min: 0,
      max: PARTS,
      step: 1,
      "aria-label": `${name}, over its range in training`,
      title: words,
    });
    const made = {
      row: element("div", { class: "asked-row" }, element("span", { title: words }, name), slider, input),
      input,
      slider,
      low,
      high,
    };
    slider.addEventListener("input", () => {
      write(made, low + ((high - low) * Number(slider.value)) / PARTS);
      ask();
    });
    input.addEventListener("input", () => delete input.dataset["value"]);
    input.addEventListener("change", () => {
      const value = parseNumber(input.value, {});
      setAttribute(input, "aria-invalid", value === null ? "true" : null);
      input.title = value === null ? numberComplaint(input.value, {}) : words;
      if (value === null) return;
      write(made, value);
      ask();
    });
    return made;
  }

  /** One row per feature, with the range it has in the training set. */
  function build() {
    const { catalog, experiment } = run.state;
    const rows = run.latest.get("samples")?.arrays.get("train/inputs");
    if (!experiment || !asksRows(run.state) || !rows || rows.shape.length !== 2) return;
    const names = dataset(catalog, experiment)?.inputs ?? inputNames(catalog, experiment);
    const [count = 0, width = 0] = rows.shape;
    const wanted = JSON.stringify([run.state.run?.id, experiment.data.kind, experiment.seed, names, width]);
    if (wanted === built) return;
    built = wanted;
    fields = Array.from({ length: width }, (_, column) => {
      const values = Array.from({ length: count }, (_, row) => rows.data[row * width + column] ?? 0);
      return makeField(names[column] ?? `x${column + 1}`, Math.min(...values), Math.max(...values));
    });
    list.replaceChildren(...fields.map(({ row }) => row));
    show();
  }

  /** A sample of the set is chosen: its numbers stand in the fields. */
  function show() {
    const sample = run.latest.get("prediction")?.arrays.get("sample");
    if (!sample || sample.data.length !== fields.length || run.state.input["kind"] !== "sample") return;
    fields.forEach((field, index) => {
      if (document.activeElement !== field.input) write(field, sample.data[index] ?? 0);
    });
  }

  const another = element(
    "button",
    {
      type: "button",
      class: "button",
      onclick: () => {
        const count =
          run.state.description?.data?.sets?.test ??
          run.latest.get("samples")?.arrays.get("test/inputs")?.shape[0] ??
          1;
        run.store.set({ input: { kind: "sample", set: "test", index: Math.floor(Math.random() * count) } });
      },
    },
    icon("reset"),
    "Another test sample",
  );
  run.onFrame("samples", build);
  run.onFrame("prediction", show);
  run.store.watch((state) => state.description, build);
  return element("div", { class: "asking" }, list, another, predictionPanel(run));
}

/** @param {Asked} field @param {number} value */
function write({ input, slider, low, high }, value) {
  input.value = shortNumber(value, 3);
  input.dataset["value"] = String(value);
  input.title = fullNumber(value);
  setAttribute(input, "aria-invalid", null);
  slider.value = String(high > low ? Math.round(((value - low) / (high - low)) * PARTS) : 0);
  fill(slider);
}
