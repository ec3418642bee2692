/** The filter of the reference's index: what has every typed word in its name or description stays. */

import { byId, setText } from "../core/dom.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  of: "{found} of {entries}",
});

const field = byId("filter", HTMLInputElement);
const entries = [...document.querySelectorAll("[data-find]")].map((entry) => ({
  entry,
  text: plain(entry.getAttribute("data-find") ?? ""),
}));

/** The choice of a family, where all are listed. */
const choice = document.querySelector("#family");

field.addEventListener("input", filter);
choice?.addEventListener("change", filter);
field.addEventListener("search", filter); // the cross that empties it
filter(); // what the browser kept of the last visit

function filter() {
  const wanted = plain(field.value).split(/\s+/).filter(Boolean);
  let found = 0;
  for (const { entry, text } of entries) {
    const fits = isChosen(entry) && wanted.every((word) => text.includes(word));
    hide(entry, !fits);
    found += Number(fits);
  }
  for (const family of document.querySelectorAll(".reference-family"))
    hide(family, !family.querySelector("[data-find]:not([hidden])"));
  hide(document.querySelector(".reference-none"), found > 0);
  setText(byId("found"), wanted.length || chosen() ? TEXTS.of({ found, entries: entries.length }) : "");
}

/** The family that is chosen; empty for all. */
function chosen() {
  return choice instanceof HTMLSelectElement ? choice.value : "";
}

/** @param {Element} entry */
function isChosen(entry) {
  return !chosen() || entry.closest(".reference-family")?.id === chosen();
}

/** @param {Element | null} node @param {boolean} hidden */
function hide(node, hidden) {
  if (node instanceof HTMLElement) node.hidden = hidden;
}

/** `Leaky_ReLU` → `leaky relu` @param {string} text */
function plain(text) {
  return text.toLowerCase().replaceAll("_", " ");
}
