/** What the learning rate range test is asked: which network, and from which rate to which. */

import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { typedNumber } from "../../form/number.js";

const TEXTS = texts(import.meta.url, {
  aNewOne: "a new one",
  asItIsNow: "as it is now",
  from: "From",
  network: "Network",
});

export class RangeOptions {
  #start = element(
    "select",
    {},
    element("option", { value: "beginning" }, TEXTS.aNewOne),
    element("option", { value: "now" }, TEXTS.asItIsNow),
  );
  #low = rateField(TEXTS.from, 1e-4, "rates_from");
  #high = rateField("to", 10, "rates_to");
  /** The labelled fields, in order. */
  elements = [
    element(
      "label",
      { class: "small-choice", "data-term": "rates_network" },
      element("span", {}, TEXTS.network),
      element("span", { class: "select" }, this.#start),
    ),
    this.#low.element,
    this.#high.element,
  ];

  get rates() {
    return { low: this.#low.value(), high: this.#high.value() };
  }

  /** The study as a document. */
  get document() {
    return { kind: "lr_range_test", start: this.#start.value, ...this.rates };
  }
}

/** @param {string} title @param {number} value @param {string} term that explains it */
function rateField(title, value, term) {
  let typed = value;
  const input = element("input", {
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    class: "number",
    value,
    onchange: () => (typed = typedNumber(input, { min: 1e-12, max: 1e4, step: "any" }) ?? typed),
  });
  return {
    value: () => typed,
    element: element(
      "label",
      { class: "small-choice", "data-term": term },
      element("span", {}, title),
      input,
    ),
  };
}
