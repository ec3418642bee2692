/** The few helpers with which the page builds its elements. */

import { texts } from "./texts.js";

const TEXTS = texts(import.meta.url, {
  nothingIsDrawnYet: "Nothing is drawn yet",
});

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * @typedef {Record<string, string | number | boolean | ((event: any) => void) | null | undefined>} Attributes
 */

/**
 * An element with attributes, event listeners (functions, named onclick, oninput, …) and children.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Attributes} [attributes] @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.replace(/^on/, ""), value);
    else if (value === true) made.setAttribute(name, name.startsWith("aria-") ? "true" : "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, String(value));
  }
  for (const child of children) if (child) made.append(child);
  return made;
}

/** What a picture says before anything is drawn on it. */
const NOT_DRAWN = TEXTS.nothingIsDrawnYet;

/**
 * A canvas that is a picture. It has a description from the start: its painter's comes with the first frame, which may
 * take long.
 *
 * @param {string} className
 * @param {Attributes} [attributes]
 */
export function picture(className, attributes = {}) {
  return element("canvas", { class: className, role: "img", "aria-label": NOT_DRAWN, ...attributes });
}

/**
 * The element of a template that has an id; a missing one is a mistake of ours.
 *
 * @template {HTMLElement} [E=HTMLElement]
 * @param {string} id @param {new () => E} [type]
 * @returns {E}
 */
export function byId(id, type) {
  const found = document.getElementById(id);
  if (!found || (type && !(found instanceof type)))
    throw new Error(`the page has no ${type?.name ?? "element"} #${id}`);
  return /** @type {E} */ (found);
}

/**
 * Set a text only where it differs: an unchanged one costs no layout.
 *
 * @param {Node} node @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** @param {Element} node @param {string} name @param {string | null} value */
export function setAttribute(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** @param {string} name @param {string} [className] @returns {SVGSVGElement} */
export function icon(name, className = "icon") {
  layDownSprite();
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS("http://www.w3.org/2000/svg", "use"));
  setIcon(svg, name);
  return svg;
}

/** Another picture in an icon. @param {Element} svg @param {string} name */
export function setIcon(svg, name) {
  svg.querySelector("use")?.setAttribute("href", `#icon-${name}`);
}

let laid = false;

/**
 * The icons stand in the page itself: one that is first needed when the server is gone is there all the same.
 */
function layDownSprite() {
  if (laid) return;
  laid = true;
  void fetch(new URL("../icons.svg", import.meta.url)).then(async (answer) => {
    const sprite = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
    for (const symbol of sprite.querySelectorAll("symbol")) symbol.id = `icon-${symbol.id}`;
    sprite.setAttribute("class", "visually-hidden");
    sprite.setAttribute("aria-hidden", "true");
    document.body.append(document.importNode(sprite, true));
  });
}

/**
 * A button with an icon and no words; the words are its label and tooltip.
 *
 * @param {string} name of the icon
 * @param {string} label @param {(event: MouseEvent) => void} onclick @param {Attributes} [attributes]
 */
export function iconButton(name, label, onclick, attributes = {}) {
  return element(
    "button",
    { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...attributes },
    icon(name),
  );
}

/**
 * Call `paint` once before the next frame on screen, however often it is asked for.
 *
 * @param {() => void} paint
 * @returns {() => void}
 */
export function onNextFrame(paint) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      paint();
    });
  };
}

/**
 * Build part of the page anew; what had the focus there has it again, known by its `data-key`.
 *
 * @param {Element} root
 * @param {() => void} build
 */
export function rebuild(root, build) {
  const focused = document.activeElement;
  const key = focused instanceof HTMLElement && root.contains(focused) ? focused.dataset["key"] : undefined;
  build();
  if (key === undefined || document.activeElement === focused) return;
  focusKey(root, key);
}

/**
 * Focus what has a key within an element; where it is disabled now, what can be pressed beside it.
 *
 * @param {Element} root
 * @param {string} key
 */
export function focusKey(root, key) {
  const found = root.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const enabled = found?.matches(":disabled") ? found.parentElement?.querySelector("button:enabled") : found;
  if (enabled instanceof HTMLElement) enabled.focus({ preventScroll: true });
}

let count = 0;

/** An id for a label and its field. @param {string} stem */
export function uniqueId(stem) {
  return `${stem}-${++count}`;
}

/**
 * Put an element at a place within its parent; sizes of 0 stay as they are.
 *
 * @param {HTMLElement} node @param {number} x @param {number} y @param {number} width @param {number} height
 */
export function place(node, x, y, width, height) {
  node.style.setProperty("left", `${x}px`);
  node.style.setProperty("top", `${y}px`);
  if (width > 0) node.style.setProperty("width", `${width}px`);
  if (height > 0) node.style.setProperty("height", `${height}px`);
}
