/** A slider with its label before and its value behind. */

import { element, setText, uniqueId } from "../../core/dom.js";

/**
 * @param {string} label @param {string} term of the glossary
 * @param {{ min: number, max: number, step: number }} range
 * @param {(value: number, done: boolean) => void} changed as it moves, and when it is let go
 */
export function slider(label, term, range, changed) {
  const input = element("input", { type: "range", id: uniqueId("slider"), ...range });
  const value = element("output", { for: input.id });
  input.addEventListener("input", () => changed(Number(input.value), false));
  input.addEventListener("change", () => changed(Number(input.value), true));
  return {
    element: element(
      "div",
      { class: "field asked with-slider" },
      element("label", { for: input.id, "data-term": term }, label),
      input,
      value,
    ),
    /** @param {number} now @param {string} words @param {number} [most] */
    show(now, words, most) {
      if (most !== undefined) input.max = String(most);
      input.value = String(now);
      input.setAttribute("aria-valuetext", words);
      setText(value, words);
    },
  };
}
