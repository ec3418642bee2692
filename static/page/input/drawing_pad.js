/** A canvas that strokes are drawn on, light on black. */

import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  drawingPadDraw: "Drawing pad: draw with the mouse, a finger or a pen",
});

/** Pixels along one side of the pad. */
const SIDE = 224;

/**
 * @typedef {object} PadHooks
 * @property {() => { color: string, width: number }} pen
 * @property {() => void} drawn a piece of a stroke was drawn
 * @property {() => void} lifted a stroke is done
 */

export class DrawingPad {
  canvas = element("canvas", {
    class: "pad",
    width: SIDE,
    height: SIDE,
    tabindex: 0,
    role: "img",
    "aria-label": TEXTS.drawingPadDraw,
  });
  context = /** @type {CanvasRenderingContext2D} */ (
    this.canvas.getContext("2d", { willReadFrequently: true })
  );
  #hooks;
  /** Where the pen was; null where it is lifted. @type {{ x: number, y: number } | null} */
  #last = null;

  /** @param {PadHooks} hooks */
  constructor(hooks) {
    this.#hooks = hooks;
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      this.#stroke(event);
    });
    this.canvas.addEventListener("pointermove", (event) => this.#last && this.#stroke(event));
    this.canvas.addEventListener("pointerup", () => this.#lift());
    this.canvas.addEventListener("pointercancel", () => this.#lift());
    this.clear();
  }

  clear() {
    this.context.fillStyle = "#000";
    this.context.fillRect(0, 0, SIDE, SIDE);
  }

  /** @param {PointerEvent} event */
  #stroke({ offsetX, offsetY }) {
    const { canvas, context } = this;
    const at = { x: (offsetX * SIDE) / canvas.clientWidth, y: (offsetY * SIDE) / canvas.clientHeight };
    const from = this.#last ?? at;
    const { color, width } = this.#hooks.pen();
    context.strokeStyle = color;
    context.lineWidth = width;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(at.x, at.y);
    context.stroke();
    this.#last = at;
    this.#hooks.drawn();
  }

  #lift() {
    if (this.#last) this.#hooks.lifted();
    this.#last = null;
  }
}
