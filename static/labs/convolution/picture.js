/**
 * A picture of numbers, pixel by pixel, with windows drawn on it and a place that a hand or a key chooses.
 */

/** @import { Theme } from "../../draw/colors.js" */

import { divergingTable, magnitudeTable, pixel } from "../../draw/colors.js";
import { fitCanvas } from "../../draw/plot.js";
import { element, onNextFrame } from "../../core/dom.js";
import { color } from "../../draw/theme_colors.js";
import { extremes } from "./numbers.js";

/** @typedef {"grey" | "diverging" | "magnitude"} Scale */

/**
 * @typedef {{ row: number, column: number, size: number, step?: number }} Box in pixels; size counted with
 * dilation, step the dilation
 */

/**
 * @typedef {object} Shown
 * @property {ArrayLike<number>} values row by row
 * @property {number} side
 * @property {Scale} [scale] grey from black at 0 to white, unless there are negatives
 * @property {number} [top] what is drawn strongest, if it is not the greatest of the values
 * @property {number} [padding] rows of zeros around it
 * @property {Box | null} [box]
 * @property {number | null} [until] places from here on are not there yet
 * @property {ArrayLike<number> | null} [mask] 0: not to be looked at
 */

const GREYS = Uint32Array.from({ length: 256 }, (_, level) => pixel([level, level, level]));

/**
 * The scale that suits numbers: grey for what lies between 0 and more, orange to blue with negatives.
 *
 * @param {ArrayLike<number>} values @returns {Scale}
 */
export function scaleOf(values) {
  return extremes(values).low < -1e-6 ? "diverging" : "grey";
}

export class Picture {
  canvas;
  /** @type {Shown | null} */
  shown = null;
  #theme = /** @type {Theme} */ ("light");
  #buffer = document.createElement("canvas");
  #choose;

  /**
   * @param {string} label
   * @param {(row: number, column: number, how: "hover" | "press" | "drag" | "key", event: PointerEvent |
   * KeyboardEvent) => void} [choose]
   */
  constructor(label, choose) {
    this.#choose = choose;
    this.canvas = element(
      "canvas",
      choose
        ? { class: "lab-picture", tabindex: 0, role: "application", "aria-label": label }
        : { class: "lab-picture", role: "img", "aria-label": label },
    );
    new ResizeObserver(onNextFrame(() => this.#draw())).observe(this.canvas);
    if (!choose) return;
    const tell = (/** @type {"hover" | "press" | "drag"} */ how) => (/** @type {PointerEvent} */ event) => {
      const place = this.#placeOf(event);
      if (place)
        choose(place.row, place.column, how === "hover" && event.buttons === 1 ? "drag" : how, event);
    };
    this.canvas.addEventListener("pointermove", tell("hover"));
    this.canvas.addEventListener("pointerdown", tell("press"));
  }

  /** Let arrow keys move a place. @param {() => { row: number, column: number }} from */
  keys(from) {
    const moves = /** @type {Record<string, [number, number]>} */ ({
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
    });
    this.canvas.addEventListener("keydown", (event) => {
      const move = moves[event.key];
      if (!move || !this.shown) return;
      event.preventDefault();
      const { row, column } = from();
      const bounded = (/** @type {number} */ place) =>
        Math.min((this.shown?.side ?? 1) - 1, Math.max(0, place));
      this.#choose?.(bounded(row + move[0]), bounded(column + move[1]), "key", event);
    });
  }

  /** @param {Shown} shown @param {Theme} theme */
  show(shown, theme) {
    this.shown = shown;
    this.#theme = theme;
    this.#draw();
  }

  /** What is said of the picture where it cannot be seen. @param {string} label */
  name(label) {
    this.canvas.setAttribute("aria-label", label);
  }

  /** @param {PointerEvent} event */
  #placeOf(event) {
    if (!this.shown) return null;
    const { side, padding = 0 } = this.shown;
    const box = this.canvas.getBoundingClientRect();
    const cell = box.width / (side + 2 * padding);
    const place = (/** @type {number} */ offset) =>
      Math.min(side - 1, Math.max(0, Math.floor(offset / cell) - padding));
    return { row: place(event.clientY - box.top), column: place(event.clientX - box.left) };
  }

  #draw() {
    const context = this.canvas.getContext("2d");
    if (!context || !this.shown) return;
    const { width } = fitCanvas(this.canvas, context);
    const { side, padding = 0, box, until = null, mask } = this.shown;
    const cell = width / (side + 2 * padding);
    context.clearRect(0, 0, width, width);
    if (padding > 0) hatch(context, width, padding * cell, side * cell);
    this.#paint();
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#buffer, padding * cell, padding * cell, side * cell, side * cell);
    if (until !== null) veil(context, side, cell, (index) => index > until);
    if (mask) veil(context, side, cell, (index) => !mask[index]);
    if (padding > 0) {
      context.strokeStyle = color("line-strong");
      context.lineWidth = 1;
      context.strokeRect(padding * cell + 0.5, padding * cell + 0.5, side * cell - 1, side * cell - 1);
    }
    if (box) outline(context, box, cell, padding);
  }

  /** The numbers as pixels, one each. */
  #paint() {
    const {
      values,
      side,
      scale = scaleOf(/** @type {Shown} */ (this.shown).values),
      top,
    } = /** @type {Shown} */ (this.shown);
    const context = this.#buffer.getContext("2d");
    if (!context) return;
    if (this.#buffer.width !== side) this.#buffer.width = this.#buffer.height = side;
    const { low, high } = extremes(values);
    const size = top ?? Math.max(Math.abs(low), Math.abs(high), 1e-12);
    const table =
      scale === "diverging" ? divergingTable(this.#theme) : scale === "magnitude" ? magnitudeTable() : GREYS;
    const image = context.createImageData(side, side);
    const pixels = new Uint32Array(image.data.buffer);
    for (let index = 0; index < pixels.length; index++) {
      const share = (values[index] ?? 0) / size;
      const level = scale === "diverging" ? 127.5 * (share + 1) : 255 * share;
      pixels[index] = table[Math.min(255, Math.max(0, Math.round(level)))] ?? 0;
    }
    context.putImageData(image, 0, 0);
  }
}

/**
 * The zeros around a picture.
 *
 * @param {CanvasRenderingContext2D} context @param {number} width @param {number} border @param {number} inner
 */
function hatch(context, width, border, inner) {
  context.save();
  context.beginPath();
  context.rect(0, 0, width, width);
  context.rect(border, border, inner, inner);
  context.clip("evenodd");
  context.fillStyle = color("tile");
  context.fillRect(0, 0, width, width);
  context.strokeStyle = color("line-strong");
  context.lineWidth = 1;
  context.beginPath();
  for (let offset = -width; offset < width; offset += 6) {
    context.moveTo(offset, width);
    context.lineTo(offset + width, 0);
  }
  context.stroke();
  context.restore();
}

/**
 * Pale, where nothing is yet, or nothing to be looked at.
 *
 * @param {CanvasRenderingContext2D} context @param {number} side @param {number} cell
 * @param {(index: number) => boolean} covered
 */
function veil(context, side, cell, covered) {
  context.save();
  context.globalAlpha = 0.82;
  context.fillStyle = color("paper");
  for (let row = 0; row < side; row++) {
    let start = -1;
    for (let column = 0; column <= side; column++) {
      const hidden = column < side && covered(row * side + column);
      if (hidden && start < 0) start = column;
      if (!hidden && start >= 0) {
        context.fillRect(start * cell, row * cell, (column - start) * cell, cell + 0.5);
        start = -1;
      }
    }
  }
  context.restore();
}

/** @param {CanvasRenderingContext2D} context @param {Box} box @param {number} cell @param {number} padding */
function outline(context, { row, column, size, step = 1 }, cell, padding) {
  const [x, y] = [(column + padding) * cell, (row + padding) * cell];
  context.save();
  context.strokeStyle = color("accent");
  if (step > 1) {
    context.globalAlpha = 0.42;
    context.fillStyle = color("accent");
    for (let down = 0; down < size; down += step) {
      for (let right = 0; right < size; right += step)
        context.fillRect(x + right * cell, y + down * cell, cell, cell);
    }
    context.globalAlpha = 1;
  }
  context.lineWidth = 4;
  context.strokeStyle = color("paper");
  context.strokeRect(x - 0.5, y - 0.5, size * cell + 1, size * cell + 1);
  context.lineWidth = 2;
  context.strokeStyle = color("accent");
  context.strokeRect(x - 0.5, y - 0.5, size * cell + 1, size * cell + 1);
  context.restore();
}
