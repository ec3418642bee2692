/** A number: a field to type in, and a slider where the schema's bounds make one useful. */

/** @import { Json, Schema } from "../types.d.ts" */
/** @import { Context, Control } from "./field.js" */

import { element, uniqueId } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { field, isBusy } from "./field.js";
import { labelOf } from "./labels.js";
import { fromSlider, sliderRange, toSlider } from "./schema.js";

const TEXTS = texts(import.meta.url, {
  auto: "auto",
  nothing: "nothing",
  numberExpected: "{typed}; expected a number",
  wholeExpected: "{typed}; expected a whole number",
  ambiguous: "{typed} may be {small} or {large}; expected one of these, without a comma",
  ambiguousWhole: "{typed} may be {small} or {large}; expected one of these, as a whole number",
  numberBetween: "Expected a number from {min} to {max}",
  wholeBetween: "Expected a whole number from {min} to {max}",
});

/** Milliseconds without a movement before a slider's value is sent; the picture follows at once. */
const SETTLE = 120;

/** Arrows on a slider: a thousandth of its way may round to the same number, so they go to the next as in the field. */
const WAYS = /** @type {Record<string, 1 | -1>} */ ({
  ArrowUp: 1,
  ArrowRight: 1,
  ArrowDown: -1,
  ArrowLeft: -1,
});

/**
 * @param {Context} context @param {string} pointer @param {string} name @param {Schema} schema
 * @param {boolean} nullable whether it may be empty
 * @returns {Control}
 */
export function numberControl(context, pointer, name, schema, nullable) {
  const input = element("input", {
    type: "text",
    inputmode: schema.type === "integer" && (schema.minimum ?? -1) >= 0 ? "numeric" : "decimal",
    autocomplete: "off",
    spellcheck: "false",
    class: "number",
    id: uniqueId("field"),
    placeholder: nullable ? TEXTS.auto : undefined,
  });
  const range = sliderRange(schema);
  const slider = range ? sliderOf(labelOf(name, schema)) : null;
  /** @type {Json} */
  let shown = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let settling;

  const commit = () => {
    delete input.dataset["dirty"];
    const value = parseNumber(input.value, schema);
    if (value === null && !nullable) {
      context.fields.get(pointer)?.complain({ pointer, message: numberProblem(input.value, schema) });
    } else if (value !== shown) {
      context.change(pointer, value);
    }
  };
  const nudge = (/** @type {KeyboardEvent} */ event, /** @type {Record<string, 1 | -1>} */ ways) => {
    if (nudgeField(input, event, ways, shown, schema)) commit();
  };
  input.addEventListener("input", () => (input.dataset["dirty"] = "yes"));
  input.addEventListener("change", commit);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") commit();
    if (event.key === "Escape") show(shown);
    nudge(event, { ArrowUp: 1, ArrowDown: -1 });
  });
  slider?.addEventListener("keydown", (event) => nudge(event, WAYS));
  slider?.addEventListener("input", () => {
    if (!range) return;
    const value = fromSlider(range, Number(slider.value) / 1000);
    input.value = text(value);
    fill(slider);
    clearTimeout(settling);
    settling = setTimeout(() => {
      if (value !== shown) context.change(pointer, value);
    }, SETTLE);
  });

  /** @param {Json} value */
  function show(value) {
    delete input.dataset["dirty"];
    context.fields.get(pointer)?.complain(null);
    input.value = text(value);
    if (slider && range && typeof value === "number") {
      slider.value = String(Math.round(1000 * toSlider(range, value)));
      slider.setAttribute("aria-valuetext", text(value));
      fill(slider);
    }
  }

  const unit =
    schema.unit && schema.unit.length <= 4 ? element("span", { class: "unit" }, schema.unit) : null;
  const parts = [slider, element("span", { class: "with-unit" }, input, unit)].filter(
    (part) => part !== null,
  );
  const row = field(context, pointer, name, schema, input, parts, slider ? "with-slider" : "");
  return {
    element: row,
    update(value) {
      if (isBusy(input)) return;
      if (row.classList.contains("invalid") && value === shown) return; // the refused value stays to be mended
      shown = value;
      show(value);
    },
  };
}

/**
 * Put the next number in an arrow's direction into a field.
 *
 * @param {HTMLInputElement} input
 * @param {KeyboardEvent} event
 * @param {Record<string, 1 | -1>} ways by the key
 * @param {Json} shown
 * @param {Schema} schema
 * @returns {boolean} whether the key was one of these arrows
 */
function nudgeField(input, event, ways, shown, schema) {
  const way = ways[event.key];
  if (!way || typeof shown !== "number") return false;
  event.preventDefault();
  input.value = text(nudged(shown, way, schema));
  return true;
}

/** Digits in groups of three, and what stands behind them; no group begins with a zero. */
const GROUPED = [
  /^(?<whole>[1-9]\d{0,2}(?:,\d{3})+)(?:\.(?<rest>\d*))?$/,
  /^(?<whole>[1-9]\d{0,2}(?:\.\d{3})+),(?<rest>\d+)$/,
  /^(?<whole>[1-9]\d{0,2}(?:\.\d{3}){2,})$/,
  /^(?<whole>[1-9]\d{0,2}(?:[\s_'’]\d{3})+)(?:[.,](?<rest>\d*))?$/,
];

/**
 * One comma before three digits: 1,125 is a thousand and more to some, and a little more than one to others.
 */
const AMBIGUOUS = /^[1-9]\d{0,2},(?!000)\d{3}$/;

/** One point before three digits, where a whole number is asked for: 1.000 is one, or a thousand. */
const AMBIGUOUS_WHOLE = /^[1-9]\d{0,2}\.\d{3}$/;

/**
 * What was typed, as a number: 1e-3, 0.5, 0,5, 1 000, 1,000, 1.234,5 and 50 % are read; null where it is
 * none,
 * or may be either of two.
 *
 * @param {string} typed @param {Schema} schema
 * @returns {number | null}
 */
export function parseNumber(typed, schema) {
  const { sign = "", digits = "", power = "", percent } = partsOf(typed);
  if (digits === "" || (percent && schema.type === "integer")) return null;
  if (ambiguous(schema).test(digits)) return null;
  const value = Number(sign + plainDigits(digits) + power);
  if (!Number.isFinite(value)) return null;
  return percent ? value / 100 : value;
}

/**
 * The problem of a text that parseNumber does not accept, as a text to show.
 *
 * @param {string} typed @param {Schema} schema
 */
export function numberProblem(typed, schema) {
  const { digits = "" } = partsOf(typed);
  if (ambiguous(schema).test(digits)) {
    const [small, large] = [Number(digits.replace(",", ".")), digits.replace(/[.,]/, "")];
    const said = { typed: typed.trim(), small, large };
    return schema.type === "integer" ? TEXTS.ambiguousWhole(said) : TEXTS.ambiguous(said);
  }
  const said = { typed: typed.trim() || TEXTS.nothing };
  return schema.type === "integer" ? TEXTS.wholeExpected(said) : TEXTS.numberExpected(said);
}

/**
 * The number in a text field, within its bounds; null where there is none, and the field says why.
 *
 * A field of type "number" would be the browser's to read: where it speaks English it drops a comma, and
 * 0,001 is 1.
 *
 * @param {HTMLInputElement} input @param {{ min: number, max: number, step?: number | "any" }} bounds
 */
export function typedNumber(input, { min, max, step = 1 }) {
  const schema = { type: step === "any" ? "number" : "integer" };
  const value = parseNumber(input.value, schema);
  const fits = value !== null && value >= min && value <= max && (step === "any" || Number.isInteger(value));
  input.setAttribute("aria-invalid", String(!fits));
  input.title = fits
    ? ""
    : value === null
      ? numberProblem(input.value, schema)
      : (step === "any" ? TEXTS.numberBetween : TEXTS.wholeBetween)({
          min,
          max: max.toLocaleString("en-US"),
        });
  return fits ? value : null;
}

/** Digits that may be either of two numbers. @param {Schema} schema */
function ambiguous(schema) {
  return schema.type === "integer" ? AMBIGUOUS_WHOLE : AMBIGUOUS;
}

/**
 * Sign, digits with what separates them, exponent and percent sign.
 *
 * @param {string} typed @returns {Record<string, string | undefined>}
 */
function partsOf(typed) {
  const plain = typed.trim().replace("−", "-");
  return (
    plain.match(/^(?<sign>[-+]?)(?<digits>[\d.,_'’\s]*\d[.,]?)(?<power>e[-+]?\d+)?\s*(?<percent>%)?$/i)
      ?.groups ?? {}
  );
}

/**
 * Digits with a point before the decimals and nothing else; those that are no number stay as they are.
 *
 * @param {string} digits
 */
function plainDigits(digits) {
  for (const pattern of GROUPED) {
    const { whole, rest } = digits.match(pattern)?.groups ?? {};
    if (whole) return `${whole.replace(/\D/g, "")}.${rest ?? ""}`;
  }
  return digits.replace(/^(\d*),(\d+)$/, "$1.$2");
}

/** @param {number} value @param {1 | -1} direction @param {Schema} schema */
export function nudged(value, direction, schema) {
  const low = schema.minimum ?? -Infinity;
  const high = schema.maximum ?? Infinity;
  const step =
    schema.type === "integer"
      ? 1
      : schema.scale === "log"
        ? 10 ** Math.floor(Math.log10(Math.abs(value) || 1e-3))
        : 0.05;
  return Math.min(high, Math.max(low, Number((value + direction * step).toPrecision(6))));
}

/** @param {Json} value */
function text(value) {
  return typeof value === "number" ? String(value) : "";
}

/** The part of the track that is passed is drawn in the accent. @param {HTMLInputElement} slider */
export function fill(slider) {
  const share = (Number(slider.value) - Number(slider.min)) / (Number(slider.max) - Number(slider.min));
  slider.style.setProperty("--share", String(share));
}

/** A slider beside a field, which is the stop of the Tab key and has the same arrows. @param {string} label */
function sliderOf(label) {
  return element("input", { type: "range", min: 0, max: 1000, step: 1, tabindex: -1, "aria-label": label });
}
