/** One place of the output, written out: every pixel times its weight, and the sum. */

/** @import { Product } from "./numbers.js" */

import { element, setText } from "../../core/dom.js";
import { fullNumber, shortNumber, steadyNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { sumOf } from "./numbers.js";

const TEXTS = texts(import.meta.url, {
  oneNumberOutput: "One number of the output",
  rowColumn: "row {row}, column {column}",
  inAll: " + … ({terms} in all)",
  everyProductSum: "Every product is 0, and so is the sum.",
  numbersLiePadding: "{outside} of the {products} numbers lie in the padding: they are zeros, not pixels.",
  pixelsTimesWeights: "{products} pixels times {products} weights, added up. A layer adds its bias to this.",
});

/** Beyond this side a table of products is no help. */
const MOST = 7;

export class Arithmetic {
  #where = element("span", { class: "arithmetic-where" });
  #table = element("table", { class: "product-table" });
  #sum = element("p", { class: "arithmetic-sum", role: "status" });
  #note = element("p", { class: "note" });
  element = element(
    "section",
    { class: "lab-card arithmetic" },
    element("h2", { class: "caption", "data-term": "one_number" }, TEXTS.oneNumberOutput, this.#where),
    element("div", { class: "arithmetic-body" }, this.#table, element("div", {}, this.#sum, this.#note)),
  );
  #side = 0;
  /** @type {{ cell: HTMLTableCellElement, pair: HTMLElement, product: HTMLElement }[]} */
  #cells = [];

  /** @param {Product[]} products @param {number} side @param {{ row: number, column: number }} place */
  show(products, side, place) {
    setText(this.#where, TEXTS.rowColumn({ row: place.row + 1, column: place.column + 1 }));
    this.#table.hidden = side > MOST;
    if (side <= MOST) this.#fill(products, side);
    const terms = products.filter(({ product }) => product !== 0);
    const written = terms
      .slice(0, 4)
      .map(
        ({ value, weight }) =>
          `${shortNumber(value)} · ${weight < 0 ? `(${shortNumber(weight)})` : shortNumber(weight)}`,
      );
    const rest = terms.length > 4 ? TEXTS.inAll({ terms: terms.length }) : "";
    const sum = sumOf(products);
    setText(
      this.#sum,
      terms.length === 0 ? TEXTS.everyProductSum : `${written.join(" + ")}${rest} = ${shortNumber(sum, 4)}`,
    );
    this.#sum.title = fullNumber(sum);
    const outside = products.filter(({ inside }) => !inside).length;
    setText(
      this.#note,
      outside > 0
        ? TEXTS.numbersLiePadding({ outside, products: products.length })
        : TEXTS.pixelsTimesWeights({ products: products.length }),
    );
  }

  /** @param {Product[]} products @param {number} side */
  #fill(products, side) {
    if (side !== this.#side) this.#build(side);
    const size = Math.max(...products.map(({ product }) => Math.abs(product)), 1e-12);
    products.forEach(({ value, weight, product, inside }, index) => {
      const cell = this.#cells[index];
      if (!cell) return;
      setText(cell.pair, `${inside ? steadyNumber(value, 2) : "0"} · ${shortNumber(weight, 2)}`);
      setText(cell.product, steadyNumber(product, 2));
      cell.cell.classList.toggle("outside", !inside);
      cell.cell.classList.toggle("negative", product < 0);
      cell.cell.style.setProperty("--share", `${Math.round((70 * Math.abs(product)) / size)}%`);
    });
  }

  /** @param {number} side */
  #build(side) {
    this.#side = side;
    this.#cells = Array.from({ length: side * side }, () => {
      const [pair, product] = [element("span", { class: "pair" }), element("span", { class: "product" })];
      return { cell: element("td", {}, pair, product), pair, product };
    });
    const rows = Array.from({ length: side }, (_, row) =>
      element("tr", {}, ...this.#cells.slice(row * side, (row + 1) * side).map(({ cell }) => cell)),
    );
    this.#table.replaceChildren(element("tbody", {}, ...rows));
  }
}
