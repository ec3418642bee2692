/** A projection, the patch that it stands for, and a line about them. */

/** @import { Theme } from "../../draw/colors.js" */
/** @import { Card } from "./model.js" */

import { element, picture, setAttribute, setText } from "../../core/dom.js";
import { drawEntry } from "../../draw/signals.js";

/** @typedef {{ theme: Theme, colours: boolean }} Look whether projections are in their colours, or in greys */

export class FeatureCard {
  #signal = picture("pixels");
  #patch = picture("pixels");
  #name = element("span", { "data-label": "" });
  #value = element("b", { "data-label": "" });
  #step;

  /** @param {HTMLElement} [step] */
  constructor(step = element("span", { class: "since", "data-label": "" })) {
    this.#step = step;
    const caption = element("figcaption", {}, this.#name, this.#value, step);
    this.element = element("figure", { class: "feature-card" }, this.#signal, this.#patch, caption);
  }

  /** @param {Card | null} card hidden where there is none @param {Look} look */
  paint(card, { theme, colours }) {
    this.element.hidden = card === null;
    if (!card) return;
    drawEntry(this.#signal, card.wall, card.entry, "projections", theme, colours);
    drawEntry(this.#patch, card.wall, card.entry, "patches", theme, true);
    setText(this.#name, card.name);
    setText(this.#value, card.value);
    setText(this.#step, card.step);
    setAttribute(this.element, "title", card.title);
    setAttribute(this.#signal, "aria-label", card.signalLabel);
    setAttribute(this.#patch, "aria-label", card.patchLabel);
  }
}
