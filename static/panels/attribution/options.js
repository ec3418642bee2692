/** What is asked and how it is shown: the class, the look of the maps, the picture behind them. */

/** @import { Look } from "./model.js" */

import { element, setAttribute } from "../../core/dom.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  oneNumberAPlace: "one number a place",
  eachColour: "each colour",
  pictureBehind: "Picture behind",
  class: "Class",
  shownAs: "Shown as",
  whatItSays: "what it says",
});

export class AttributionOptions {
  /** The class asked about; null: what the network says. @type {number | null} */
  target = null;
  #classes;
  #look;
  #behind;

  /** @param {() => void} asked another class is asked about @param {() => void} look it is to look otherwise */
  constructor(asked, look) {
    this.#classes = element("select", { onchange: () => (this.#choose(), asked()) });
    this.#look = element(
      "select",
      { onchange: look },
      element("option", { value: "maps" }, TEXTS.oneNumberAPlace),
      element("option", { value: "signal" }, TEXTS.eachColour),
    );
    this.#behind = slider(TEXTS.pictureBehind, look);
    this.classes = smallChoice(TEXTS.class, this.#classes);
    this.classes.setAttribute("data-term", "explained_class");
    /** How the maps look. */
    this.looks = [smallChoice(TEXTS.shownAs, this.#look), this.#behind.label];
  }

  /**
   * The looks that there are; over a signal its lines are drawn anyway.
   *
   * @param {boolean} shown whether maps are shown at all @param {number} axes of the samples
   */
  showLooks(shown, axes) {
    for (const each of this.looks) each.hidden = !shown;
    this.#behind.label.hidden ||= axes === 1;
  }

  get look() {
    return /** @type {Look} */ (this.#look.value);
  }

  /** How much of the picture shows through, 0 to 1. */
  get behind() {
    return Number(this.#behind.input.value);
  }

  /** The classes that there are now; one that is there no more is not asked about. @param {string[]} names */
  offer(names) {
    if (this.target !== null && this.target >= names.length) this.target = null;
    this.#classes.replaceChildren(
      element("option", { value: "" }, TEXTS.whatItSays),
      ...names.map((name, index) => element("option", { value: index }, name)),
    );
    this.#classes.value = this.target === null ? "" : String(this.target);
  }

  #choose() {
    this.target = this.#classes.value === "" ? null : Number(this.#classes.value);
  }
}

/** From nothing to all of it. @param {string} title @param {() => void} changed */
function slider(title, changed) {
  const input = element("input", {
    type: "range",
    min: 0,
    max: 1,
    step: 0.05,
    value: 0,
    "aria-label": title,
    oninput: changed,
  });
  return { input, label: element("label", { class: "small-choice" }, element("span", {}, title), input) };
}

/** @param {string} title @param {HTMLSelectElement} select */
function smallChoice(title, select) {
  setAttribute(select, "aria-label", title);
  return element(
    "label",
    { class: "small-choice" },
    element("span", {}, title),
    element("span", { class: "select" }, select),
  );
}
