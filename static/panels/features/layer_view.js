/** All maps of a layer, each as the paper prints it; one that is chosen opens as a map. */

/** @import { Wall } from "../../draw/signals.js" */
/** @import { Look } from "./card.js" */

import { element, setAttribute, setText } from "../../core/dom.js";
import { drawMosaic } from "../../draw/signals.js";
import { layerTiles } from "./model.js";

/** @typedef {{ button: HTMLButtonElement, canvas: HTMLCanvasElement, label: HTMLElement }} Tile */

export class LayerView {
  picture = element("div", { class: "mosaics" });
  element = this.picture;
  /** @type {Tile[]} */
  #tiles = [];
  #open;

  /** @param {(unit: number) => void} open */
  constructor(open) {
    this.#open = open;
  }

  /** @param {Wall} wall @param {Look} look */
  paint(wall, { theme, colours }) {
    const records = layerTiles(wall);
    if (this.#tiles.length !== records.length) this.#build(records.length);
    records.forEach(({ text, label, dead }, row) => {
      const tile = this.#tiles[row];
      if (!tile) return;
      drawMosaic(tile.canvas, wall, row, theme, colours);
      setText(tile.label, text);
      setAttribute(tile.button, "aria-label", label);
      tile.button.classList.toggle("dead", dead);
    });
  }

  /** @param {number} count */
  #build(count) {
    this.#tiles = Array.from({ length: count }, (_, index) => {
      const canvas = element("canvas", { class: "pixels", "aria-hidden": true });
      const label = element("span", { "data-label": "" });
      const onclick = () => this.#open(index);
      return {
        canvas,
        label,
        button: element("button", { type: "button", class: "mosaic", onclick }, canvas, label),
      };
    });
    this.picture.replaceChildren(...this.#tiles.map(({ button }) => button));
  }
}
