/** What happens in a phase, written: a sentence, and the lines of an equation. */

/** @import { Line, Step } from "./step.js" */

import { element, setText } from "../../core/dom.js";
import { fullNumber, shortNumber } from "../../core/format.js";

export class StepView {
  #unit = element("h3", { class: "walk-title" });
  #words = element("p", { class: "note" });
  #lines = element("table", { class: "walk-lines" });
  element = element("section", { class: "walk-step" }, this.#unit, this.#words, this.#lines);

  /** @param {Step} step @param {string} phase its name, where it is no unit's */
  paint({ words, unit, lines }, phase) {
    setText(this.#unit, unit || phase);
    setText(this.#words, words);
    this.#lines.replaceChildren(element("tbody", {}, ...lines.map(rowElement)));
  }
}

/** @param {Line} line */
function rowElement({ name, text, value, kind }) {
  const hasValue = !(text !== "" && Number.isNaN(value));
  const number = hasValue ? shortNumber(value) : text;
  return element(
    "tr",
    { class: kind },
    element("th", { scope: "row" }, name),
    element("td", { colspan: hasValue ? null : 2 }, hasValue ? text : number),
    hasValue && element("td", { class: "number", title: fullNumber(value) }, number),
  );
}
