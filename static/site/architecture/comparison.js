/** Two architectures in numbers side by side. Pure: two variants in, rows and bars out. */

/** @import { Variant } from "./folding.js" */
/** @import { Category } from "./words.js" */

import { shortNumber, wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { CATEGORY_ORDER, categoryOf } from "./words.js";

const TEXTS = texts(import.meta.url, {
  year: "Year",
  parameters: "Parameters",
  macs: "Multiply-adds",
  depth: "Depth",
  activations: "Activations",
  top5: "Top-5 error, published",
  map: "mAP, published",
  file: "File size, published",
  percent: "{value} %",
  megabytes: "{value} MB",
  times: "{factor} times",
});

/** @typedef {{ label: string, term: string, one: string, other: string, ratio: string }} FactRow */

/** @param {Variant} one @param {Variant} other @returns {FactRow[]} */
export function factRows(one, other) {
  /** @type {[string, string, (variant: Variant) => number | null, (value: number) => string, boolean][]} */
  const facts = [
    [TEXTS.year, "architecture_year", ({ published }) => published.year, String, false],
    [TEXTS.parameters, "parameters", ({ totals }) => totals.parameters, wholeNumber, true],
    [TEXTS.macs, "macs", ({ totals }) => totals.macs, wholeNumber, true],
    [TEXTS.depth, "architecture_depth", ({ totals }) => totals.depth, wholeNumber, true],
    [
      TEXTS.activations,
      "architecture_activation_numbers",
      ({ totals }) => totals.activations,
      wholeNumber,
      true,
    ],
    [
      TEXTS.top5,
      "architecture_top5",
      ({ published }) => published.top5,
      (value) => TEXTS.percent({ value }),
      true,
    ],
    [
      TEXTS.map,
      "architecture_map",
      ({ published }) => published.map,
      (value) => TEXTS.percent({ value }),
      true,
    ],
    [
      TEXTS.file,
      "architecture_file_size",
      ({ published }) => published.file_mb,
      (value) => TEXTS.megabytes({ value }),
      true,
    ],
  ];
  return facts.map(([label, term, read, write, compared]) => {
    const [first, second] = [read(one), read(other)];
    return {
      label,
      term,
      one: first === null ? "–" : write(first),
      other: second === null ? "–" : write(second),
      ratio: compared && first && second ? TEXTS.times({ factor: shortNumber(second / first) }) : "–",
    };
  });
}

/** @typedef {{ category: Category, share: number }} Share */

/**
 * How parameters or multiply-adds are shared among what nodes do, in the order of the legend.
 *
 * @param {Variant} variant @param {"parameters" | "macs"} what @returns {Share[]}
 */
export function sharesOf({ nodes, kinds, totals }, what) {
  /** @type {Map<Category, number>} */
  const sums = new Map();
  for (const node of nodes) {
    const category = categoryOf(kinds[node.kind]);
    sums.set(category, (sums.get(category) ?? 0) + node[what]);
  }
  return CATEGORY_ORDER.filter((category) => sums.get(category)).map((category) => ({
    category,
    share: (sums.get(category) ?? 0) / Math.max(1, totals[what]),
  }));
}
