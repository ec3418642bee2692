/** Sums below each other: what is added, which scrolls where it is much, and below it what it comes to. */

/** @import { Sum } from "./model.js" */

import { element } from "../../core/dom.js";
import { fullNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { written } from "./written.js";

const TEXTS = texts(import.meta.url, {
  whatIsAdded: "What is added",
});

export class SumsList {
  #parts = element("dl", { class: "sums parts" });
  #totals = element("dl", { class: "sums outcome" });
  element = element("div", { class: "sums-lists" }, this.#parts, this.#totals);

  constructor() {
    // What scrolls can be scrolled by keys as well.
    this.#parts.tabIndex = 0;
    this.#parts.setAttribute("aria-label", TEXTS.whatIsAdded);
  }

  /** @param {Sum[]} sums */
  paint(sums) {
    const isTotal = (/** @type {Sum} */ { kind }) => kind === "total" || kind === "after";
    this.#parts.replaceChildren(...sums.filter((each) => !isTotal(each)).map(row));
    this.#totals.replaceChildren(...sums.filter(isTotal).map(row));
    this.#parts.hidden = this.#parts.childElementCount === 0;
  }
}

/** What explains a part whose name is not its own. @type {Partial<Record<Sum["kind"], string>>} */
const TERMS = { total: "sum", after: "after" };

/** @param {Sum} sum */
function row({ name, value, kind }) {
  return element(
    "div",
    { class: kind },
    element("dt", { title: name, "data-term": TERMS[kind] }, name.replace(/^→ .*\./, "→ ")), // within its block
    element("dd", { "data-value": value, title: fullNumber(value) }, written(value)),
  );
}
