/**
 * The user's arrangement of the page: widths, the inspector's place, size and tab, what is folded away. Kept by this
 * browser.
 */

import { storeChoice, storedChoice } from "../core/storage.js";
import { element } from "../core/dom.js";
import { texts } from "../core/texts.js";

/** The name under which the browser remembers that hints were shown, and the window which of them are left. */
export const HINTS = "hints";

const TEXTS = texts(import.meta.url, {
  dragDoubleClick: "{label}: drag, or double-click for the usual size",
  settingsWidth: "Width of data and training",
  resultsWidth: "Width of the results",
});

/** @typedef {{ closed?: string[], sizes?: Record<string, number>, tab?: string, place?: string }} Arrangement */

const KEY = "arrangement";

/** @returns {Arrangement} */
function arrangement() {
  try {
    return JSON.parse(storedChoice(KEY) ?? "{}") ?? {};
  } catch {
    return {}; // something else wrote there
  }
}

/** @param {Arrangement} change */
function rearrange(change) {
  storeChoice(KEY, JSON.stringify({ ...arrangement(), ...change }));
}

/** The tab of the inspector that was open last. */
export const rememberedTab = () => arrangement().tab ?? null;

/** @param {string} tab */
export const rememberTab = (tab) => rearrange({ tab });

/** Where the inspector lay last. */
export const rememberedPlace = () => arrangement().place;

/** @param {string} place */
export const rememberPlace = (place) => rearrange({ place });

/**
 * Let the sections of a column be folded away at their headings.
 *
 * @param {HTMLElement} column
 */
export function foldable(column) {
  for (const section of column.querySelectorAll(".section")) {
    const heading = section.querySelector("h2");
    if (!(section instanceof HTMLElement) || !heading) continue;
    const name = `${column.id} ${heading.textContent}`;
    const title = element("span", {}, ...heading.childNodes);
    const button = element("button", { type: "button", class: "fold" }, title);
    heading.replaceChildren(button);
    const show = (/** @type {boolean} */ closed) => {
      section.toggleAttribute("data-closed", closed);
      button.setAttribute("aria-expanded", String(!closed));
    };
    button.addEventListener("click", () => {
      const closed = !section.hasAttribute("data-closed");
      const others = (arrangement().closed ?? []).filter((each) => each !== name);
      rearrange({ closed: closed ? [...others, name] : others });
      show(closed);
    });
    show(arrangement().closed?.includes(name) ?? false);
  }
}

/**
 * A line between two parts of the page that can be dragged, or moved by arrow keys, Home and End; a double click, or
 * Enter, gives the size back that the page would have. `refresh` says its values anew, where the room has changed.
 *
 * @param {{ name: string, label: string, vertical: boolean, least: number, most: () => number, size: () =>
 * number, sign: 1 | -1 }} options
 * `vertical`: the line stands, and moves sideways; `sign`: 1 where the part grows to the right or downwards
 * @returns {HTMLElement & { refresh: () => void }}
 */
export function splitter({ name, label, vertical, least, most, size, sign }) {
  const line = element("div", {
    class: `splitter ${vertical ? "vertical" : "horizontal"}`,
    role: "separator",
    tabindex: 0,
    "aria-label": label,
    "aria-orientation": vertical ? "vertical" : "horizontal",
    "aria-valuemin": least,
    title: TEXTS.dragDoubleClick({ label }),
  });
  const set = (/** @type {number | null} */ wanted) => {
    const { [name]: _, ...others } = arrangement().sizes ?? {};
    const bounded = wanted === null ? null : Math.round(Math.min(most(), Math.max(least, wanted)));
    rearrange({ sizes: bounded === null ? others : { ...others, [name]: bounded } });
    show(bounded);
  };
  const say = (/** @type {number} */ pixels) => {
    line.setAttribute("aria-valuenow", String(pixels));
    line.setAttribute("aria-valuemax", String(Math.max(pixels, Math.round(most()))));
  };
  const show = (/** @type {number | null} */ pixels) => {
    if (pixels === null) document.documentElement.style.removeProperty(`--${name}`);
    else document.documentElement.style.setProperty(`--${name}`, `${pixels}px`);
    document.documentElement.toggleAttribute(`data-${name}`, pixels !== null);
    say(pixels ?? Math.round(size()));
  };
  line.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    line.setPointerCapture(event.pointerId);
    const from = (vertical ? event.clientX : event.clientY) - sign * size();
    const ends = new AbortController();
    const { signal } = ends;
    line.addEventListener(
      "pointermove",
      (move) => set(sign * ((vertical ? move.clientX : move.clientY) - from)),
      { signal },
    );
    for (const end of ["pointerup", "pointercancel"])
      line.addEventListener(end, () => ends.abort(), { signal });
  });
  line.addEventListener("dblclick", () => set(null));
  line.addEventListener("keydown", (event) => {
    const wanted = keyed(event.key, vertical, { size: size(), sign, least, most: most() });
    if (wanted === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    set(wanted);
  });
  show(arrangement().sizes?.[name] ?? null);
  return Object.assign(line, { refresh: () => say(Math.round(size())) });
}

/** Pixels by which an arrow key moves a line. */
const KEY_STEP = 16;

/**
 * The size that a key asks for: null for the usual one, undefined for a key that asks for nothing.
 *
 * @param {string} key @param {boolean} vertical
 * @param {{ size: number, sign: 1 | -1, least: number, most: number }} now
 * @returns {number | null | undefined}
 */
export function keyed(key, vertical, { size, sign, least, most }) {
  const [back, on] = vertical ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
  if (key === back) return size - sign * KEY_STEP;
  if (key === on) return size + sign * KEY_STEP;
  return { Home: least, End: most, Enter: null }[key];
}

/**
 * The lines between the three columns.
 *
 * @param {HTMLElement} settings @param {HTMLElement} results @param {HTMLElement} columns
 */
export function splitColumns(settings, results, columns) {
  const most = () => Math.max(200, innerWidth * 0.38);
  const left = splitter({
    name: "settings-width",
    label: TEXTS.settingsWidth,
    vertical: true,
    least: 220,
    most,
    size: () => settings.offsetWidth,
    sign: 1,
  });
  const right = splitter({
    name: "results-width",
    label: TEXTS.resultsWidth,
    vertical: true,
    least: 280,
    most,
    size: () => results.offsetWidth,
    sign: -1,
  });
  left.classList.add("at-settings");
  right.classList.add("at-results");
  columns.append(left, right);
}
