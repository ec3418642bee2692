/** Numbers and names as people read them. */

import { language, texts } from "./texts.js";

const TEXTS = texts(import.meta.url, {
  min: "{seconds} min",
  daysAgo: "{days} days ago",
  justNow: "just now",
  ago: "{value} ago",
});

/**
 * A number, rounded to what matters: 0.0312, 1.25k, 3e-5.
 *
 * @param {number} value
 * @param {number} [digits] significant ones
 */
export function shortNumber(value, digits = 3) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 1e-3 || size >= 0.9995e15) return minus(trimExponent(value.toExponential(digits - 1)));
  for (const [unit, name] of /** @type {[number, string][]} */ ([
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ])) {
    if (size >= unit * 0.9995)
      return minus(
        (size >= unit * 10 ** digits
          ? String(Math.round(value / unit))
          : trim((value / unit).toPrecision(digits))) + name,
      );
  }
  if (size >= 10 ** digits) return minus(String(Math.round(value))); // 110, never 1.1e+2
  return minus(trim(value.toPrecision(digits)));
}

/**
 * A number that stands still: always the same count of decimals.
 *
 * @param {number} value @param {number} decimals
 */
export function steadyNumber(value, decimals) {
  if (!Number.isFinite(value)) return shortNumber(value);
  const size = Math.abs(value);
  if (size !== 0 && size < 10 ** -decimals) return minus(trimExponent(value.toExponential(1)));
  return size >= 1e5 ? shortNumber(value) : minus(value.toFixed(decimals));
}

/** A number that is about as wide whatever its size: 0.031, 11.73, 104.2. @param {number} value */
export function evenNumber(value) {
  const digits = Math.floor(Math.log10(Math.max(1, Math.abs(value))));
  return steadyNumber(value, Number.isFinite(digits) ? Math.max(0, 3 - digits) : 3);
}

/**
 * A number with as many digits as are known of it: 0.15 where steps are of 0.008, not 0.154.
 *
 * @param {number} step between numbers that can be told apart; 0: it is known in full @param {number} value
 */
export function roundedTo(step, value) {
  if (!(step > 0) || !Number.isFinite(step) || !Number.isFinite(value)) return shortNumber(value);
  const place = Math.round(Math.log10(step));
  const digits = Math.min(3, Math.floor(Math.log10(Math.abs(value))) - place + 1);
  return digits >= 1 ? shortNumber(value, digits) : "0";
}

/**
 * A share in whole per cent: what is not quite nothing is never 0 %, what is not quite all never 100 %.
 * @param {number | undefined} share
 */
export function percent(share = NaN) {
  if (!Number.isFinite(share)) return "–";
  if (share > 0 && share < 0.005) return "<1 %";
  return share < 1 && share >= 0.995 ? ">99 %" : `${Math.round(100 * share)} %`;
}

/**
 * A share of so many samples, with the decimals that so many can tell apart: 19 of 20 are 0.95, and 0.950
 * would say more. What
 * is not quite all is never 1.
 *
 * @param {number} share @param {number} samples
 */
export function shareNumber(share, samples) {
  const decimals = Math.min(3, Math.max(1, Math.ceil(Math.log10(samples)) || 1));
  const text = steadyNumber(share, decimals);
  return share < 1 && Number(text) >= 1 ? `>${(1 - 10 ** -decimals).toFixed(decimals)}` : text;
}

/** Whole numbers as the page's language groups their digits; a tag that the browser does not know is English. */
const WHOLE = new Intl.NumberFormat([language, "en-US"]);

/** @param {number} value a whole number, its digits grouped */
export function wholeNumber(value) {
  return minus(WHOLE.format(Math.round(value)));
}

/** @param {number} value in full, for a tooltip */
export function fullNumber(value) {
  return minus(String(value));
}

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return TEXTS.min({ seconds: Math.round(seconds / 60) });
  return `${Math.round(seconds / 3600)} h`;
}

/** How long ago something was, in words. @param {number} seconds */
export function age(seconds) {
  const days = Math.floor(seconds / 86_400);
  if (days >= 2) return TEXTS.daysAgo({ days });
  return seconds < 5 ? TEXTS.justNow : TEXTS.ago({ value: duration(Math.max(0, seconds)) });
}

/** @param {string} text */
function trim(text) {
  return text.includes(".") && !text.includes("e") ? text.replace(/\.?0+$/, "") : text;
}

/** @param {string} text such as 3.00e-5 */
function trimExponent(text) {
  const [mantissa = "", exponent = "0"] = text.split("e");
  return `${trim(mantissa)}e${Number(exponent)}`;
}

/** @param {string} text */
function minus(text) {
  return text.replace(/^-/, "−");
}

/** @type {Record<string, string>} */
const FEATURES = {
  x1: "x₁",
  x2: "x₂",
  x1_squared: "x₁²",
  x2_squared: "x₂²",
  x1_x2: "x₁x₂",
  sin_x1: "sin x₁",
  sin_x2: "sin x₂",
};

/** `tanh1` → `tanh 1`, `stage1.max_pool2d2` → `stage 1.max pool2d 2` @param {string} name of a node */
export function nodeName(name) {
  const parts = name.split(".").map((part) => part.replaceAll("_", " ").replace(/([^\d\s])(\d+)$/, "$1 $2"));
  return parts.join(".");
}

/** @param {string} name of a feature, as mathematics writes it */
export function featureName(name) {
  return FEATURES[name] ?? name;
}

/**
 * A schema's name as words: `batch_size` → Batch size.
 *
 * @param {string} name
 */
export function sentenceCase(name) {
  return capital(name.replaceAll("_", " "));
}

/** @param {string} text with a capital in front */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @param {number[]} shape */
export function shapeText(shape) {
  return shape.join(" × ");
}
