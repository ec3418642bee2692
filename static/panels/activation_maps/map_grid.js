/** A layer's maps on one canvas: painted, pointed at, walked over with arrow keys. */

/** @import { Range, Scope } from "../../draw/maps.js" */
/** @import { Theme } from "../../draw/colors.js" */
/** @import { Grid } from "./grid.js" */
/** @import { LayerMaps } from "./model.js" */

import { picture, setAttribute } from "../../core/dom.js";
import { Strip } from "../../draw/heatmap.js";
import { inkColors, lineColors, linePixels, SIDE } from "../../draw/lines.js";
import { mapTables, pictureTables, scaleOf } from "../../draw/maps.js";
import { fitCanvas } from "../../draw/plot.js";
import { pictureAt, rangeAt } from "../../draw/surface.js";
import { color, plotFont } from "../../draw/theme_colors.js";
import { cornerOf, gridOf, grownSize, heightOf, placeBeside, placeUnder } from "./grid.js";
import { valueText } from "./model.js";

/**
 * @typedef {object} Look
 * @property {number} size of a map
 * @property {Scope} scope
 * @property {Range} network
 * @property {Theme} theme
 * @property {number} selected index of the map that is selected; −1 for none of this layer
 */

export class MapGrid {
  #strip = new Strip();
  /** @type {LayerMaps | null} */
  #maps = null;
  /** @type {Grid} */
  #grid = { size: 1, count: 0, across: 1 };
  #selected = -1;
  /** The place that the keyboard is on; −1 for none. */
  #focus = -1;
  /** Where the pointer rests on the canvas. @type {{ x: number, y: number } | null} */
  #pointer = null;
  #say;
  #open;
  canvas = picture("map-grid", { tabindex: 0 });

  /**
   * @param {(text: string) => void} say what is pointed at @param {(index: number) => void} open a map
   */
  constructor(say, open) {
    this.#say = say;
    this.#open = open;
    const { canvas } = this;
    canvas.addEventListener("pointermove", ({ offsetX: x, offsetY: y }) => this.#point({ x, y }));
    canvas.addEventListener("pointerleave", () => this.#point(null));
    canvas.addEventListener("click", ({ offsetX: x, offsetY: y }) =>
      this.#openAt(this.#under({ x, y })?.place),
    );
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => this.#turnTo(-1));
  }

  // Painting ------------------------------------------------------------------------------------------

  /** @param {LayerMaps} maps @param {Look} look */
  paint(maps, look) {
    const context = this.canvas.getContext("2d");
    if (!context) return;
    this.#maps = maps;
    this.#selected = look.selected;
    const [count, across] = [maps.shown.length, this.canvas.clientWidth];
    this.#grid = gridOf(grownSize(look.size, count, across), count, across);
    this.canvas.style.setProperty("height", `${heightOf(this.#grid)}px`);
    this.#colour(maps, look);
    const { width, height } = fitCanvas(this.canvas, context);
    context.clearRect(0, 0, width, height);
    context.imageSmoothingEnabled = maps.line;
    context.imageSmoothingQuality = "high";
    maps.shown.forEach((index, place) => this.#paintMap(context, index, place));
    if (maps.shown.length === 0) paintText(context, maps.none);
    setAttribute(this.canvas, "aria-label", maps.label);
    this.#sayPointed();
  }

  /** @param {LayerMaps} maps @param {Look} look */
  #colour(maps, look) {
    const { pictures, picture, line } = maps;
    const { scope, network, theme } = look;
    if (line) return this.#drawLines(maps, look);
    const tables = picture ? pictureTables(pictures) : mapTables(pictures, scope, network, theme).tables;
    this.#strip.resize(pictures.count, pictures.width, pictures.height);
    tables.forEach((table, index) => this.#strip.color(index, pictureAt(pictures, index), table));
    this.#strip.put();
  }

  /** @param {LayerMaps} maps @param {Look} look */
  #drawLines({ pictures, picture }, { scope, network, theme }) {
    this.#strip.resize(pictures.count, SIDE, SIDE);
    const shared = scope === "map" ? null : scaleOf(pictures, scope, network);
    const colors = picture ? inkColors(theme) : lineColors(theme);
    for (let index = 0; index < pictures.count; index++) {
      const [low, high] = rangeAt(pictures, index);
      const own = { low, high };
      this.#strip.paint(index, linePixels(pictureAt(pictures, index), own, shared ?? own, colors));
    }
    this.#strip.put();
  }

  /** @param {CanvasRenderingContext2D} context @param {number} index @param {number} place */
  #paintMap(context, index, place) {
    const { size } = this.#grid;
    const { x, y } = cornerOf(this.#grid, place);
    context.clearRect(x + 0.5, y + 0.5, size, size);
    const chosen = index === this.#selected || place === this.#focus;
    this.#strip.draw(context, index, x + 0.5, y + 0.5, size, size);
    context.strokeStyle = color(chosen ? "accent" : "tile-line");
    context.lineWidth = chosen ? 2.5 : 1;
    context.strokeRect(x + 0.5, y + 0.5, size, size);
  }

  // Pointing ------------------------------------------------------------------------------------------

  /** @param {{ x: number, y: number }} point of the canvas, whose width may have changed since it was painted */
  #under(point) {
    const { size, count } = this.#grid;
    return placeUnder(gridOf(size, count, this.canvas.clientWidth), point);
  }

  /** @param {{ x: number, y: number } | null} pointer */
  #point(pointer) {
    this.#pointer = pointer;
    if (!this.#sayPointed()) this.#say("");
  }

  /** What is pointed at, or the keyboard is on, by the newest frame; whether there is something. */
  #sayPointed() {
    const pointed = this.#pointer && this.#under(this.#pointer);
    const { place, x, y } = pointed ?? { place: this.#focus, x: 0.5, y: 0.5 };
    const index = this.#maps?.shown[place];
    if (this.#maps && index !== undefined) this.#say(valueText(this.#maps, index, x, y));
    return place >= 0;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return this.#openAt(this.#focus);
    }
    const place = placeBeside(this.#grid, this.#focus, event.key);
    if (place === null) return;
    event.preventDefault();
    event.stopPropagation();
    this.#turnTo(place);
    this.#sayPointed();
  }

  /** @param {number} place */
  #turnTo(place) {
    this.#focus = place;
    const context = this.canvas.getContext("2d");
    if (context) this.#maps?.shown.forEach((index, each) => this.#paintMap(context, index, each));
  }

  /** @param {number} [place] */
  #openAt(place = -1) {
    const index = this.#maps?.shown[place];
    if (index !== undefined) this.#open(index);
  }
}

/** @param {CanvasRenderingContext2D} context @param {string} text */
function paintText(context, text) {
  context.fillStyle = color("ink-3");
  context.font = plotFont(12);
  context.fillText(text, 0, 13);
}
