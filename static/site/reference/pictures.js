/** Pictures side by side, in their own colours; small ones with their numbers. */

/** @import { FigurePicture, PicturesPart } from "../../types.d.ts" */
/** @import { Theme } from "../../draw/colors.js" */

import { element, picture, setAttribute, setText } from "../../core/dom.js";
import { shortNumber } from "../../core/format.js";
import { fromBase64 } from "../../core/share_link.js";
import { currentTheme } from "../../core/theme.js";
import { divergingTable, greyTable, magnitudeTable } from "../../draw/colors.js";
import { putPixels } from "../../draw/signals.js";

export class PicturesView {
  #list = element("ul", { class: "figure-pictures" });
  /** @type {Tile[]} */
  #tiles = [];

  /** @param {string} title */
  constructor(title) {
    this.element = element(
      "section",
      { class: "figure-part figure-wide" },
      element("h3", {}, title),
      this.#list,
    );
  }

  /** @param {PicturesPart} part */
  show({ pictures, scale }) {
    if (pictures.length !== this.#tiles.length) {
      this.#tiles = pictures.map(() => new Tile());
      this.#list.replaceChildren(...this.#tiles.map((tile) => tile.element));
    }
    pictures.forEach((each, index) => this.#tiles[index]?.show(each, scale));
  }
}

class Tile {
  #canvas = picture("figure-picture");
  #numbers = element("span", { class: "figure-cells", "aria-hidden": "true" });
  #caption = element("span", { class: "figure-caption" });
  element = element(
    "li",
    {},
    element("span", { class: "figure-frame" }, this.#canvas, this.#numbers),
    this.#caption,
  );

  /** @param {FigurePicture} shown @param {PicturesPart["scale"]} scale */
  show(shown, scale) {
    const { width, height, caption, numbers } = shown;
    putPixels(this.#canvas, pixelsOf(shown, tableOf(scale, currentTheme())), width, height);
    setText(this.#caption, caption);
    setAttribute(this.#canvas, "aria-label", wordsOf(shown));
    this.element.classList.toggle("figure-numbered", numbers !== null);
    this.element.style.setProperty("--columns", String(width));
    this.element.style.setProperty("--rows", String(height));
    this.#numbers.replaceChildren(
      ...(numbers ?? []).map((value) => element("span", {}, value === null ? "–" : shortNumber(value, 2))),
    );
  }
}

/** @param {PicturesPart["scale"]} scale @param {Theme} theme */
function tableOf(scale, theme) {
  if (scale === "unit") return greyTable();
  return scale === "signed" ? divergingTable(theme) : magnitudeTable();
}

/** @param {FigurePicture} shown @param {Uint32Array} table of grey pictures */
function pixelsOf({ pixels, channels }, table) {
  const levels = fromBase64(pixels);
  if (channels === 1) return Uint32Array.from(levels, (level) => table[level] ?? 0);
  return Uint32Array.from({ length: levels.length / 3 }, (_, at) => {
    const [red = 0, green = 0, blue = 0] = levels.subarray(3 * at, 3 * at + 3);
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}

/** @param {FigurePicture} shown */
function wordsOf({ caption, width, height, numbers }) {
  const size = `${caption}: ${width} × ${height}`;
  return numbers ? `${size}: ${numbers.map((value) => shortNumber(value ?? NaN, 2)).join(", ")}` : size;
}
