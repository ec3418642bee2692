/** The options of a figure as controls that the page comes with: their values as a query, and back. */

import { labelOf } from "../../form/labels.js";

/** Milliseconds without a movement before a slider's value is asked for. */
const SETTLE = 60;

/**
 * @param {HTMLFormElement} form @param {(query: URLSearchParams) => void} changed called with what differs from
 * the defaults
 */
export function listen(form, changed) {
  const controls = [...form.querySelectorAll("[data-option]")].filter((each) => isControl(each));
  restore(controls);
  controls.forEach(name);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let settling;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    controls.forEach(say);
    clearTimeout(settling);
    settling = setTimeout(() => changed(queryOf(controls)), SETTLE);
  });
  form.addEventListener("reset", () => setTimeout(() => (controls.forEach(say), changed(queryOf(controls)))));
  controls.forEach(say);
  return queryOf(controls);
}

/** @typedef {HTMLInputElement | HTMLSelectElement} Control */

/** @param {Element} node @returns {node is Control} */
function isControl(node) {
  return node instanceof HTMLInputElement || node instanceof HTMLSelectElement;
}

/** What the address says. @param {Control[]} controls */
function restore(controls) {
  const asked = new URLSearchParams(location.search);
  for (const control of controls) {
    const value = asked.get(control.name);
    if (value === null) continue;
    if (control instanceof HTMLInputElement && control.type === "checkbox")
      control.checked = value === "true";
    else control.value = control.dataset["log"] === undefined ? value : String(Math.log10(Number(value)));
  }
}

/** @param {Control[]} controls */
function queryOf(controls) {
  const query = new URLSearchParams();
  for (const control of controls) {
    const value = valueOf(control);
    if (value !== control.dataset["default"]) query.set(control.name, value);
  }
  return query;
}

/** The value of a control as JSON has it. @param {Control} control */
function valueOf(control) {
  if (control instanceof HTMLInputElement && control.type === "checkbox") return String(control.checked);
  if (control.dataset["log"] === undefined) return control.value;
  const value = 10 ** Number(control.value);
  const rounded = String(Number(value.toPrecision(3)));
  // The slider stands at its default to within a step.
  const initial = Number(control.dataset["default"]);
  return Math.abs(Math.log10(value / initial)) < 0.006 ? String(control.dataset["default"]) : rounded;
}

/** Call a control as forms call its option. @param {Control} control */
function name(control) {
  const label = control.closest(".figure-option")?.querySelector("[data-label]");
  if (label) label.textContent = labelOf(control.name, {});
}

/** The number beside a slider. @param {Control} control */
function say(control) {
  const said = control.parentElement?.querySelector("output");
  if (!said) return;
  said.textContent = valueOf(control);
  control.setAttribute("aria-valuetext", valueOf(control));
}
