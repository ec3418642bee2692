/** The surfaces of several networks, small, below what is computed of them: a mean, a standard deviation. */

/** @import { Frame } from "../types.d.ts" */
/** @import { Theme } from "../draw/colors.js" */

import { element, picture, setAttribute, setText } from "../core/dom.js";
import { shortNumber } from "../core/format.js";
import { texts } from "../core/texts.js";
import { divergingTable, magnitudeTable } from "../draw/colors.js";
import { centredTable } from "../draw/heatmap.js";
import { putPixels } from "../draw/signals.js";
import { pictureAt, picturesOf, rangeAt } from "../draw/surface.js";

const TEXTS = texts(import.meta.url, {
  upTo: "up to {number}",
});

/**
 * A large picture: its array, its title, and whether it is a size, which is never below zero.
 *
 * @typedef {{ name: string, title: string, size?: boolean }} Large
 */

export class SurfaceEnsemble {
  #large;
  #nameOf;
  #each = element("div", { class: "ensemble-surfaces" });
  element;

  /** @param {Large[]} large @param {(number: number) => string} nameOf what the picture of a network is called */
  constructor(large, nameOf) {
    this.#nameOf = nameOf;
    this.#large = large.map((each) => ({ ...each, ...labelled(each.title) }));
    const figures = this.#large.map(({ figure }) => figure);
    this.element = element("div", { class: "ensemble-pictures", hidden: true }, ...figures, this.#each);
  }

  /** @param {Frame} frame @param {Theme} theme */
  paint(frame, theme) {
    const count = frame.arrays.get("surface")?.shape[0] ?? 0;
    this.element.hidden = count === 0;
    const signed = (/** @type {number} */ low, /** @type {number} */ high) =>
      centredTable(divergingTable(theme), low, high, 1);
    for (const { canvas, note, name, size } of this.#large) {
      const high = draw(canvas, frame, name, 0, size ? () => magnitudeTable() : signed);
      if (size) setText(note, TEXTS.upTo({ number: shortNumber(high) }));
    }
    while (this.#each.childElementCount > count) this.#each.lastElementChild?.remove();
    while (this.#each.childElementCount < count) this.#each.append(picture("pixels"));
    [...this.#each.children].forEach((canvas, index) => {
      draw(/** @type {HTMLCanvasElement} */ (canvas), frame, "surface", index, signed);
      setAttribute(canvas, "aria-label", this.#nameOf(index + 1));
    });
  }
}

/** A picture below its title. @param {string} title */
function labelled(title) {
  const canvas = picture("pixels", { "aria-label": title });
  const note = element("span", { class: "note" });
  const caption = element("figcaption", {}, element("span", {}, title), note);
  return { canvas, note, figure: element("figure", {}, caption, canvas) };
}

/**
 * Draw a surface; returns its greatest value.
 *
 * @param {HTMLCanvasElement} canvas @param {Frame} frame @param {string} name @param {number} index
 * @param {(low: number, high: number) => ArrayLike<number>} colors
 */
function draw(canvas, frame, name, index, colors) {
  const pictures = picturesOf(frame, name);
  if (!pictures) return NaN;
  const [low, high] = rangeAt(pictures, index);
  const table = colors(low, high);
  const pixels = Uint32Array.from(pictureAt(pictures, index), (level) => table[level] ?? 0);
  putPixels(canvas, pixels, pictures.width, pictures.height);
  return high;
}
