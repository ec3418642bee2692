/** A kernel as a table of buttons: each weight with its gradient below it. */

/** @import { KernelCell } from "./model.js" */

import { element } from "../../core/dom.js";

/** @param {KernelCell[][]} kernel @param {(row: number, column: number) => void} choose */
export function kernelTable(kernel, choose) {
  const rows = kernel.map((cells, row) =>
    element("tr", {}, ...cells.map((cell, column) => element("td", {}, button(cell, row, column, choose)))),
  );
  return element("table", {}, element("tbody", {}, ...rows));
}

/**
 * @param {KernelCell} cell @param {number} row @param {number} column
 * @param {(row: number, column: number) => void} choose
 */
function button({ weight, gradient, title, chosen }, row, column, choose) {
  return element(
    "button",
    {
      type: "button",
      title,
      "aria-label": title,
      "aria-pressed": chosen ? "true" : "false",
      "data-key": `cell ${row} ${column}`,
      onclick: () => choose(row, column),
      // Not again where it is chosen: the table is built anew below the pointer, which enters it each time.
      onpointerenter: (/** @type {PointerEvent} */ event) =>
        event.pointerType === "mouse" && !chosen && choose(row, column),
    },
    element("span", {}, weight),
    element("b", {}, gradient),
  );
}
