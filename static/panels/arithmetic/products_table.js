/** The products as a table: those of a window in their places, those of a dense unit below each other. */

/** @import { Reading } from "./model.js" */
/** @import { Cell, DenseTerms, Product } from "./products.js" */

import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  unusedWeight: "No input reaches here: the stride leaves this weight out",
  others: "{count} others",
});

/** Pixels that a cell with value × weight takes; where there is less room, a cell shows the product alone. */
const CELL = 92;

/** Pixels that stand beside the cells where the panel is wide, and where that begins; where there are two columns. */
const [BESIDE, WIDE, TWO_COLUMNS] = [470, 640, 420];

/** Rows of a window beyond which cells show the product alone. */
const MOST_ROWS = 5;

/** @param {HTMLTableElement} table @param {Reading["products"]} products @param {number} room width of the panel */
export function paintProducts(table, products, room) {
  if ("dense" in products) paintDense(table, products.dense);
  else paintWindow(table, products.cells, room);
}

/** @param {HTMLTableElement} table @param {(Cell | null)[][]} cells @param {number} room */
function paintWindow(table, cells, room) {
  const columns = cells[0]?.length ?? 0;
  const free = room > WIDE ? room - BESIDE : room > TWO_COLUMNS ? room / 2 : room;
  const short = cells.length > MOST_ROWS || columns * CELL > free;
  table.className = `products${short ? " wide" : ""}`;
  const rows = cells.map((row) => element("tr", {}, ...row.map((cell) => cellElement(cell, short))));
  table.replaceChildren(element("tbody", {}, ...rows));
}

/** @param {Cell | null} cell @param {boolean} short without its factors */
function cellElement(cell, short) {
  if (!cell) return element("td", { class: "absent", title: TEXTS.unusedWeight }, "·");
  const marks = [cell.padded && "padded", cell.largest && "largest"].filter((mark) => mark !== false);
  const made = productElement(cell, marks, cell.title);
  if (cell.factors !== null && !short) made.prepend(element("span", {}, cell.factors));
  return made;
}

/** @param {Product} product @param {string[]} marks @param {string} [title] */
function productElement({ value, weight, negative, share, text }, marks, title) {
  const names = [...marks, negative ? "negative" : "positive"].join(" ");
  const attributes = { class: names, title, "data-value": value, "data-weight": weight };
  const cell = element("td", attributes, element("b", {}, text));
  cell.style.setProperty("--share", String(share));
  return cell;
}

/** @param {HTMLTableElement} table @param {DenseTerms} dense */
function paintDense(table, { terms, rest }) {
  table.className = "products terms";
  const rows = terms.map((term) =>
    element(
      "tr",
      { title: term.title },
      element("th", { scope: "row" }, term.name),
      element("td", {}, term.arrives),
      element("td", {}, term.weighs),
      productElement(term, []),
    ),
  );
  table.replaceChildren(element("tbody", {}, ...rows, rest && restElement(rest)));
}

/** @param {NonNullable<DenseTerms["rest"]>} rest */
function restElement({ count, sum, text }) {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, TEXTS.others({ count })),
    element("td", {}),
    element("td", {}),
    element("td", { class: "rest", "data-product": sum }, element("b", {}, text)),
  );
}
