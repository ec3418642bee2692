/** Which sample is walked: its set, its place there, and those beside it. */

/** @import { JsonObject } from "../../types.d.ts" */

import { element, icon, setText } from "../../core/dom.js";
import { wholeNumber } from "../../core/format.js";
import { setName } from "../../core/metric_names.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  whichSet: "Set of the sample",
  placeInTheSet: "Sample of the set, from 0",
  sample: "Sample",
  of: "of {count}",
  before: "The sample before",
  next: "The next sample",
  expected: "expected 0 to {last}",
});

export class SampleBar {
  #choose;
  /** @type {{ set: string, index: number, sets: Record<string, number> }} */
  #shown = { set: "test", index: 0, sets: {} };
  #set = element("select", {
    "aria-label": TEXTS.whichSet,
    onchange: () => this.#take(this.#set.value, 0),
  });
  #index = element("input", {
    type: "number",
    class: "number",
    min: 0,
    step: 1,
    "aria-label": TEXTS.placeInTheSet,
    onchange: () => this.#typed(),
  });
  #note = element("span", { class: "note" });

  /** @param {(input: JsonObject) => void} choose */
  constructor(choose) {
    this.#choose = choose;
    this.element = element(
      "div",
      { class: "walk-sample" },
      element("span", { class: "caption", "data-term": "walk_sample" }, TEXTS.sample),
      turn(TEXTS.before, false, () => this.beside(-1)),
      this.#index,
      turn(TEXTS.next, true, () => this.beside(1)),
      element("span", { class: "select" }, this.#set),
      this.#note,
    );
  }

  /** The next sample, after the last the first. @param {number} by */
  beside(by) {
    const { set, index } = this.#shown;
    const count = this.#count(set);
    this.#take(set, (index + by + count) % count);
  }

  /** @param {JsonObject} input @param {Record<string, number>} sets how many samples each has */
  paint(input, sets) {
    const set = String(input["set"] ?? "test");
    this.#shown = { set, index: Number(input["index"] ?? 0), sets };
    const names = ["train", "test"].filter((name) => (sets[name] ?? 0) > 0);
    if (this.#set.options.length !== names.length)
      this.#set.replaceChildren(...names.map((value) => element("option", { value }, setName(value))));
    this.#set.value = set;
    this.#index.max = String(this.#count(set) - 1);
    if (document.activeElement !== this.#index) this.#index.value = String(this.#shown.index);
    this.#index.setCustomValidity("");
    setText(this.#note, TEXTS.of({ count: wholeNumber(this.#count(set)) }));
  }

  /** @param {string} set */
  #count(set) {
    return Math.max(1, this.#shown.sets[set] ?? 1);
  }

  /** What is no place in the set is said at the field, and changes nothing. */
  #typed() {
    const [index, last] = [Number(this.#index.value), this.#count(this.#shown.set) - 1];
    const isPlace = this.#index.value !== "" && Number.isInteger(index) && index >= 0 && index <= last;
    const problem = isPlace ? "" : TEXTS.expected({ last: wholeNumber(last) });
    this.#index.setCustomValidity(problem);
    setText(this.#note, problem || TEXTS.of({ count: wholeNumber(last + 1) }));
    if (isPlace) this.#take(this.#shown.set, index);
  }

  /** @param {string} set @param {number} index */
  #take(set, index) {
    this.#choose({ kind: "sample", set, index });
  }
}

/** @param {string} label @param {boolean} on whether it leads on, not back @param {() => void} onclick */
function turn(label, on, onclick) {
  const attributes = {
    type: "button",
    class: "icon-button turned",
    "aria-label": label,
    title: label,
    onclick,
  };
  const button = element("button", attributes, icon("up"));
  button.classList.toggle("back", on);
  return button;
}
