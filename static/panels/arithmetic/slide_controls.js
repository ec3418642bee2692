/** The buttons that move the window: back, on, and on by itself. */

import { element, iconButton, setAttribute, setIcon } from "../../core/dom.js";

/** Milliseconds that a window which slides by itself stays at a place. */
const STAY = 450;

export class SlideControls {
  /** @type {ReturnType<typeof setInterval> | null} */
  #sliding = null;
  #play = iconButton("play", "Slide the window", () =>
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
      iconButton("rewind", "One place back", () => this.#step(-1)),
      this.#play,
      iconButton("step", "One place on", () => this.#step(1)),
    );
  }

  /** @param {number} by */
  #step(by) {
    this.stop();
    this.#move(by);
  }

  #start() {
    this.#sliding = setInterval(() => (this.#isSeen() ? this.#move(1) : this.stop()), STAY);
    this.#show("pause", "Stop the window");
  }

  stop() {
    if (this.#sliding !== null) clearInterval(this.#sliding);
    this.#sliding = null;
    this.#show("play", "Slide the window");
  }

  /** @param {string} icon @param {string} label */
  #show(icon, label) {
    setIcon(this.#play, icon);
    setAttribute(this.#play, "aria-label", label);
    this.#play.title = label;
  }
}
