/** A button that plays the sound that is drawn: on request only, through Web Audio. */

import { element } from "../core/dom.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, { play: "Play the sound" });

/** The least rate that every browser plays; slower recordings are stretched while they are played. */
const LEAST_RATE = 8000;

/** The page's loudspeaker; none until a sound is asked for. @type {AudioContext | null} */
let speaker = null;

/** @typedef {{ values: Float32Array, rate: number }} Sound one channel from −1 to 1, and numbers a second */

export class PlayButton {
  /** @type {Sound | null} */
  #sound = null;
  /** @type {AudioBufferSourceNode | null} */
  #playing = null;
  element = element(
    "button",
    { type: "button", class: "button", hidden: true, onclick: () => this.#play() },
    TEXTS.play,
  );

  /** @param {Sound | null} sound what would be heard; null: nothing can be */
  offer(sound) {
    this.#sound = sound;
    this.element.hidden = sound === null;
  }

  #play() {
    if (!this.#sound) return;
    const { values, rate } = this.#sound;
    speaker ??= new AudioContext();
    void speaker.resume();
    const { rate: held, speed } = playable(rate);
    const buffer = speaker.createBuffer(1, values.length, held);
    buffer.copyToChannel(Float32Array.from(values), 0);
    this.#playing?.stop();
    this.#playing = new AudioBufferSourceNode(speaker, { buffer, playbackRate: speed });
    this.#playing.connect(speaker.destination);
    this.#playing.start();
  }
}

/**
 * How a recording of a rate is played by a buffer of a rate that every browser has.
 *
 * @param {number} rate @returns {{ rate: number, speed: number }}
 */
export function playable(rate) {
  const held = Math.min(96_000, Math.max(LEAST_RATE, rate));
  return { rate: held, speed: rate / held };
}
