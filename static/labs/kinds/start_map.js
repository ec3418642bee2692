/** The loss over slope and intercept, on a canvas where the start can be dragged. */

/** @import { Relief } from "../../draw/relief.js" */
/** @import { Theme } from "../../draw/colors.js" */
/** @import { Pair } from "./points.js" */

import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { drawRelief, placesOn } from "../../draw/relief.js";
import { rounded } from "./points.js";

const TEXTS = texts(import.meta.url, {
  lossOverSlope: "The loss over slope and intercept; arrow keys move the start",
});

/** @type {Record<string, Pair>} */
const STEPS = { ArrowLeft: [-0.2, 0], ArrowRight: [0.2, 0], ArrowUp: [0, 0.2], ArrowDown: [0, -0.2] };

export class StartMap {
  canvas = element("canvas", {
    class: "kinds-map",
    tabindex: 0,
    role: "application",
    "aria-label": TEXTS.lossOverSlope,
  });
  /** @type {Relief | null} */
  #relief = null;
  #moved;

  /**
   * @param {() => Pair} start where it is @param {(start: Pair, dragging: boolean) => void} moved
   */
  constructor(start, moved) {
    this.#moved = moved;
    const { canvas } = this;
    let dragging = false;
    canvas.addEventListener("pointerdown", (event) => {
      dragging = true;
      canvas.setPointerCapture(event.pointerId);
      this.#drag(event, true);
    });
    canvas.addEventListener("pointermove", (event) => dragging && this.#drag(event, true));
    canvas.addEventListener("pointerup", (event) => {
      if (dragging) this.#drag(event, false);
      dragging = false;
    });
    canvas.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      const [slope, intercept] = start();
      moved(rounded(slope + step[0], intercept + step[1], 3), false);
    });
  }

  /** @param {PointerEvent} event @param {boolean} dragging */
  #drag({ offsetX, offsetY }, dragging) {
    if (!this.#relief) return;
    const { fromX, fromY } = placesOn(this.canvas.clientWidth, this.canvas.clientHeight, this.#relief);
    this.#moved(rounded(fromX(offsetX), fromY(offsetY), 3), dragging);
  }

  /** @param {Relief} relief @param {Theme} theme */
  paint(relief, theme) {
    this.#relief = relief;
    drawRelief(this.canvas, relief, theme);
  }
}
