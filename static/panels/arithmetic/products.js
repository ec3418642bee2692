/** The products of a window, cell by cell, and those of a dense unit, the largest first, as records. */

/** @import { Arithmetic, Term } from "../../network/window_arithmetic.js" */

import { fullNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { written } from "./written.js";

const TEXTS = texts(import.meta.url, {
  inputRowColumn: "input row {y}, column {x}",
  input: "input {x}",
});

/** Rows and columns of a window that are shown. */
const MOST_CELLS = 16;

/** Terms of a dense unit that are listed; the others are summed up. */
const MOST_TERMS = 9;

/** What a share of nothing but zeros is taken of. */
const LEAST = 1e-9;

/** @typedef {Pick<Term, "value" | "weight" | "product">} Multiplied */

/**
 * @typedef {object} Product
 * @property {number} value that arrives
 * @property {number} weight
 * @property {boolean} negative
 * @property {number} share of the largest magnitude, in percent
 * @property {string} title with all digits
 * @property {string} text
 */

/**
 * @typedef {Product & { factors: string | null, padded: boolean, largest: boolean }} Cell
 * `factors`: value × weight; null for pooling, which has no weights. `largest`: what a max pooling takes
 */

/**
 * @typedef {object} DenseTerms
 * @property {(Product & { name: string, arrives: string, weighs: string })[]} terms
 * @property {{ count: number, sum: number, text: string } | null} rest
 */

/**
 * The window over one channel, row by row; null where the stride leaves a weight out.
 *
 * @param {Arithmetic} arithmetic @param {Term[]} terms of the channel @param {Term | null} largest
 * @returns {(Cell | null)[][]}
 */
export function windowCells({ size: [rows, columns], how, kernel }, terms, largest) {
  const byPlace = new Map(terms.map((term) => [term.row * columns + term.column, term]));
  const most = largestMagnitude(terms);
  return Array.from({ length: Math.min(rows, MOST_CELLS) }, (_, row) =>
    Array.from({ length: Math.min(columns, MOST_CELLS) }, (__, column) => {
      const term = byPlace.get(row * columns + column);
      const taken = how === "largest" && largest?.row === row && largest.column === column;
      return term ? cellOf(term, most, kernel === null, taken) : null;
    }),
  );
}

/** @param {Term} term @param {number} most @param {boolean} pooled @param {boolean} largest @returns {Cell} */
function cellOf(term, most, pooled, largest) {
  const { value, weight, product, padded } = term;
  const from = padded ? "padding" : TEXTS.inputRowColumn({ y: term.y + 1, x: term.x + 1 });
  const common = { ...productOf(term, most), padded, largest };
  if (pooled)
    return {
      ...common,
      title: `${from}: ${fullNumber(value)}`,
      factors: null,
      text: padded ? "–" : written(value),
    };
  return {
    ...common,
    title: `${from}: ${common.title} = ${fullNumber(product)}`,
    factors: `${written(value)} × ${written(weight)}`,
  };
}

/** @param {Multiplied} term @param {number} most @returns {Product} */
export function productOf({ value, weight, product }, most) {
  return {
    value,
    weight,
    negative: product < 0,
    share: Math.round((100 * Math.abs(product)) / most),
    title: `${fullNumber(value)} × ${fullNumber(weight)}`,
    text: written(product),
  };
}

/**
 * The largest terms of a dense unit, and the others summed up.
 *
 * @param {Term[]} terms @param {string[]} [names] of the numbers that arrive, where they have some
 * @returns {DenseTerms}
 */
export function denseTerms(terms, names = []) {
  const order = [...terms].sort((one, other) => Math.abs(other.product) - Math.abs(one.product));
  const [listed, others] = [order.slice(0, MOST_TERMS), order.slice(MOST_TERMS)];
  const most = largestMagnitude(listed);
  const sum = others.reduce((total, { product }) => total + product, 0);
  return {
    terms: listed.map((term) => ({
      ...productOf(term, most),
      name: names[term.x] ?? TEXTS.input({ x: term.x + 1 }),
      arrives: written(term.value),
      weighs: `× ${written(term.weight)}`,
    })),
    rest: others.length > 0 ? { count: others.length, sum, text: written(sum) } : null,
  };
}

/** @param {Multiplied[]} terms */
export function largestMagnitude(terms) {
  return terms.reduce((most, { product }) => Math.max(most, Math.abs(product)), LEAST);
}
