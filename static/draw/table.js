/** The numbers of a figure as a table to take away: CSV, a row for each point. */

/** @import { Series } from "./figure.js" */

/**
 * CSV (RFC 4180): the series' name and its columns; a cell is empty where a series has no such column or no
 * number.
 *
 * @param {Series[]} series @returns {string}
 */
export function tableOf(series) {
  const names = [...new Set(series.flatMap(({ columns }) => Object.keys(columns)))];
  const lines = [["series", ...names].map(cell).join(",")];
  for (const { name, columns } of series) {
    const own = names.map((column) => columns[column] ?? []);
    const length = Math.max(0, ...own.map((values) => values.length));
    for (let row = 0; row < length; row++)
      lines.push([cell(name), ...own.map((values) => number(values[row]))].join(","));
  }
  return `${lines.join("\r\n")}\r\n`;
}

/** @param {string} text quoted where it must be */
function cell(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param {number | undefined} value with every digit that it has */
function number(value) {
  return value === undefined || Number.isNaN(value) ? "" : String(value);
}
