/** A map in its pixels, with the padding that it is given around it, and the window that is read. */

/** @import { Grid } from "../../network/window_arithmetic.js" */
/** @import { Theme } from "../../draw/colors.js" */
/** @import { Extent, View } from "./framing.js" */
/** @import { Place } from "./place.js" */

import { at } from "../../network/window_arithmetic.js";
import { element } from "../../core/dom.js";
import { greyTable } from "../../draw/colors.js";
import { isSigned, mapTable } from "../../draw/maps.js";
import { fitCanvas } from "../../draw/plot.js";
import { extremes } from "../../draw/signals.js";
import { color } from "../../draw/theme_colors.js";
import { boxOf, extentOf, overhangOf, pixelUnder, viewOf } from "./framing.js";

/** Lines: the padding's dashes, the paper below the window's frame, the frame, the box within a cell. */
const [DASHES, PAPER_WIDTH, FRAME_WIDTH, INSET] = [[3, 3], 4, 2, 2.5];

/** Half the side of the mark on a pixel that a dilated window reads. */
const MARK = 2;

export class MapPicture {
  /** @type {View} */
  #view = { left: 0, top: 0, cell: 1 };
  /** @type {Grid | null} */
  #map = null;
  /**
   * Padding that there is room for on every side, though the window reaches over one only: nothing jumps as it
   * slides.
   */
  #around = 0;
  #choose;

  /** @param {string} label @param {(place: Place) => void} choose a pixel that is pointed at */
  constructor(label, choose) {
    this.#choose = choose;
    this.canvas = element("canvas", { class: "arithmetic-map", role: "img", "aria-label": label });
    this.canvas.addEventListener("pointermove", (event) => this.#point(event));
    this.canvas.addEventListener("pointerdown", (event) => this.#point(event));
  }

  /** @param {PointerEvent} event */
  #point({ type, pointerType, offsetX, offsetY }) {
    if (!this.#map || (type === "pointermove" && pointerType !== "mouse")) return;
    const pixel = pixelUnder(this.#map, this.#view, offsetX, offsetY);
    if (pixel) this.#choose(pixel);
  }

  /**
   * @param {{ map: Grid | null, window: Place[], largest?: Place | null, picture?: boolean }} shown `largest`: what of
   *   the window a max pooling takes; `picture`: seen in greys
   * @param {Theme} theme
   */
  paint({ map, window, largest = null, picture = false }, theme) {
    this.#map = map;
    const context = this.canvas.getContext("2d");
    if (!map || !context) return;
    const size = fitCanvas(this.canvas, context);
    const extent = extentOf(window);
    this.#around = Math.max(overhangOf(map, extent), this.#view.cell > 1 ? this.#around : 0);
    const view = (this.#view = viewOf(map, size, this.#around));
    context.clearRect(0, 0, size.width, size.height);
    this.#paintPadding(context, map);
    paintPixels(context, map, view, picture ? null : theme);
    context.strokeStyle = color("tile-line");
    context.lineWidth = 1;
    context.strokeRect(...boxOf(view, wholeOf(map)));
    if (!extent) return;
    paintWindow(context, window, extent, view);
    if (largest) paintLargest(context, largest, view);
  }

  /** @param {CanvasRenderingContext2D} context @param {Grid} map */
  #paintPadding(context, map) {
    if (this.#around === 0) return;
    context.strokeStyle = color("line-strong");
    context.setLineDash(DASHES);
    context.strokeRect(...boxOf(this.#view, wholeOf(map, this.#around)));
    context.setLineDash([]);
  }
}

/** @param {Grid} map @param {number} [around] @returns {Extent} */
function wholeOf({ height, width }, around = 0) {
  return { top: -around, left: -around, bottom: height + around, right: width + around };
}

/**
 * The window's frame; where it has holes, as with dilation, what is read is marked.
 *
 * @param {CanvasRenderingContext2D} context @param {Place[]} window @param {Extent} extent @param {View} view
 */
function paintWindow(context, window, extent, view) {
  const box = boxOf(view, extent);
  context.strokeStyle = color("paper");
  context.lineWidth = PAPER_WIDTH;
  context.strokeRect(...box);
  context.strokeStyle = color("accent");
  context.lineWidth = FRAME_WIDTH;
  context.strokeRect(...box);
  if (window.length === (extent.right - extent.left) * (extent.bottom - extent.top)) return;
  context.fillStyle = color("accent");
  for (const { y, x } of window) {
    const [left, top] = [view.left + (x + 0.5) * view.cell, view.top + (y + 0.5) * view.cell];
    context.fillRect(left - MARK, top - MARK, 2 * MARK, 2 * MARK);
  }
}

/** @param {CanvasRenderingContext2D} context @param {Place} largest @param {View} view */
function paintLargest(context, { y, x }, { left, top, cell }) {
  const side = cell - 2 * INSET;
  context.strokeRect(left + x * cell + INSET, top + y * cell + INSET, side, side);
}

/**
 * @param {CanvasRenderingContext2D} context @param {Grid} map @param {View} view @param {Theme | null} theme null: in
 * greys
 */
function paintPixels(context, map, { left, top, cell }, theme) {
  const colors = cssColors(map, theme);
  for (let y = 0; y < map.height; y++) {
    for (let x = 0; x < map.width; x++) {
      // Whole pixels: edges between would shine through.
      const [from, to] = [Math.round(left + x * cell), Math.round(left + (x + 1) * cell)];
      const [above, below] = [Math.round(top + y * cell), Math.round(top + (y + 1) * cell)];
      context.fillStyle = colors(at(map, y, x));
      context.fillRect(from, above, to - from, below - above);
    }
  }
}

/** The colour of each value of a map, as CSS has it. @param {Grid} map @param {Theme | null} theme null: greys */
function cssColors({ data }, theme) {
  const [low, high] = extremes(data);
  const range = { low, high };
  const table = theme === null ? greyTable() : mapTable(range, range, isSigned(range), theme);
  return (/** @type {number} */ value) => {
    const share = high > low ? (value - low) / (high - low) : 0;
    const pixel = table[Math.round(255 * share)] ?? 0;
    return `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
  };
}
