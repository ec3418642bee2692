/** Which class was taken for which, as a table: rows are the true class; a cell opens its examples. */

/** @import { Tensor } from "../types.d.ts" */

import { element, setAttribute, setText } from "../core/dom.js";

/** Beyond this many classes a table of them cannot be read. */
export const MOST_CLASSES = 40;

/** @typedef {{ truth: number | null, said: number | null }} Cell null: any */

/**
 * @param {(cell: Cell) => void} open the examples of a cell, a row or a column
 * @returns {{ element: HTMLElement, show: (counts: Tensor, names: string[], open: Cell) => void }}
 */
export function confusionTable(open) {
  const table = element("table", { class: "confusion" });
  /** @type {HTMLButtonElement[][]} */
  let cells = [];
  let built = "";

  /** @param {string[]} names */
  function build(names) {
    built = names.join("\n");
    const most = names.length <= 3 ? 11 : names.length <= 6 ? 8 : 4; // letters that a column has room for
    const short = (/** @type {string} */ name) => (name.length > most ? `${name.slice(0, most - 1)}…` : name);
    const heads = names.map((name, said) =>
      element(
        "th",
        { scope: "col" },
        element(
          "button",
          {
            type: "button",
            title: `Everything wrongly taken for ${name}`,
            onclick: () => open({ truth: null, said }),
          },
          short(name),
        ),
      ),
    );
    cells = names.map((_, truth) =>
      names.map((__, said) =>
        element("button", {
          type: "button",
          tabindex: truth === 0 && said === 0 ? 0 : -1,
          onclick: () => open({ truth, said }),
          onkeydown: (/** @type {KeyboardEvent} */ event) => walk(event, truth, said),
        }),
      ),
    );
    const rows = names.map((name, truth) =>
      element(
        "tr",
        {},
        element(
          "th",
          { scope: "row" },
          element(
            "button",
            { type: "button", title: `Every sample of ${name}`, onclick: () => open({ truth, said: null }) },
            names.length > 5 ? short(name) : name,
          ),
        ),
        ...(cells[truth] ?? []).map((button) => element("td", {}, button)),
      ),
    );
    table.replaceChildren(
      element(
        "caption",
        { class: "visually-hidden" },
        "Confusion matrix: rows the true class, columns what the network says",
      ),
      element("thead", {}, element("tr", {}, element("td", {}), ...heads)),
      element("tbody", {}, ...rows),
    );
    table.classList.toggle("many", names.length > 5);
  }

  /**
   * Arrow keys walk the cells: one of them is in the order of tab. @param {KeyboardEvent} event @param
   * {number} truth @param {number} said
   */
  function walk(event, truth, said) {
    const by = /** @type {Record<string, [number, number]>} */ ({
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
    })[event.key];
    const next = by && cells[truth + by[0]]?.[said + by[1]];
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    cells.flat().forEach((each) => (each.tabIndex = each === next ? 0 : -1));
    next.focus();
  }

  /** @param {Tensor} counts @param {string[]} names @param {Cell} opened */
  function show(counts, names, opened) {
    if (built !== names.join("\n")) build(names);
    cells.forEach((row, truth) => {
      const total = row.reduce((sum, _, said) => sum + (counts[truth * row.length + said] ?? 0), 0);
      row.forEach((cell, said) => {
        const count = counts[truth * row.length + said] ?? 0;
        const share = total > 0 ? count / total : 0;
        const words = `${count} of ${total} ${names[truth]} taken for ${names[said]}`;
        setText(cell, count === 0 ? "" : String(count));
        const place = cell.parentElement;
        if (place)
          place.className =
            `${truth === said ? "right" : "wrong"} ` +
            `share-${Math.ceil(share * 10)}${opened.truth === truth && opened.said === said ? " opened" : ""}`;
        setAttribute(cell, "title", words);
        setAttribute(cell, "aria-label", words);
      });
    });
  }
  return { element: table, show };
}
