/** The few helpers with which the page builds its elements. */

/** @typedef {Node | string | null | undefined | false} Child */

/** @typedef {Record<string, string | number | boolean | ((event: any) => void) | null | undefined>} Attributes */

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
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, String(value));
  }
  for (const child of children) if (child) made.append(child);
  return made;
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
  if (!found || (type && !(found instanceof type))) throw new Error(`the page has no ${type?.name ?? "element"} #${id}`);
  return /** @type {E} */ (found);
}

/** Set a text only where it differs: an unchanged one costs no layout. @param {Node} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** @param {Element} node @param {string} name @param {string | null} value */
export function setAttribute(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** Icons of the sprite in the page. @param {string} name @param {string} [className] @returns {SVGSVGElement} */
export function icon(name, className = "icon") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/**
 * A button with an icon and no words; the words are its label and tooltip.
 *
 * @param {string} name of the icon @param {string} label @param {(event: MouseEvent) => void} onclick @param {Attributes} [attributes]
 */
export function iconButton(name, label, onclick, attributes = {}) {
  return element("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...attributes }, icon(name));
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

let count = 0;

/** An id for a label and its field. @param {string} stem */
export function uniqueId(stem) {
  return `${stem}-${++count}`;
}
