/** The filter slides over the picture by itself, from the first place to the last. */

import { element, icon, setIcon, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  slide: "Slide",
  stop: "Stop",
});

/** Seconds in which it passes over the whole picture, roughly. */
const PASS = 14;
/** Places a second at least. */
const SLOWEST = 6;
/** Milliseconds between two places for those who asked their system for less motion. */
const STILL = 250;

export class Sliding {
  /** The place that it has come to; null where it rests. @type {number | null} */
  at = null;
  #clock = 0;
  #still = matchMedia("(prefers-reduced-motion: reduce)");
  #text = element("span", {}, TEXTS.slide);
  #icon = icon("play");
  #places;
  #moved;
  button = element(
    "button",
    {
      type: "button",
      class: "button primary",
      onclick: () => (this.at === null ? this.start() : this.stop()),
    },
    this.#icon,
    this.#text,
  );

  /** @param {() => number} places of the output; 0: none yet @param {() => void} moved it has come further, or rests */
  constructor(places, moved) {
    this.#places = places;
    this.#moved = moved;
  }

  start() {
    const begun = performance.now();
    if (this.#places() === 0) return;
    this.at = 0;
    this.#say(TEXTS.stop, "stop");
    const pace = Math.max(this.#places() / PASS, SLOWEST);
    const next = () => {
      if (this.at === null) return;
      const last = this.#places() - 1;
      this.at = Math.min(last, Math.floor(((performance.now() - begun) / 1000) * pace));
      this.#moved();
      if (this.at >= last) this.stop();
      else if (this.#still.matches) this.#clock = window.setTimeout(next, STILL);
      else this.#clock = requestAnimationFrame(next);
    };
    next();
  }

  stop() {
    if (this.at === null) return;
    cancelAnimationFrame(this.#clock);
    clearTimeout(this.#clock);
    this.at = null;
    this.#say(TEXTS.slide, "play");
    this.#moved();
  }

  /** @param {string} label @param {string} sign */
  #say(label, sign) {
    setText(this.#text, label);
    setIcon(this.#icon, sign);
  }
}
