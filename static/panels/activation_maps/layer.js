/** One node's maps: its name and shape, the scale of the colours, and the maps below. */

/** @import { Look } from "./map_grid.js" */
/** @import { LayerMaps } from "./model.js" */

import { element, setText } from "../../core/dom.js";
import { nodeName } from "../../core/format.js";
import { MapGrid } from "./map_grid.js";

export class Layer {
  #caption = element("b", {});
  #shape = element("span", { class: "note" });
  #count = element("span", { class: "note" });
  #ramp = element("span", { class: "map-ramp" });
  #low = element("span", {});
  #high = element("span", {});
  #scale;
  #grid;
  /** The order in which maps are shown; null before the first painting. @type {number[] | null} */
  shown = null;

  /** @param {(text: string) => void} say what is pointed at @param {(index: number) => void} open a map */
  constructor(say, open) {
    this.#grid = new MapGrid(say, open);
    const scale = (this.#scale = element("div", { class: "map-scale" }, this.#low, this.#ramp, this.#high));
    const head = element("div", { class: "map-head" }, this.#caption, this.#shape, scale, this.#count);
    this.element = element("section", { class: "map-layer" }, head, this.#grid.canvas);
  }

  /** @param {LayerMaps} maps @param {Look} look */
  paint(maps, look) {
    this.shown = maps.shown;
    setText(this.#caption, nodeName(maps.name));
    this.#caption.title = maps.title;
    setText(this.#shape, maps.shape);
    setText(this.#count, maps.count);
    this.#scale.hidden = maps.line; // a line says its values by its height
    setText(this.#low, maps.scale.low);
    setText(this.#high, maps.scale.high);
    this.#ramp.classList.toggle("signed", maps.scale.signed && !maps.picture);
    this.#ramp.classList.toggle("grey", maps.picture);
    this.#ramp.title = maps.scale.title;
    this.#grid.paint(maps, look);
  }
}
