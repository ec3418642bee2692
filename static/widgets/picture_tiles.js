/** Pictures as tiles with a caption each; pressing one chooses it. */

import { element, setAttribute, setText } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { Strip } from "../draw/heatmap.js";
import { fitCanvas } from "../draw/plot.js";

const TEXTS = texts(import.meta.url, {
  chooseIt: "{label}. Choose it",
});

/** Pixels a side beyond which a picture looks better smoothed than as squares. */
const SMOOTH_FROM = 40;

/** @typedef {{ button: HTMLButtonElement, canvas: HTMLCanvasElement, caption: HTMLElement }} Tile */

/**
 * @typedef {object} TilePicture
 * @property {Uint32Array} pixels as ImageData has them
 * @property {string} caption below the picture @property {string} label
 * @property {boolean} [wrong] whether its caption is marked as a mistake
 */

/**
 * What is drawn over a picture.
 *
 * @callback DrawOver
 * @param {CanvasRenderingContext2D} context @param {number} at which picture
 * @param {{ across: number, down: number }} scale pixels of the screen to one of the picture
 */

export class PictureTiles {
  #strip = new Strip();
  /** @type {Tile[]} */
  #tiles = [];
  /** @type {(at: number) => void} */
  #choose;

  /** @param {string} name its class; may be empty @param {(at: number) => void} choose called with a place */
  constructor(name, choose) {
    this.#choose = choose;
    this.element = element("div", { class: `examples ${name}`.trim() });
  }

  /**
   * @param {{ width: number, height: number }} size of each picture @param {TilePicture[]} pictures
   * @param {DrawOver} [over]
   */
  paint({ width, height }, pictures, over) {
    while (this.#tiles.length < pictures.length) this.#add(this.#tiles.length);
    for (const { button } of this.#tiles.splice(pictures.length)) button.remove();
    this.#strip.resize(pictures.length, width, height);
    pictures.forEach(({ pixels }, at) => this.#strip.paint(at, pixels));
    this.#strip.put();
    this.#tiles.forEach(({ button, canvas, caption }, at) => {
      const picture = pictures[at];
      if (!picture) return;
      button.classList.toggle("wrong", picture.wrong ?? false);
      setAttribute(button, "aria-label", picture.label);
      setAttribute(button, "title", TEXTS.chooseIt({ label: picture.label }));
      setText(caption, picture.caption);
      this.#draw(canvas, at, over);
    });
  }

  /** @param {number} at */
  #add(at) {
    const canvas = element("canvas", { "aria-hidden": true });
    const caption = element("span", {});
    const onclick = () => this.#choose(at);
    const button = element("button", { type: "button", class: "example", onclick }, canvas, caption);
    this.element.append(button);
    this.#tiles.push({ button, canvas, caption });
  }

  /** @param {HTMLCanvasElement} canvas @param {number} at @param {DrawOver} [over] */
  #draw(canvas, at, over) {
    const context = canvas.getContext("2d");
    if (!context) return;
    const { width, height } = fitCanvas(canvas, context);
    context.imageSmoothingEnabled = this.#strip.width > SMOOTH_FROM;
    this.#strip.draw(context, at, 0, 0, width, height);
    over?.(context, at, { across: width / this.#strip.width, down: height / this.#strip.height });
  }
}
