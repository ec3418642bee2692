/**
 * One map: its nine strongest activations. Where there is room the nine projections stand in a square beside the
 * square of patches, as in the paper's figure 2; else as nine cards.
 */

/** @import { Wall } from "../../draw/signals.js" */
/** @import { Look } from "./card.js" */

import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { FeatureCard } from "./card.js";
import { mapCards } from "./model.js";

const TEXTS = texts(import.meta.url, {
  sentDownPixels: "sent down to the pixels",
  receptivePatch: "what the map saw",
  strongestSinceWhen: "the strongest, and since when",
  deadMap: [
    "No picture excites this map: it is zero everywhere, which is what “dead” means. A smaller",
    "learning rate, or another start, may keep it alive.",
  ],
});

const HEADS = [TEXTS.sentDownPixels, TEXTS.receptivePatch, TEXTS.strongestSinceWhen];

export class MapView {
  picture = element("div", { class: "feature-cards nine" });
  #dead = element("p", { class: "note", hidden: true }, TEXTS.deadMap);
  element = element("div", {}, this.picture, this.#dead);
  #heads = HEADS.map((title) => element("span", { class: "nine-head", "data-label": "" }, title));
  /** @type {FeatureCard[]} */
  #cards = [];

  /** @param {Wall} wall @param {number} row of the map @param {string[]} classes @param {Look} look */
  paint(wall, row, classes, look) {
    const { cards, dead } = mapCards(wall, row, classes);
    if (this.#cards.length !== cards.length) {
      this.#cards = cards.map(() => new FeatureCard());
      this.picture.replaceChildren(...this.#heads, ...this.#cards.map((card) => card.element));
    }
    cards.forEach((card, index) => this.#cards[index]?.paint(card, look));
    this.#dead.hidden = !dead;
  }
}
