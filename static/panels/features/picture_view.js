/** The chosen picture, and what in it excites the map. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Plane } from "../../draw/signals.js" */
/** @import { Look } from "./card.js" */

import { element, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { picturePixels, projectionPixels, putPixels } from "../../draw/signals.js";
import { projectionOf } from "./model.js";

const TEXTS = texts(import.meta.url, {
  thePicture: "The picture",
  theMapSentDown: "The map, sent down",
  projectionComesNextLook: "The projection comes with the next look.",
});

export class PictureView {
  #input = element("canvas", { class: "pixels", role: "img", "aria-label": TEXTS.thePicture });
  #projection = element("canvas", { class: "pixels", role: "img", "aria-label": TEXTS.theMapSentDown });
  #text = element("p", { class: "note", role: "status" }, TEXTS.projectionComesNextLook);
  picture = element(
    "div",
    { class: "method-cards pair" },
    card(this.#input, TEXTS.thePicture),
    card(this.#projection, TEXTS.theMapSentDown),
  );
  element = element("div", {}, this.#text, this.picture);

  /** @param {Frame} frame @param {Look} look */
  paint({ arrays }, { theme, colours }) {
    const record = projectionOf(arrays);
    if (!record) return;
    put(this.#input, record.input, picturePixels(record.input));
    put(this.#projection, record.projection, projectionPixels(record.projection, theme, colours));
    setText(this.#text, record.text);
  }
}

/** @param {HTMLCanvasElement} canvas @param {Plane} plane @param {Uint32Array} pixels */
function put(canvas, { width, height }, pixels) {
  putPixels(canvas, pixels, width, height);
}

/** @param {HTMLCanvasElement} canvas @param {string} title */
function card(canvas, title) {
  const caption = element("figcaption", {}, element("span", { "data-label": "" }, title));
  return element("figure", { class: "method-card" }, canvas, caption);
}
