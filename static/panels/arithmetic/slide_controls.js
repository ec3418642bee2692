/** The buttons that move the window: back, on, and on by itself. */

import { element, iconButton, setAttribute, setIcon } from "../../core/dom.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  slideTheWindow: "Slide the window",
  onePlaceBack: "One place back",
  onePlaceOn: "One place on",
  stopTheWindow: "Stop the window",
});

/** Milliseconds that a window which slides by itself stays at a place. */
const STAY = 450;

export class SlideControls {
  /** @type {ReturnType<typeof setInterval> | null} */
  #sliding = null;
  #play = iconButton("play", TEXTS.slideTheWindow, () =>
    this.#sliding === null ? this.#start() : this.stop(),
  );
  #move;
  #isSeen;

  /** @param {(by: number) => void} move @param {() => boolean} isSeen whether the window is on screen; else it stops */
  constructor(move, isSeen) {
    this.#move = move;
    this.#isSeen = isSeen;
    this.element = element(
      "div",
      { class: "arithmetic-controls" },
      iconButton("rewind", TEXTS.onePlaceBack, () => this.#step(-1)),
      this.#play,
      iconButton("step", TEXTS.onePlaceOn, () => this.#step(1)),
    );
  }

  /** @param {number} by */
  #step(by) {
    this.stop();
    this.#move(by);
  }

  #start() {
    this.#sliding = setInterval(() => (this.#isSeen() ? this.#move(1) : this.stop()), STAY);
    this.#show("pause", TEXTS.stopTheWindow);
  }

  stop() {
    if (this.#sliding !== null) clearInterval(this.#sliding);
    this.#sliding = null;
    this.#show("play", TEXTS.slideTheWindow);
  }

  /** @param {string} icon @param {string} label */
  #show(icon, label) {
    setIcon(this.#play, icon);
    setAttribute(this.#play, "aria-label", label);
    this.#play.title = label;
  }
}
