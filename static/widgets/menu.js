/** Popovers: menus and small panels that open at what was pressed. */

import { element } from "../core/dom.js";

/** @typedef {{ label: string, detail?: string, run: () => void, icon?: SVGSVGElement }} Entry */

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
  const buttons = entries.map(({ label, detail, run, icon }) =>
    element(
      "button",
      { type: "button", class: "menu-item", onclick: () => (closePopover(), run()) },
      icon,
      element("span", {}, label, detail && element("small", {}, detail)),
    ),
  );
  const popover = openPopover(anchor, title, [element("h3", { class: "caption" }, title), ...buttons]);
  walkable(popover);
}

/** Up, down, Home and End walk the entries. @param {HTMLElement} popover */
export function walkable(popover) {
  popover.addEventListener("keydown", (event) => {
    if (event.target instanceof HTMLInputElement) return; // they move its cursor
    const items = [...popover.querySelectorAll(".menu-item")].filter((item) => item instanceof HTMLElement);
    // Beside an entry are its buttons: from them, too, one walks to the entries around it.
    const row = document.activeElement?.closest(".menu-row");
    const at = items.findIndex((item) => item === document.activeElement || row?.contains(item));
    const places = { ArrowDown: (at + 1) % items.length, ArrowUp: Math.max(at, 0) - 1, Home: 0, End: -1 };
    const place = places[/** @type {keyof typeof places} */ (event.key)];
    if (place === undefined) return;
    const next = items.at(place);
    event.preventDefault();
    next?.focus();
  });
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
