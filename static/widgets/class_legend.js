/** The classes of pictures with their colours, a number of each where there is one, and other marks in the pictures. */

import { element, setAttribute, setText } from "../core/dom.js";

/**
 * @typedef {object} LegendMark
 * @property {string} name
 * @property {"filled" | "outlined" | "plain" | "dashed" | "cross"} look
 * @property {string} [color] of what is filled or outlined
 * @property {string} [title] what it means
 * @property {string} [number] beside the name
 */

export class ClassLegend {
  #list = element("ul", { class: "class-legend" });
  #words = element("span");
  #caption = element("p", { class: "note class-legend-caption", hidden: true }, this.#words);
  element = element("div", {}, this.#caption, this.#list);

  /** @param {{ label: string, term?: string }} words what it is of, and the term that explains the numbers */
  constructor({ label, term }) {
    setAttribute(this.#list, "aria-label", label);
    if (term) setAttribute(this.#caption, "data-term", term);
  }

  /** @param {LegendMark[]} marks @param {string} [caption] what the numbers are */
  paint(marks, caption = "") {
    this.#caption.hidden = caption === "";
    setText(this.#words, caption);
    while (this.#list.childElementCount < marks.length) this.#list.append(entry());
    for (const item of [...this.#list.children].slice(marks.length)) item.remove();
    marks.forEach((mark, at) => paintEntry(this.#list.children[at], mark));
  }
}

function entry() {
  const [swatch, name, number] = [element("i", { "aria-hidden": true }), element("span"), element("span")];
  number.className = "number";
  return element("li", {}, swatch, name, number);
}

/** @param {Element | undefined} item @param {LegendMark} mark */
function paintEntry(item, { name, look, color = "transparent", title = "", number = "" }) {
  const [swatch, words, value] = [...(item?.children ?? [])];
  if (!(swatch instanceof HTMLElement) || !words || !value) return;
  setAttribute(swatch, "data-look", look);
  swatch.style.setProperty("--series", color);
  setText(swatch, look === "cross" ? "✗" : "");
  setAttribute(words, "title", title);
  setText(words, name);
  setText(value, number);
}
