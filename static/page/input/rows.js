/** Rows of a table: type one, or take one of the set, and see what the network says of it. */

/** @import { JsonObject } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */

import { element, icon } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { predictionPanel } from "../../panels/prediction.js";
import { dataset, inputNames } from "../../catalog/catalog.js";
import { takesRows } from "./choice.js";
import { NumberRow, rangesOf } from "./number_row.js";

const TEXTS = texts(import.meta.url, {
  anotherTestSample: "Another test sample",
});

/** @param {RunControl} run @returns {HTMLElement} */
export function rowsPanel(run) {
  return new RowsPanel(run).element;
}

class RowsPanel {
  #run;
  #list = element("div", { class: "asked" });
  /** @type {NumberRow[]} */
  #rows = [];
  /** What the rows were built for. */
  #built = "";
  element;

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
    this.element = element("div", { class: "asking" }, this.#list, this.#another(), predictionPanel(run));
    run.onFrame("samples", () => this.#build());
    run.onFrame("prediction", () => this.#show());
    run.store.watch(
      (state) => state.description,
      () => this.#build(),
    );
  }

  #another() {
    return element(
      "button",
      { type: "button", class: "button", onclick: () => this.#chooseAnother() },
      icon("reset"),
      TEXTS.anotherTestSample,
    );
  }

  #chooseAnother() {
    const { description } = this.#run.state;
    const samples = this.#run.latest.get("samples")?.arrays;
    const count = description?.data?.sets?.test ?? samples?.get("test/inputs")?.shape[0] ?? 1;
    const index = Math.floor(Math.random() * count);
    this.#run.store.set({ input: { kind: "sample", set: "test", index } });
  }

  /** One row per feature, with the range it has in the training set. */
  #build() {
    const { catalog, experiment, run } = this.#run.state;
    const table = this.#run.latest.get("samples")?.arrays.get("train/inputs");
    if (!experiment || !takesRows(this.#run.state) || !table || table.shape.length !== 2) return;
    const names = dataset(catalog, experiment)?.inputs ?? inputNames(catalog, experiment);
    const wanted = JSON.stringify([run?.id, experiment.data.kind, experiment.seed, names, table.shape[1]]);
    if (wanted === this.#built) return;
    this.#built = wanted;
    this.#rows = rangesOf(table).map(
      (range, column) => new NumberRow(names[column] ?? `x${column + 1}`, range, () => this.#choose()),
    );
    this.#list.replaceChildren(...this.#rows.map((row) => row.element));
    this.#show();
  }

  /** What stands in the fields is what the network is shown. */
  #choose() {
    const values = this.#rows.flatMap(({ value }) => (value === null ? [] : [value]));
    if (values.length === this.#rows.length) this.#run.store.set({ input: { kind: "values", values } });
  }

  /** A sample of the set is chosen: its numbers stand in the fields. */
  #show() {
    const sample = this.#run.latest.get("prediction")?.arrays.get("sample");
    if (sample?.data.length !== this.#rows.length || this.#run.state.input["kind"] !== "sample") return;
    this.#rows.forEach((row, index) => !row.hasFocus && row.show(sample.data[index] ?? 0));
  }
}
