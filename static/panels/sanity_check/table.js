/** The maps of a sanity check as a table: a row for each method, a column for each stage. */

/** @import { Theme } from "../../draw/colors.js" */
/** @import { Check, Entry } from "./model.js" */

import { element, picture, setAttribute, setText } from "../../core/dom.js";
import { putPlane, signalPixels } from "../../draw/signals.js";

export class SanityTable {
  /** The rows and columns that it is built for. */
  #built = "";
  /** By row, then by column. @type {ReturnType<typeof makeCell>[][]} */
  #cells = [];
  element = element("table", { class: "sanity", hidden: true });

  /** @param {Check} check @param {Theme} theme */
  paint(check, theme) {
    this.#build(check);
    this.element.hidden = false;
    check.rows.forEach(({ entries }, row) =>
      entries.forEach((entry, column) => {
        const cell = this.#cells[row]?.[column];
        if (cell) paintCell(cell, entry, theme);
      }),
    );
  }

  /** @param {Check} check */
  #build({ stages, rows }) {
    const wanted = JSON.stringify([stages, rows.map(({ title }) => title)]);
    if (this.#built === wanted) return;
    this.#built = wanted;
    this.#cells = rows.map(() => stages.map(() => makeCell()));
    const heads = stages.map((stage) => element("th", { scope: "col", "data-label": "" }, stage));
    const body = rows.map(({ title }, row) =>
      element(
        "tr",
        {},
        element("th", { scope: "row", "data-label": "" }, title),
        ...(this.#cells[row] ?? []).map(({ canvas, label }) => element("td", {}, canvas, label)),
      ),
    );
    this.element.replaceChildren(
      element("thead", {}, element("tr", {}, element("td", {}), ...heads)),
      element("tbody", {}, ...body),
    );
  }
}

function makeCell() {
  return {
    canvas: picture("pixels"),
    label: element("span", { "data-label": "" }, "–"),
  };
}

/** @param {ReturnType<typeof makeCell>} cell @param {Entry} entry @param {Theme} theme */
function paintCell({ canvas, label }, entry, theme) {
  putPlane(canvas, entry.map, signalPixels(entry.map, theme));
  setAttribute(canvas, "aria-label", entry.label);
  setText(label, entry.text);
  label.className = `rho rho-${entry.grade ?? "none"}`;
}
