/** One number of a sample: its name, a slider over the range that it has in training, a field to type it. */

import { element, setAttribute } from "../../core/dom.js";
import { fullNumber, shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { fill, numberProblem, parseNumber } from "../../form/number.js";

const TEXTS = texts(import.meta.url, {
  toInTraining: "{name}: {low} to {high} in training",
  overRangeTraining: "{name}, over its range in training",
});

/** Places of a slider. */
const PARTS = 200;

/** @typedef {{ low: number, high: number }} Range */

/** The value at a place of a slider. @param {Range} range @param {number} place */
export function valueAt({ low, high }, place) {
  return low + ((high - low) * place) / PARTS;
}

/** The place of a value, which may lie outside. @param {Range} range @param {number} value */
export function placeOf({ low, high }, value) {
  return high > low ? Math.round(((value - low) / (high - low)) * PARTS) : 0;
}

/**
 * The range of each column of a table.
 *
 * @param {{ shape: number[], data: ArrayLike<number> }} table (rows, columns) @returns {Range[]}
 */
export function rangesOf({ shape: [count = 0, width = 0], data }) {
  return Array.from({ length: width }, (_, column) => {
    const values = Array.from({ length: count }, (_, row) => data[row * width + column] ?? 0);
    return { low: Math.min(...values), high: Math.max(...values) };
  });
}

export class NumberRow {
  #range;
  #tooltip;
  #input;
  #slider;
  element;

  /** @param {string} name @param {Range} range @param {() => void} changed the viewer has set it */
  constructor(name, range, changed) {
    this.#range = range;
    const tooltip = (this.#tooltip = TEXTS.toInTraining({
      name,
      low: shortNumber(range.low),
      high: shortNumber(range.high),
    }));
    this.#input = element("input", {
      type: "text",
      class: "number",
      inputmode: "decimal",
      autocomplete: "off",
      "aria-label": name,
      title: tooltip,
    });
    this.#slider = element("input", {
      type: "range",
      min: 0,
      max: PARTS,
      step: 1,
      "aria-label": TEXTS.overRangeTraining({ name }),
      title: tooltip,
    });
    const label = element("span", { title: tooltip }, name);
    this.element = element("div", { class: "asked-row" }, label, this.#slider, this.#input);
    this.#listen(changed);
  }

  /** @param {() => void} changed */
  #listen(changed) {
    const [slider, input] = [this.#slider, this.#input];
    slider.addEventListener("input", () => {
      this.show(valueAt(this.#range, Number(slider.value)));
      changed();
    });
    input.addEventListener("input", () => delete input.dataset["value"]);
    input.addEventListener("change", () => {
      const value = parseNumber(input.value, {});
      setAttribute(input, "aria-invalid", value === null ? "true" : null);
      input.title = value === null ? numberProblem(input.value, {}) : this.#tooltip;
      if (value === null) return;
      this.show(value);
      changed();
    });
  }

  /** The number in the field; null where that is none. */
  get value() {
    return parseNumber(this.#input.dataset["value"] ?? this.#input.value, {});
  }

  /** Whether the viewer is typing here. */
  get hasFocus() {
    return document.activeElement === this.#input;
  }

  /** @param {number} value */
  show(value) {
    this.#input.value = shortNumber(value, 3);
    this.#input.dataset["value"] = String(value);
    this.#input.title = fullNumber(value);
    setAttribute(this.#input, "aria-invalid", null);
    this.#slider.value = String(placeOf(this.#range, value));
    fill(this.#slider);
  }
}
