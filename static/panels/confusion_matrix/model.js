/** The confusion matrix as a record: a count, its share of the row and words for every pair of classes. */

import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  takenFor: "{count} of {total} {truth} taken for {answer}",
});

/** @typedef {{ truth: number | null, predicted: number | null }} Cell null: any */

/** Beyond this many classes a table of them cannot be read. */
export const MAX_CLASSES = 40;

/** Beyond this many classes the heads of rows are abbreviated as those of columns are. */
const FEW_CLASSES = 5;

/** Steps of shading from none of a row to all of it. */
const SHADES = 10;

/**
 * @typedef {object} Entry
 * @property {string} text the count; empty where there is none
 * @property {string} label the count in words
 * @property {boolean} right whether it counts right answers
 * @property {number} shade 0 to 10, rising with its share of the row
 * @property {boolean} opened whether its examples are shown
 */

/** @param {Cell} one @param {Cell} other */
export function isSameCell(one, other) {
  return one.truth === other.truth && one.predicted === other.predicted;
}

/**
 * Rows of the matrix, one for each true class.
 *
 * @param {ArrayLike<number>} counts (true class, answer) @param {string[]} names @param {Cell} opened
 * @returns {Entry[][]}
 */
export function model(counts, names, opened) {
  const width = names.length;
  return names.map((_, truth) => {
    const row = names.map((__, predicted) => counts[truth * width + predicted] ?? 0);
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, predicted) => ({
      text: count === 0 ? "" : String(count),
      label: TEXTS.takenFor({ count, total, truth: names[truth] ?? "", answer: names[predicted] ?? "" }),
      right: truth === predicted,
      shade: total > 0 ? Math.ceil((count / total) * SHADES) : 0,
      opened: isSameCell(opened, { truth, predicted }),
    }));
  });
}

/**
 * The heads of columns and rows: short where many have to fit.
 *
 * @param {string[]} names @returns {{ columns: string[], rows: string[], many: boolean }}
 */
export function headsOf(names) {
  const most = names.length <= 3 ? 11 : names.length <= 6 ? 8 : 4; // letters that a column has room for
  const columns = names.map((name) => (name.length > most ? `${name.slice(0, most - 1)}…` : name));
  const many = names.length > FEW_CLASSES;
  return { columns, rows: many ? columns : names, many };
}
