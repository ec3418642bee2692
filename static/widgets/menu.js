/** Popovers: menus and small panels that open at what was pressed. */

import { element } from "../core/dom.js";

/**
 * @typedef {object} Entry of a menu
 * @property {string} label
 * @property {string} [detail]
 * @property {() => void} run
 * @property {SVGSVGElement} [icon]
 * @property {string} [group] the heading that it stands below, with the entries of the same one that follow
 */

/** Milliseconds between two letters of one word that is typed to find an entry. */
const TYPING = 700;

/** @type {HTMLElement | null} */
let open = null;

/**
 * Open a panel at an element; it closes by Escape, by a click elsewhere, or when another opens.
 *
 * @param {HTMLElement} anchor @param {string} label @param {Node[]} content
 * @returns {HTMLElement}
 */
export function openPopover(anchor, label, content) {
  open?.hidePopover();
  const popover = element(
    "div",
    { class: "popover", popover: "auto", role: "dialog", "aria-label": label },
    ...content,
  );
  (anchor.closest("[popover]") ?? document.body).append(popover); // within a menu: that one stays open
  open = popover;
  anchor.setAttribute("aria-expanded", "true");
  popover.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    anchor.setAttribute("aria-expanded", "false");
    if (open === popover) open = null;
    const inside = popover.contains(document.activeElement) || document.activeElement === document.body;
    popover.remove();
    if (inside) anchor.focus();
  });
  popover.showPopover();
  place(popover, anchor);
  const first = popover.querySelector("button, input, select, a[href]");
  if (first instanceof HTMLElement) first.focus({ preventScroll: true });
  return popover;
}

/** Close the panel, and the menu that its anchor is in. */
export function closePopover() {
  const outer = open?.parentElement?.closest("[popover]");
  open?.hidePopover();
  if (outer instanceof HTMLElement) outer.hidePopover();
}

/** @param {HTMLElement} anchor @param {string} title @param {Entry[]} entries */
export function openMenu(anchor, title, entries) {
  const items = entries.map(({ label, detail, run, icon }) =>
    element(
      "button",
      { type: "button", class: "menu-item", "data-words": label, onclick: () => (closePopover(), run()) },
      icon,
      element("span", {}, label, detail && element("small", {}, detail)),
    ),
  );
  const heading = element("h3", { class: "caption" }, title);
  const popover = openPopover(anchor, title, [heading, ...grouped(entries, items)]);
  walkable(popover);
}

/** Entries below their headings. @param {Entry[]} entries @param {HTMLElement[]} items @returns {HTMLElement[]} */
function grouped(entries, items) {
  /** @type {HTMLElement[]} */
  const parts = [];
  entries.forEach(({ group }, index) => {
    const item = items[index];
    if (!item) return;
    if (group !== undefined && group !== entries[index - 1]?.group)
      parts.push(
        element(
          "div",
          { class: "menu-group", role: "group", "aria-label": group },
          element("h4", { class: "caption", "aria-hidden": true }, group),
        ),
      );
    const place = group === undefined ? undefined : parts.at(-1);
    if (place) place.append(item);
    else parts.push(item);
  });
  return parts;
}

/** Up, down, Home and End walk the entries, letters find them. @param {HTMLElement} popover */
export function walkable(popover) {
  const find = typeAhead();
  popover.addEventListener("keydown", (event) => {
    if (event.target instanceof HTMLInputElement) return; // they move its cursor
    const items = [...popover.querySelectorAll(".menu-item")].filter((item) => item instanceof HTMLElement);
    // Beside an entry are its buttons: from them, too, one walks to the entries around it.
    const row = document.activeElement?.closest(".menu-row");
    const at = items.findIndex((item) => item === document.activeElement || row?.contains(item));
    const places = { ArrowDown: (at + 1) % items.length, ArrowUp: Math.max(at, 0) - 1, Home: 0, End: -1 };
    const place = places[/** @type {keyof typeof places} */ (event.key)];
    if (place === undefined) return find(event, items, at);
    const next = items.at(place);
    event.preventDefault();
    next?.focus();
  });
}

/** What is typed leads to the next entry that begins with it; a letter again, to the next one of that letter. */
function typeAhead() {
  let [typed, last] = ["", 0];
  return (
    /** @type {KeyboardEvent} */ event,
    /** @type {HTMLElement[]} */ items,
    /** @type {number} */ at,
  ) => {
    const { key, timeStamp, ctrlKey, metaKey, altKey } = event;
    if (key.length !== 1 || ctrlKey || metaKey || altKey || (key === " " && typed === "")) return;
    typed = timeStamp - last > TYPING ? key : typed + key;
    last = timeStamp;
    const found = nextMatch(
      items.map((item) => item.dataset["words"] ?? item.textContent ?? ""),
      typed,
      at,
    );
    if (found === null && key !== " ") return;
    event.preventDefault();
    event.stopPropagation(); // the letter is no key of the page
    if (found !== null) items[found]?.focus();
  };
}

/**
 * The entry that typed letters lead to. Where all of them are one letter it is the next of that letter.
 *
 * @param {string[]} words @param {string} typed @param {number} at the entry that has the focus
 * @returns {number | null} null where none begins so
 */
export function nextMatch(words, typed, at) {
  const letters = typed.toLowerCase();
  const same = letters === letters.charAt(0).repeat(letters.length);
  const wanted = same ? letters.charAt(0) : letters;
  const from = same ? at + 1 : Math.max(0, at);
  const order = words.map((_, index) => (from + index) % words.length);
  return order.find((index) => words[index]?.toLowerCase().startsWith(wanted)) ?? null;
}

/**
 * Below the anchor, or above it where there is more room; always on the screen.
 *
 * @param {HTMLElement} popover @param {HTMLElement} anchor
 */
function place(popover, anchor) {
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const left = Math.max(8, Math.min(innerWidth - width - 8, box.left + box.width / 2 - width / 2));
  const below = box.bottom + 6;
  const top = below + height <= innerHeight - 8 ? below : Math.max(8, box.top - height - 6);
  popover.style.setProperty("left", `${left}px`);
  popover.style.setProperty("top", `${top}px`);
}
