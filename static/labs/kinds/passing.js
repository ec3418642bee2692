/** The epochs pass by: a slider over them, and a button that lets them pass again. */

import { element, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  epochsShown: "Epochs shown",
  playAgain: "Play again",
  epoch: "epoch {end}",
});

/** Milliseconds in which all epochs pass by. */
const SHOWN_IN = 5000;

export class Passing {
  /** How many epochs are shown. */
  shown = Infinity;
  #frame = 0;
  #still = matchMedia("(prefers-reduced-motion: reduce)");
  #epochs;
  #paint;
  #slider = element("input", {
    type: "range",
    min: 0,
    max: 1,
    step: "any",
    value: 1,
    "aria-label": TEXTS.epochsShown,
  });
  #epoch = element("output", { class: "kinds-epoch" });
  element = element(
    "div",
    { class: "kinds-time" },
    element("button", { type: "button", class: "button", onclick: () => this.play() }, TEXTS.playAgain),
    this.#slider,
    this.#epoch,
  );

  /** @param {() => number} epochs there are @param {() => void} paint */
  constructor(epochs, paint) {
    this.#epochs = epochs;
    this.#paint = paint;
    this.#slider.addEventListener("input", () => this.#showUpTo(this.#epochs() * Number(this.#slider.value)));
  }

  /** @param {number} epochs */
  #showUpTo(epochs) {
    cancelAnimationFrame(this.#frame);
    this.shown = epochs;
    this.#paint();
  }

  /** Show everything. */
  stop() {
    cancelAnimationFrame(this.#frame);
    this.shown = Infinity;
  }

  /** Let the epochs pass by; all at once for those who asked their system for less motion. */
  play() {
    if (this.#still.matches) return this.#showUpTo(this.#epochs());
    const begun = performance.now();
    const tick = () => {
      const epochs = this.#epochs();
      this.#showUpTo(Math.min(epochs, (epochs * (performance.now() - begun)) / SHOWN_IN));
      if (this.shown < epochs) this.#frame = requestAnimationFrame(tick);
    };
    tick();
  }

  /** Say how many epochs are shown. */
  paint() {
    const end = Math.min(this.#epochs(), this.shown);
    this.#slider.value = String(end / this.#epochs());
    setText(this.#epoch, TEXTS.epoch({ end: end.toFixed(1) }));
  }
}
