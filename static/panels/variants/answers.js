/** What the variants of a race say of each pixel of one picture, side by side beside what is true. */

/** @import { NamedArray } from "../../types.d.ts" */

import { element, setAttribute, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { tinted } from "../../draw/masks.js";
import { putPixels } from "../../draw/signals.js";

const TEXTS = texts(import.meta.url, {
  answers: "Answers to one test picture",
  truth: "truth",
  another: "Another picture",
  place: "test sample {place}",
});

/** @typedef {{ slot: number, name: string, color: string }} Answering */

export class Answers {
  #place = 0;
  /** @type {{ arrays: Map<string, NamedArray>, variants: Answering[] } | null} */
  #shown = null;
  #tiles = element("div", { class: "race-answers-tiles" });
  #said = element("span", { class: "note" });
  element = element(
    "section",
    { class: "race-answers", hidden: true },
    element(
      "div",
      { class: "plot-head" },
      element("h3", { class: "caption", "data-term": "pixel_classes" }, TEXTS.answers),
      this.#said,
      element(
        "button",
        { type: "button", class: "button quiet", onclick: () => this.#turn() },
        TEXTS.another,
      ),
    ),
    this.#tiles,
  );

  #turn() {
    const count = this.#shown?.arrays.get("truth/0")?.shape[0] ?? 1;
    this.#place = (this.#place + 1) % count;
    this.#paint();
  }

  /** @param {Map<string, NamedArray> | null} arrays of a frame @param {Answering[]} variants */
  show(arrays, variants) {
    this.element.hidden = !arrays?.has("truth/0");
    this.#shown = arrays && !this.element.hidden ? { arrays, variants } : null;
    this.#paint();
  }

  #paint() {
    if (!this.#shown) return;
    const { arrays, variants } = this.#shown;
    const raced = variants.filter(({ slot }) => slot >= 0);
    while (this.#tiles.childElementCount <= raced.length) this.#tiles.append(tile());
    for (const extra of [...this.#tiles.children].slice(raced.length + 1)) extra.remove();
    setText(this.#said, TEXTS.place({ place: this.#place }));
    const truth = part(arrays, "truth/0", this.#place);
    this.#fill(0, TEXTS.truth, "", truth, null);
    raced.forEach(({ slot, name, color }, at) => {
      const certainty = part(arrays, `certainty/${slot}`, this.#place);
      this.#fill(at + 1, name, color, part(arrays, `mask/${slot}`, this.#place), certainty);
    });
  }

  /**
   * @param {number} at @param {string} name @param {string} color @param {Uint8Array | null} mask
   * @param {Uint8Array | null} certainty
   */
  #fill(at, name, color, mask, certainty) {
    const [canvas, words] = [...(this.#tiles.children[at]?.children ?? [])];
    const pictures = this.#shown?.arrays.get("pictures/0");
    const levels = this.#shown && part(this.#shown.arrays, "pictures/0", this.#place);
    if (!(canvas instanceof HTMLCanvasElement) || !words || !pictures || !levels || !mask) return;
    const [, , height = 1, width = 1] = pictures.shape;
    putPixels(canvas, tinted(levels, mask, certainty), width, height);
    setAttribute(canvas, "aria-label", `${name}, ${TEXTS.place({ place: this.#place })}`);
    canvas.style.setProperty("--series", color || "transparent");
    setText(words, name);
    setAttribute(words, "title", name);
  }
}

function tile() {
  const canvas = element("canvas", { role: "img", "aria-label": TEXTS.answers });
  return element("figure", {}, canvas, element("figcaption", {}));
}

/**
 * One picture's part of an array of all of them; null where there is none.
 *
 * @param {Map<string, NamedArray>} arrays @param {string} name @param {number} at
 */
function part(arrays, name, at) {
  const array = arrays.get(name);
  if (!(array?.data instanceof Uint8Array)) return null;
  const size = array.data.length / (array.shape[0] ?? 1);
  return array.data.subarray(at * size, (at + 1) * size);
}
