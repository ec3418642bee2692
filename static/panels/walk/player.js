/** The playhead of a walk: back, on, by itself at a speed from still to running, and a slider over all phases. */

/** @import { View } from "./model.js" */

import { element, iconButton, setAttribute, setIcon, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  back: "One phase back",
  on: "One phase on",
  play: "Walk on by itself",
  stop: "Stand still",
  playhead: "Phase of the walk",
  speed: "Walking speed",
  still: "still",
  perSecond: "{speed}/s",
});

/** Phases a second, from still to running. */
const SPEEDS = [0, 0.5, 1, 2, 4, 8];
/** The speed that Play takes from still. */
const WALKING = 2;

export class Player {
  #go;
  #isSeen;
  #index = 0;
  #count = 1;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #play = iconButton("play", TEXTS.play, () => this.#setSpeed(this.#speed() > 0 ? 0 : WALKING));
  #slider = range(TEXTS.playhead, 0, () => this.#choose(Number(this.#slider.value)));
  #speedSlider = range(TEXTS.speed, SPEEDS.length - 1, () => this.#setSpeed(Number(this.#speedSlider.value)));
  #speedText = element("output", { class: "walk-speed-text" }, TEXTS.still);
  #name = element("b", {});
  #place = element("span", { class: "note" });

  /**
   * @param {(index: number) => void} go a phase is chosen; one after the last is the first of the next sample
   * @param {() => boolean} isSeen whether it is on screen; else it stands still
   */
  constructor(go, isSeen) {
    this.#go = go;
    this.#isSeen = isSeen;
    this.element = element(
      "div",
      { class: "walk-player" },
      iconButton("rewind", TEXTS.back, () => this.#choose(this.#index - 1)),
      this.#play,
      iconButton("step", TEXTS.on, () => this.#choose(this.#index + 1)),
      this.#slider,
      element("p", { class: "walk-phase", role: "status" }, this.#name, " ", this.#place),
      element(
        "label",
        { class: "walk-speed", "data-term": "walk_speed" },
        TEXTS.speed,
        this.#speedSlider,
        this.#speedText,
      ),
    );
  }

  /** @param {View} view */
  paint({ phase, index, count, place }) {
    [this.#index, this.#count] = [index, count];
    this.#slider.max = String(count - 1);
    this.#slider.value = String(index);
    setAttribute(this.#slider, "aria-valuetext", `${phase.name}, ${place}`);
    setText(this.#name, phase.name);
    setText(this.#place, place);
  }

  #speed() {
    return SPEEDS[Number(this.#speedSlider.value)] ?? 0;
  }

  /** @param {number} level which of the speeds */
  #setSpeed(level) {
    this.#speedSlider.value = String(level);
    const speed = this.#speed();
    const text = speed > 0 ? TEXTS.perSecond({ speed }) : TEXTS.still;
    setText(this.#speedText, text);
    setAttribute(this.#speedSlider, "aria-valuetext", text);
    const label = speed > 0 ? TEXTS.stop : TEXTS.play;
    setIcon(this.#play, speed > 0 ? "pause" : "play");
    setAttribute(this.#play, "aria-label", label);
    this.#play.title = label;
    this.#schedule();
  }

  /** A hand takes over: what walks by itself stands still. @param {number} index */
  #choose(index) {
    this.#setSpeed(0);
    this.#go(Math.max(0, Math.min(this.#count - 1, index)));
  }

  #schedule() {
    clearTimeout(this.#timer);
    const speed = this.#speed();
    if (speed > 0) this.#timer = setTimeout(() => this.#walk(), 1000 / speed);
  }

  #walk() {
    if (!this.#isSeen()) return this.#setSpeed(0);
    this.#go(this.#index + 1);
    this.#schedule();
  }
}

/** @param {string} label @param {number} max @param {() => void} changed */
function range(label, max, changed) {
  return element("input", { type: "range", min: 0, max, value: 0, "aria-label": label, oninput: changed });
}
