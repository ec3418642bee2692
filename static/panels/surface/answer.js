/** The answer over the plane as a picture that fills its canvas. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Theme } from "../../draw/colors.js" */

import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { fitCanvas } from "../../draw/plot.js";
import { answerPixels } from "../../draw/surface.js";

const TEXTS = texts(import.meta.url, {
  answerMap: "What the network answers at each place of the plane",
});

export class AnswerPicture {
  /** The answer at its own size, before it is stretched. */
  #unscaled = document.createElement("canvas");
  element = element("canvas", {
    class: "surface",
    role: "img",
    "aria-label": TEXTS.answerMap,
  });

  /**
   * @param {Frame} frame of the probe `answer` @param {{ classes: number, theme: Theme, discrete: boolean }} look
   */
  paint(frame, { classes, theme, discrete }) {
    const answer = answerPixels(frame, classes, theme, discrete);
    if (answer) this.show(answer, discrete);
  }

  /** @param {NonNullable<ReturnType<typeof answerPixels>>} picture @param {boolean} discrete */
  show(picture, discrete) {
    const context = this.element.getContext("2d");
    if (!context) return;
    this.#put(picture);
    const { width, height } = fitCanvas(this.element, context);
    context.imageSmoothingEnabled = !discrete;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.#unscaled, 0, 0, width, height);
  }

  /** @param {NonNullable<ReturnType<typeof answerPixels>>} answer */
  #put({ pixels, width, height }) {
    const canvas = this.#unscaled;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const bytes = new Uint8ClampedArray(/** @type {ArrayBuffer} */ (pixels.buffer));
    canvas.getContext("2d")?.putImageData(new ImageData(bytes, width, height), 0, 0);
  }
}
