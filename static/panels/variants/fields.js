/** The fields in which a variant says how it differs from the run. */

/** @import { Catalog } from "../../types.d.ts" */
/** @import { Choices } from "../../widgets/variant_patch.js" */

import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { typedNumber } from "../../form/number.js";

const TEXTS = texts(import.meta.url, {
  freshStart: "fresh start",
  same: "same",
});

/** @typedef {{ min: number, max: number, step: number | "any" }} Range */

/**
 * Fields that write into `choices`; empty ones leave the run's own setting.
 *
 * @param {Choices} choices @param {Catalog} catalog @param {() => void} changed
 */
export function choiceFields(choices, catalog, changed) {
  /** @type {(key: "optimizer" | "schedule" | "initializer", label: string, family: string) => HTMLElement} */
  const pick = (key, label, family) =>
    kindField(label, catalog[family] ?? [], choices[key], (kind) => ((choices[key] = kind), changed()));
  /** @type {(key: "rate" | "batch", label: string, range: Range) => HTMLElement} */
  const optional = (key, label, range) =>
    numberField(label, range, choices[key], (value) => ((choices[key] = value), changed()));
  return element(
    "div",
    { class: "race-row-fields" },
    pick("optimizer", "optimizer", "optimizers"),
    optional("rate", "rate η", { min: 1e-8, max: 100, step: "any" }),
    pick("schedule", "schedule", "schedules"),
    optional("batch", "batch", { min: 1, max: 1_000_000, step: 1 }),
    pick("initializer", TEXTS.freshStart, "initializers"),
  );
}

/**
 * @param {string} label @param {{ kind: string, label: string }[]} items @param {string} value
 * @param {(kind: string) => void} changed
 */
function kindField(label, items, value, changed) {
  const kinds = [{ kind: "", label: TEXTS.same }, ...items];
  const options = kinds.map((item) =>
    element("option", { value: item.kind, selected: item.kind === value }, item.label),
  );
  const select = element("select", { "aria-label": label }, ...options);
  select.addEventListener("change", () => changed(select.value));
  return element("label", { class: "race-row-field" }, label, element("span", { class: "select" }, select));
}

/**
 * @param {string} label @param {Range} range @param {number | null} value
 * @param {(value: number | null) => void} changed
 */
function numberField(label, range, value, changed) {
  const input = element("input", {
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    class: "number",
    value: value ?? "",
    placeholder: TEXTS.same,
    "aria-label": label,
  });
  input.addEventListener("change", () =>
    changed(input.value.trim() === "" ? null : typedNumber(input, range)),
  );
  return element("label", { class: "race-row-field" }, label, input);
}
