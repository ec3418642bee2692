/** Tables that are ordered by a column whose heading is pressed. */

import { element } from "../core/dom.js";

/** @typedef {"ascending" | "descending"} Direction */

/**
 * Make the heads of a table buttons that order its rows: numbers from the greatest down at first, words from A; once
 * more turns the order round. A cell's number is its `data-value`; a cell without comes last in both orders.
 *
 * @param {HTMLTableElement} table
 */
export function makeSortable(table) {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  heads.forEach((head, column) => {
    const press = () => {
      const numeric = head.classList.contains("number");
      const before = head.getAttribute("aria-sort");
      const first = numeric ? "descending" : "ascending";
      const other = numeric ? "ascending" : "descending";
      order(table, heads, column, before === first ? other : first);
    };
    const button = element("button", { type: "button", onclick: press }, ...head.childNodes);
    head.setAttribute("aria-sort", "none");
    head.replaceChildren(button);
  });
}

/**
 * @param {HTMLTableElement} table @param {HTMLTableCellElement[]} heads @param {number} column
 * @param {Direction} direction
 */
function order(table, heads, column, direction) {
  heads.forEach((head, each) => head.setAttribute("aria-sort", each === column ? direction : "none"));
  const [body] = table.tBodies;
  if (!body) return;
  const numeric = heads[column]?.classList.contains("number") ?? false;
  const rows = [...body.rows].map((row) => ({ row, key: keyOf(row.cells[column], numeric) }));
  body.append(...sorted(rows, direction).map(({ row }) => row));
}

/** @param {HTMLTableCellElement | undefined} cell @param {boolean} numeric @returns {number | string | null} */
function keyOf(cell, numeric) {
  const value = cell?.dataset["value"];
  if (numeric) return value === undefined ? null : Number(value);
  return value ?? cell?.textContent?.trim() ?? null;
}

/**
 * In order of their keys, those without a key last; equals stay as they were.
 *
 * @template {{ key: number | string | null }} T
 * @param {T[]} rows @param {Direction} direction @returns {T[]}
 */
export function sorted(rows, direction) {
  const sign = direction === "ascending" ? 1 : -1;
  return rows.toSorted((one, other) => {
    if (one.key === null || other.key === null) return Number(one.key === null) - Number(other.key === null);
    if (typeof one.key === "number" && typeof other.key === "number") return sign * (one.key - other.key);
    return sign * String(one.key).localeCompare(String(other.key), undefined, { numeric: true });
  });
}
