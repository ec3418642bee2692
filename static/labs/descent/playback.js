/** The time of a race: it plays at a speed, holds still, goes step by step, or is scrubbed. */

import { element, iconButton, icon, setText } from "../../core/dom.js";
import { wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { fill } from "../../form/number.js";

const TEXTS = texts(import.meta.url, {
  step: "Step",
  stepsASecond: "Steps a second",
  time: "Time",
  oneStep: "One step",
  fromTheStart: "From the start",
  speed: "Speed",
  pause: "Pause",
  playAgain: "Play again",
  play: "Play",
  stepOf: "step {head} of {number}",
  stepsASecond2: "{text} steps a second",
});

/** Steps a second at the ends of the speed's slider. */
const [SLOWEST, FASTEST] = [2, 2000];

/** How long a whole race takes by default. */
const SECONDS = 7;

export class Playback {
  /** Steps that have been played; a fraction is on the way to the next. */
  head = 0;
  playing = false;
  /** The step that the user scrubbed to before it was computed. @type {number | null} */
  #wanted = null;
  #steps = 0;
  #last = 0;
  #speed = 150;
  /** Whether the user has set the speed; until then a race takes as long as one likes to watch. */
  #set = false;
  #changed;
  #play = element("button", {
    type: "button",
    class: "button primary play",
    onclick: () => (this.playing ? this.pause() : this.play()),
  });
  #scrub = element("input", {
    type: "range",
    min: 0,
    max: 0,
    step: 1,
    "aria-label": TEXTS.step,
    class: "scrub",
  });
  #speedSlider = element("input", {
    type: "range",
    min: 0,
    max: 100,
    step: 1,
    "aria-label": TEXTS.stepsASecond,
  });
  #readout = element("output", { class: "readout-step" });
  #speedText = element("span", { class: "note speed-text" });
  element = element(
    "div",
    { class: "playback", role: "group", "aria-label": TEXTS.time },
    this.#play,
    iconButton("step", TEXTS.oneStep, () => this.step(1)),
    iconButton("reset", TEXTS.fromTheStart, () => this.restart()),
    this.#scrub,
    this.#readout,
    element(
      "label",
      { class: "speed", "data-term": "speed" },
      element("span", { class: "note" }, TEXTS.speed),
      this.#speedSlider,
      this.#speedText,
    ),
  );

  /** @param {() => void} changed the head is elsewhere */
  constructor(changed) {
    this.#changed = changed;
    this.#scrub.addEventListener("input", () => {
      const wanted = Number(this.#scrub.value); // before pausing shows where the head is
      this.pause();
      this.#go(wanted);
    });
    this.#speedSlider.addEventListener("input", () => {
      this.#set = true;
      this.#speed = SLOWEST * (FASTEST / SLOWEST) ** (Number(this.#speedSlider.value) / 100);
      this.#say();
    });
    this.#say();
  }

  /** How many steps there are by now. @param {number} steps @param {number} all that there will be */
  extend(steps, all) {
    this.#steps = steps;
    this.#scrub.max = String(all);
    if (this.#wanted !== null && !this.playing) this.#go(this.#wanted);
    else if (this.head > steps) this.#go(steps);
    else this.#say();
  }

  /** A race of so many steps begins. @param {number} steps */
  pace(steps) {
    if (!this.#set) this.#speed = Math.min(FASTEST, Math.max(SLOWEST, steps / SECONDS));
  }

  play() {
    if (this.head >= this.#steps) this.head = 0;
    this.playing = true;
    this.#last = performance.now();
    requestAnimationFrame((now) => this.#tick(now));
    this.#say();
  }

  pause() {
    this.playing = false;
    this.#say();
  }

  restart() {
    this.head = 0;
    if (!this.playing) this.play();
    this.#changed();
  }

  /** @param {number} steps */
  step(steps) {
    this.pause();
    this.#go(Math.floor(this.head) + steps);
  }

  /** Everything at once. */
  finish() {
    this.playing = false;
    this.#go(this.#steps);
  }

  /** @param {number} head */
  #go(head) {
    this.#wanted = head > this.#steps ? head : null;
    this.head = Math.min(this.#steps, Math.max(0, head));
    this.#say();
    this.#changed();
  }

  /** @param {number} now */
  #tick(now) {
    if (!this.playing) return;
    const seconds = Math.min(0.1, Math.max(0, now - this.#last) / 1000);
    this.#last = now;
    const all = Number(this.#scrub.max);
    this.#go(this.head + seconds * this.#speed);
    if (this.head >= all) return this.pause();
    requestAnimationFrame((next) => this.#tick(next));
  }

  #say() {
    const label = this.playing
      ? TEXTS.pause
      : this.head >= this.#steps && this.#steps > 0
        ? TEXTS.playAgain
        : TEXTS.play;
    if (this.#play.getAttribute("aria-label") !== label) {
      this.#play.setAttribute("aria-label", label);
      this.#play.replaceChildren(icon(this.playing ? "pause" : "play"), label);
    }
    this.#scrub.value = String(Math.floor(this.head));
    fill(this.#scrub);
    setText(
      this.#readout,
      TEXTS.stepOf({
        head: wholeNumber(Math.floor(this.head)),
        number: wholeNumber(Number(this.#scrub.max)),
      }),
    );
    const share = Math.log(this.#speed / SLOWEST) / Math.log(FASTEST / SLOWEST);
    this.#speedSlider.value = String(Math.round(100 * share));
    fill(this.#speedSlider);
    const text = `${wholeNumber(Number(this.#speed.toPrecision(2)))}/s`;
    setText(this.#speedText, text);
    this.#speedSlider.setAttribute("aria-valuetext", TEXTS.stepsASecond2({ text: text.replace("/s", "") }));
  }
}
