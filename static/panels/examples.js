/** The samples behind a number: those of a cell of the confusion matrix, or the surest mistakes. */

/** @import { Frame } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { Sample, Table } from "./examples/model.js" */

import { element } from "../core/dom.js";
import { inputNames } from "../catalog/catalog.js";
import { picturePixels } from "../draw/signals.js";
import { PictureTiles } from "../widgets/picture_tiles.js";
import { model } from "./examples/model.js";

/**
 * Pictures as tiles, anything else as a table; a tile chooses its sample for all panels.
 *
 * @param {RunControl} run
 * @returns {{ element: HTMLElement, show: (frame: Frame, set: string, classes: string[]) => void }}
 */
export function examplesList(run) {
  let shownSet = "";
  /** @type {Sample[]} */
  let samples = [];
  const tiles = new PictureTiles("", (at) => {
    const sample = samples[at];
    if (sample) run.store.set({ input: { kind: "sample", set: shownSet, index: sample.index } });
  });
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
    samples = "samples" in examples ? examples.samples : [];
    if ("table" in examples) paintTable(table, examples.table);
    else paintSamples(tiles, samples);
  }
  return { element: element("div", { class: "examples-place" }, tiles.element, table), show };
}

/** @param {PictureTiles} tiles @param {Sample[]} samples pictures of one size */
function paintSamples(tiles, samples) {
  const size = samples[0]?.picture ?? { width: 1, height: 1 };
  tiles.paint(
    size,
    samples.map((sample) => ({ ...sample, pixels: picturePixels(sample.picture) })),
  );
}

/** @param {HTMLTableElement} table @param {Table} record */
function paintTable(table, { columns, rows }) {
  const head = columns.map(({ text, title }) => element("th", { scope: "col", title }, text));
  const body = rows.map((cells) => element("tr", {}, ...cells.map((text) => element("td", {}, text))));
  table.replaceChildren(element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...body));
}
