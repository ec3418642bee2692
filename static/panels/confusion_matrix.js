/** Which class was taken for which, as a table: rows are the true class; a cell opens its examples. */

/** @import { Cell, Entry } from "./confusion_matrix/model.js" */

import { element, setAttribute, setText } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { headsOf, model } from "./confusion_matrix/model.js";

const TEXTS = texts(import.meta.url, {
  confusionMatrixRows: "Confusion matrix: rows the true class, columns what the network says",
  falsePositives: "Everything wrongly taken for {name}",
  everySampleOf: "Every sample of {name}",
});

/** Where arrow keys go: by how many rows and columns. @type {Record<string, [number, number]>} */
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export class ConfusionTable {
  #open;
  /** By true class, then by answer. @type {HTMLButtonElement[][]} */
  #cells = [];
  /** The classes that the table is built for. @type {string[]} */
  #names = [];
  element = element("table", { class: "confusion" });

  /** @param {(cell: Cell) => void} open the examples of a cell, a row or a column */
  constructor(open) {
    this.#open = open;
  }

  /** @param {ArrayLike<number>} counts @param {string[]} names @param {Cell} opened */
  show(counts, names, opened) {
    if (this.#names.join("\n") !== names.join("\n")) this.#build(names);
    model(counts, names, opened).forEach((row, truth) =>
      row.forEach((entry, predicted) => {
        const cell = this.#cells[truth]?.[predicted];
        if (cell) paintCell(cell, entry);
      }),
    );
  }

  /** @param {string[]} names */
  #build(names) {
    this.#names = names;
    this.#cells = names.map((_, truth) => names.map((__, predicted) => this.#cell(truth, predicted)));
    const heads = headsOf(names);
    this.element.replaceChildren(
      element("caption", { class: "visually-hidden" }, TEXTS.confusionMatrixRows),
      element("thead", {}, this.#headRow(heads.columns)),
      element("tbody", {}, ...names.map((_, truth) => this.#row(truth, heads.rows[truth] ?? ""))),
    );
    this.element.classList.toggle("many", heads.many);
  }

  /** @param {string[]} heads */
  #headRow(heads) {
    const columns = heads.map((head, predicted) => {
      const title = TEXTS.falsePositives({ name: this.#names[predicted] ?? "" });
      const onclick = () => this.#open({ truth: null, predicted });
      return element("th", { scope: "col" }, element("button", { type: "button", title, onclick }, head));
    });
    return element("tr", {}, element("td", {}), ...columns);
  }

  /** @param {number} truth @param {string} head */
  #row(truth, head) {
    const title = TEXTS.everySampleOf({ name: this.#names[truth] ?? "" });
    const onclick = () => this.#open({ truth, predicted: null });
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, element("button", { type: "button", title, onclick }, head)),
      ...(this.#cells[truth] ?? []).map((button) => element("td", {}, button)),
    );
  }

  /** @param {number} truth @param {number} predicted */
  #cell(truth, predicted) {
    return element("button", {
      type: "button",
      tabindex: truth === 0 && predicted === 0 ? 0 : -1,
      onclick: () => this.#open({ truth, predicted }),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#walk(event, truth, predicted),
    });
  }

  /**
   * Arrow keys walk the cells: one of them is in the order of tab.
   *
   * @param {KeyboardEvent} event @param {number} truth @param {number} predicted
   */
  #walk(event, truth, predicted) {
    const [down, right] = MOVES[event.key] ?? [0, 0];
    const next = this.#cells[truth + down]?.[predicted + right];
    if (!MOVES[event.key] || !next) return;
    event.preventDefault();
    event.stopPropagation();
    for (const each of this.#cells.flat()) each.tabIndex = each === next ? 0 : -1;
    next.focus();
  }
}

/** @param {HTMLButtonElement} cell @param {Entry} entry */
function paintCell(cell, { text, label, right, shade, opened }) {
  setText(cell, text);
  setAttribute(cell, "title", label);
  setAttribute(cell, "aria-label", label);
  if (cell.parentElement)
    cell.parentElement.className = `${right ? "right" : "wrong"} share-${shade}${opened ? " opened" : ""}`;
}
