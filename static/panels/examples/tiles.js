/** Samples that are pictures, as tiles; a tile chooses its sample for all panels. */

/** @import { Plane } from "../../draw/signals.js" */
/** @import { Sample } from "./model.js" */

import { element, setAttribute, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { greyTable } from "../../draw/colors.js";
import { Strip } from "../../draw/heatmap.js";
import { colorPicture } from "../../draw/maps.js";
import { fitCanvas } from "../../draw/plot.js";

const TEXTS = texts(import.meta.url, {
  chooseIt: "{label}. Choose it",
});

/** Pixels a side beyond which a picture looks better smoothed than as squares. */
const SMOOTH_FROM = 40;

/** @typedef {{ button: HTMLButtonElement, canvas: HTMLCanvasElement, caption: HTMLElement }} Tile */

export class SampleTiles {
  element = element("div", { class: "examples" });
  #strip = new Strip();
  /** @type {Tile[]} */
  #tiles = [];
  /** @type {(sample: Sample) => void} */
  #choose;

  /** @param {(sample: Sample) => void} choose */
  constructor(choose) {
    this.#choose = choose;
  }

  /** @param {Sample[]} samples pictures of one size */
  paint(samples) {
    while (this.#tiles.length < samples.length) this.#add();
    for (const { button } of this.#tiles.splice(samples.length)) button.remove();
    this.#colour(samples.map(({ picture }) => picture));
    samples.forEach((sample, at) => this.#paintTile(sample, at));
  }

  #add() {
    const canvas = element("canvas", { "aria-hidden": true });
    const caption = element("span", {});
    const button = element("button", { type: "button", class: "example" }, canvas, caption);
    this.element.append(button);
    this.#tiles.push({ button, canvas, caption });
  }

  /** @param {Plane[]} pictures */
  #colour(pictures) {
    const [first] = pictures;
    if (!first) return;
    this.#strip.resize(pictures.length, first.width, first.height);
    pictures.forEach(({ levels, channels, width, height }, at) => {
      if (channels === 3) this.#strip.paint(at, colorPicture(levels, width * height));
      else this.#strip.color(at, levels.subarray(0, width * height), greyTable());
    });
    this.#strip.put();
  }

  /** @param {Sample} sample @param {number} at */
  #paintTile(sample, at) {
    const tile = this.#tiles[at];
    const context = tile?.canvas.getContext("2d");
    if (!tile || !context) return;
    tile.button.onclick = () => this.#choose(sample);
    tile.button.classList.toggle("wrong", sample.wrong);
    setAttribute(tile.button, "aria-label", sample.label);
    setAttribute(tile.button, "title", TEXTS.chooseIt({ label: sample.label }));
    setText(tile.caption, sample.caption);
    const { width, height } = fitCanvas(tile.canvas, context);
    context.imageSmoothingEnabled = sample.picture.width > SMOOTH_FROM;
    this.#strip.draw(context, at, 0, 0, width, height);
  }
}
