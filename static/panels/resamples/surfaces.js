/** The surfaces of all networks, small, beside their mean and their standard deviation. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Theme } from "../../draw/colors.js" */

import { element, picture, setAttribute, setText } from "../../core/dom.js";
import { shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { divergingTable, magnitudeTable } from "../../draw/colors.js";
import { centredTable } from "../../draw/heatmap.js";
import { putPixels } from "../../draw/signals.js";
import { pictureAt, picturesOf, rangeAt } from "../../draw/surface.js";

const TEXTS = texts(import.meta.url, {
  mean: "Their mean",
  spread: "Their standard deviation",
  upTo: "up to {number}",
  network: "The output of network {number}",
});

export class Surfaces {
  #mean = labelled(TEXTS.mean);
  #spread = labelled(TEXTS.spread);
  #each = element("div", { class: "resample-surfaces" });
  element = element(
    "div",
    { class: "resample-pictures", hidden: true },
    this.#mean.element,
    this.#spread.element,
    this.#each,
  );

  /** @param {Frame} frame @param {number} count @param {Theme} theme */
  paint(frame, count, theme) {
    this.element.hidden = count === 0;
    const signed = (/** @type {number} */ low, /** @type {number} */ high) =>
      centredTable(divergingTable(theme), low, high, 1);
    draw(this.#mean.canvas, frame, "mean", 0, signed);
    const high = draw(this.#spread.canvas, frame, "spread", 0, () => magnitudeTable());
    setText(this.#spread.note, TEXTS.upTo({ number: shortNumber(high) }));
    while (this.#each.childElementCount > count) this.#each.lastElementChild?.remove();
    while (this.#each.childElementCount < count) this.#each.append(picture("pixels"));
    [...this.#each.children].forEach((canvas, index) => {
      draw(/** @type {HTMLCanvasElement} */ (canvas), frame, "surface", index, signed);
      setAttribute(canvas, "aria-label", TEXTS.network({ number: index + 1 }));
    });
  }
}

/** A picture below its name. @param {string} name */
function labelled(name) {
  const canvas = picture("pixels", { "aria-label": name });
  const note = element("span", { class: "note" });
  const caption = element("figcaption", {}, element("span", {}, name), note);
  return { canvas, note, element: element("figure", {}, caption, canvas) };
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
