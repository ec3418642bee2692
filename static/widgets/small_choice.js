/** A small select with its label, for the heads of panels. */

import { element } from "../core/dom.js";

/**
 * @param {string} title @param {[value: string, text: string][]} options the first is chosen
 * @param {() => void} changed
 */
export function smallChoice(title, options, changed) {
  const select = element(
    "select",
    { "aria-label": title },
    ...options.map(([value, text]) => element("option", { value }, text)),
  );
  select.addEventListener("change", changed);
  const label = element(
    "label",
    { class: "small-choice" },
    element("span", {}, title),
    element("span", { class: "select" }, select),
  );
  return { label, value: () => select.value };
}
