/** The fields by which a variant is chosen: what they say as a query, and what is wrong with it, at the field. */

/** @import { Located } from "../../types.d.ts" */

import { setAttribute, setText } from "../../core/dom.js";

/** Milliseconds without a key before what is typed is asked for. */
const SETTLE = 250;

/** @typedef {HTMLInputElement | HTMLSelectElement} Control */

export class VariantForm {
  #form;
  /** What the address says that no field does, or that a field cannot show. @type {URLSearchParams} */
  #unknown = new URLSearchParams();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #settling;

  /** @param {HTMLFormElement} form @param {() => void} changed */
  constructor(form, changed) {
    this.#form = form;
    form.addEventListener("submit", (event) => (event.preventDefault(), changed()));
    form.addEventListener("change", (event) => this.#changed(event, changed, 0));
    form.addEventListener("input", (event) => this.#changed(event, changed, SETTLE));
  }

  /** @param {Event} event @param {() => void} changed @param {number} wait */
  #changed({ target }, changed, wait) {
    if (isControl(target)) this.#unknown.delete(target.name);
    clearTimeout(this.#settling);
    this.#settling = setTimeout(changed, wait);
  }

  /** @returns {Control[]} */
  get #controls() {
    return [...this.#form.elements].filter(isControl);
  }

  /** Show what a query says; what no field can show stays part of it, and is told by what the server says. */
  restore(/** @type {URLSearchParams} */ query) {
    this.#unknown = new URLSearchParams(query);
    for (const control of this.#controls) {
      const value = query.get(control.name) ?? control.dataset["default"] ?? "";
      if (set(control, value)) this.#unknown.delete(control.name);
    }
  }

  /** What differs from what is published. @returns {URLSearchParams} */
  query() {
    const query = new URLSearchParams(this.#unknown);
    for (const control of this.#controls) {
      const value = valueOf(control);
      if (!query.has(control.name) && value !== control.dataset["default"])
        query.set(control.name, value || "null");
    }
    return query;
  }

  /**
   * Mark the fields that a problem is about.
   *
   * @param {Located[]} problems @returns {Located[]} those that are about no field
   */
  mark(problems) {
    const named = new Map(problems.map((problem) => [problem.pointer.slice(1), problem]));
    for (const control of this.#controls) {
      const problem = named.get(control.name);
      named.delete(control.name);
      setAttribute(control, "aria-invalid", problem ? "true" : null);
      const place = control.closest("[data-field]")?.querySelector(".variant-problem");
      if (place) setText(place, problem?.message ?? "");
    }
    return [...named.values()];
  }
}

/** @param {unknown} node @returns {node is Control} */
function isControl(node) {
  return node instanceof HTMLInputElement || node instanceof HTMLSelectElement;
}

/** @param {Control} control */
function valueOf(control) {
  if (control instanceof HTMLInputElement && control.type === "checkbox") return String(control.checked);
  return control.value.trim();
}

/** @param {Control} control @param {string} value @returns {boolean} whether the control can show it */
function set(control, value) {
  if (control instanceof HTMLInputElement && control.type === "checkbox") control.checked = value === "true";
  else control.value = value === "null" ? "" : value;
  const shown = valueOf(control);
  if (control instanceof HTMLSelectElement && shown !== value)
    control.value = control.dataset["default"] ?? "";
  return shown === value || (value === "null" && shown === "");
}
