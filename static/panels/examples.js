/** The samples behind a number: those of a cell of the confusion matrix, or the surest mistakes. */

/** @import { Frame } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { Table } from "./examples/model.js" */

import { element } from "../core/dom.js";
import { inputNames } from "../catalog/catalog.js";
import { model } from "./examples/model.js";
import { SampleTiles } from "./examples/tiles.js";

/**
 * Pictures as tiles, anything else as a table; a tile chooses its sample for all panels.
 *
 * @param {RunControl} run
 * @returns {{ element: HTMLElement, show: (frame: Frame, set: string, classes: string[]) => void }}
 */
export function examplesList(run) {
  let shownSet = "";
  const tiles = new SampleTiles(({ index }) =>
    run.store.set({ input: { kind: "sample", set: shownSet, index } }),
  );
  const table = element("table", { class: "sample-table" });

  /** @param {Frame} frame @param {string} set @param {string[]} classes */
  function show(frame, set, classes) {
    const { catalog, experiment } = run.state;
    const inputs = experiment ? inputNames(catalog, experiment) : [];
    const examples = model(frame, { set, classes, inputs });
    if (!examples) return;
    shownSet = set;
    tiles.element.hidden = !("samples" in examples);
    table.hidden = "samples" in examples;
    if ("samples" in examples) tiles.paint(examples.samples);
    else paintTable(table, examples.table);
  }
  return { element: element("div", { class: "examples-place" }, tiles.element, table), show };
}

/** @param {HTMLTableElement} table @param {Table} record */
function paintTable(table, { columns, rows }) {
  const head = columns.map(({ text, title }) => element("th", { scope: "col", title }, text));
  const body = rows.map((cells) => element("tr", {}, ...cells.map((text) => element("td", {}, text))));
  table.replaceChildren(element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...body));
}
