/** The chosen picture, and what in it excites the map. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Look } from "./card.js" */

import { element, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { isSignal, levelLines } from "../../draw/bands.js";
import { picturePixels, projectionPixels, putPlane, signalPixels } from "../../draw/signals.js";
import { projectionOf } from "./model.js";

const TEXTS = texts(import.meta.url, {
  theSample: "The sample",
  theMapSentDown: "The map, sent down",
  projectionComesNextLook: "The projection comes with the next look.",
});

export class PictureView {
  #input = element("canvas", { class: "pixels", role: "img", "aria-label": TEXTS.theSample });
  #projection = element("canvas", { class: "pixels", role: "img", "aria-label": TEXTS.theMapSentDown });
  #text = element("p", { class: "note", role: "status" }, TEXTS.projectionComesNextLook);
  picture = element(
    "div",
    { class: "method-cards pair" },
    card(this.#input, TEXTS.theSample),
    card(this.#projection, TEXTS.theMapSentDown),
  );
  element = element("div", {}, this.#text, this.picture);

  /** @param {Frame} frame @param {Look} look */
  paint({ arrays }, { theme, colours }) {
    const record = projectionOf(arrays);
    if (!record) return;
    setText(this.#text, record.text);
    const { input, projection, range } = record;
    this.picture.classList.toggle("signals", isSignal(input));
    if (isSignal(input)) {
      const lines = levelLines(input, range, theme);
      putPlane(this.#input, input, new Uint32Array(input.width), lines);
      putPlane(this.#projection, projection, signalPixels(projection, theme), lines);
      return;
    }
    putPlane(this.#input, input, picturePixels(input));
    putPlane(this.#projection, projection, projectionPixels(projection, theme, colours));
  }
}

/** @param {HTMLCanvasElement} canvas @param {string} title */
function card(canvas, title) {
  const caption = element("figcaption", {}, element("span", { "data-label": "" }, title));
  return element("figure", { class: "method-card" }, canvas, caption);
}
