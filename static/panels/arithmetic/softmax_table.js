/** Softmax as a table: a class in each row, the sums below. */

/** @import { Softmax } from "./softmax.js" */

import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  shareOf: "Share of {name}",
  ePowerZ: [
    "e to the power of z − {most}: the largest logit is taken off first, so that nothing overflows;",
    "the shares stay the same",
  ],
  lastNodeOutput: "What the last node gives",
  exp: "exp",
  sum: "÷ sum",
  sum2: "sum",
});

/** @param {HTMLTableElement} table @param {Softmax} softmax */
export function paintSoftmax(table, { most, rows, sum, total }) {
  table.replaceChildren(
    element("thead", {}, headElement(most)),
    element("tbody", {}, ...rows.map(rowElement)),
    element("tfoot", {}, footElement(sum, total)),
  );
}

/** @param {Softmax["rows"][number]} row */
function rowElement({ name, logit, exponential, share, text, chosen }) {
  const bar = element("meter", { min: 0, max: 1, value: share, "aria-label": TEXTS.shareOf({ name }) });
  return element(
    "tr",
    { class: chosen ? "picked" : undefined },
    element("th", { scope: "row" }, name),
    element("td", {}, logit),
    element("td", {}, exponential),
    element("td", { "data-share": share }, text),
    element("td", {}, bar),
  );
}

/** @param {string} most */
function headElement(most) {
  const title = TEXTS.ePowerZ({ most });
  return element(
    "tr",
    {},
    element("th", {}),
    element("th", { scope: "col", title: TEXTS.lastNodeOutput }, "z"),
    element("th", { scope: "col", title }, TEXTS.exp),
    element("th", { scope: "col" }, TEXTS.sum),
    element("th", {}),
  );
}

/** @param {string} sum @param {string} total */
function footElement(sum, total) {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, TEXTS.sum2),
    element("td", {}),
    element("td", {}, sum),
    element("td", {}, total),
    element("td", {}),
  );
}
