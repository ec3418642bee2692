/** The picture and a card for each method, all on one scale: orange against the class, blue for it. */

/** @import { Plane } from "../../draw/bands.js" */
/** @import { Theme } from "../../draw/colors.js" */
/** @import { Attribution, Card } from "./model.js" */

import { at } from "../../core/address.js";
import { METHODS } from "../../catalog/attribution_methods.js";
import { element, setAttribute, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { divergingTable } from "../../draw/colors.js";
import { isSignal, levelLines } from "../../draw/bands.js";
import { overlaidPixels, picturePixels, putPlane, signalPixels } from "../../draw/signals.js";
import { scaleBar } from "../../widgets/color_bar.js";

const TEXTS = texts(import.meta.url, {
  theSample: "The sample",
  dataSet: "as the data set has it",
  eachMapOwn: "for; each map to its own greatest value",
});

export class MethodCards {
  #picture = makeCard(TEXTS.theSample, TEXTS.dataSet, null);
  #cards = METHODS.map(({ kind, title, description }) => ({
    kind,
    description,
    ...makeCard(title, description, kind),
  }));
  #scale = scaleBar();
  #grid;

  constructor() {
    this.#scale.element.classList.add("signal-scale");
    const figures = [this.#picture, ...this.#cards].map(({ figure }) => figure);
    this.#grid = element("div", { class: "method-cards wide" }, ...figures);
    this.element = element("div", {}, this.#grid, this.#scale.element);
  }

  /** Dim the methods that say nothing, and say why. @param {(kind: string) => string | null} reason */
  refuse(reason) {
    for (const { kind, figure, note, description } of this.#cards) {
      const why = reason(kind);
      figure.classList.toggle("refused", why !== null);
      setText(note, why ?? description);
    }
  }

  /**
   * @param {Attribution} attribution
   * @param {{ behind: number, theme: Theme }} look how much of the picture shows through
   */
  paint({ picture, range, cards }, { behind, theme }) {
    if (!picture) return;
    const signal = isSignal(picture);
    const lines = signal ? levelLines(picture, range, theme) : [];
    this.#grid.classList.toggle("signals", signal);
    const pixels = signal ? new Uint32Array(picture.width) : picturePixels(picture);
    putPlane(this.#picture.canvas, picture, pixels, lines);
    this.#scale.paint(divergingTable(theme), "against", TEXTS.eachMapOwn);
    for (const card of cards) {
      const drawn = this.#cards.find(({ kind }) => kind === card.kind);
      if (drawn) paintCard(drawn, card, pixelsOf(card, picture, signal ? 0 : behind, theme), lines);
    }
  }
}

/**
 * The map of a method as it is drawn: over the picture as one number a pixel, whatever the look.
 *
 * @param {Card} card @param {Plane} picture @param {number} behind @param {Theme} theme
 */
function pixelsOf({ map, signal }, picture, behind, theme) {
  return behind > 0 ? overlaidPixels(map, picture, theme, behind) : signalPixels(signal ?? map, theme);
}

/**
 * @param {ReturnType<typeof makeCard>} drawn @param {Card} card @param {Uint32Array} pixels
 * @param {Uint32Array[]} lines of a signal
 */
function paintCard({ canvas, figure, note }, card, pixels, lines) {
  putPlane(canvas, card.signal ?? card.map, pixels, lines);
  setAttribute(figure, "title", card.title);
  note.classList.toggle("error", card.incomplete);
  setText(note, card.note);
}

/** @param {string} title @param {string} description @param {string | null} method whose page the title leads to */
function makeCard(title, description, method) {
  const canvas = element("canvas", {
    class: "pixels",
    role: "img",
    "aria-label": `${title}: ${description}`,
  });
  const note = element("span", { class: "note", "data-label": "" }, description);
  const page = method && at(`/methods/${method.replaceAll("_", "-")}`);
  const name = page
    ? element("a", { href: page, target: "_blank", "data-label": "" }, title)
    : element("span", { "data-label": "" }, title);
  const caption = element("figcaption", {}, name, note);
  return { canvas, note, figure: element("figure", { class: "method-card" }, canvas, caption) };
}
