/** Sums below each other, as a list of names and numbers. */

/** @import { Sum } from "./model.js" */

import { element } from "../../core/dom.js";
import { fullNumber } from "../../core/format.js";
import { written } from "./written.js";

/** @param {HTMLElement} list @param {Sum[]} sums */
export function paintSums(list, sums) {
  list.replaceChildren(
    ...sums.flatMap(({ name, value, kind }) => [
      element("dt", { class: kind }, name),
      element("dd", { class: kind, "data-value": value, title: fullNumber(value) }, written(value)),
    ]),
  );
}
