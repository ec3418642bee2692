/** Playing the run: on, off, step by step, how fast, from where. */

/** @import { JsonObject, Status } from "../types.d.ts" */
/** @import { Store } from "../core/store.js" */
/** @import { State } from "./state.js" */

import { rememberSpeed } from "./speed.js";

/**
 * @typedef {object} Host
 * @property {Store<State>} store
 * @property {(command: JsonObject, expected?: Partial<Status>) => Promise<boolean>} command whether it was
 * done
 * @property {(epochs: number) => Promise<void>} extend let the training have so many epochs
 */

export class Playback {
  #host;
  /** With which a new run will begin to play, in steps a second. @type {number | null} */
  #firstSpeed = null;

  /** @param {Host} host */
  constructor(host) {
    this.#host = host;
  }

  /**
   * Another run.
   *
   * @param {number | null} speed with which it begins to play; null: it plays already, or another viewer
   * decides
   */
  attached(speed) {
    this.#firstSpeed = speed;
  }

  /** A run that was started for watching waits for its speed before it plays: has it come so far? */
  begin() {
    const { status, run } = this.#host.store.state;
    const speed = this.#firstSpeed;
    if (speed === null || status?.state !== "paused" || !run?.control) return;
    this.#firstSpeed = null;
    void this.#host.command({ type: "speed", steps_per_second: speed }, { speed });
    void this.#play();
  }

  /** Go on; beyond its end, if it has finished. */
  async play() {
    const { status, experiment } = this.#host.store.state;
    if (status?.state === "finished" && experiment)
      await this.#host.extend(furtherEpochs(experiment.training.epochs));
    await this.#play();
  }

  #play() {
    return this.#host.command({ type: "play" }, { state: "training" });
  }

  pause() {
    return this.#host.command({ type: "pause" }, { state: "paused" });
  }

  toggle() {
    return this.#playing ? this.pause() : this.play();
  }

  /** Whether it trains, or will when its turn comes. */
  get #playing() {
    const state = this.#host.store.state.status?.state;
    return state === "training" || state === "queued";
  }

  /** @param {number} steps */
  step(steps) {
    return this.#host.command({ type: "step", steps });
  }

  /** @param {number} epochs */
  stepEpochs(epochs) {
    return this.#host.command({ type: "step", epochs });
  }

  /** Start over; a run that plays goes on playing. */
  async reset() {
    const playing = this.#playing;
    const done = await this.#host.command({ type: "reset" }, { step: 0, epoch: 0 });
    if (done && playing) await this.#play();
  }

  /** @param {string} checkpoint */
  rewind(checkpoint) {
    return this.#host.command({ type: "rewind", checkpoint });
  }

  /** @param {number | null} speed steps a second; null for as fast as it goes */
  setSpeed(speed) {
    rememberSpeed(speed);
    return this.#host.command({ type: "speed", steps_per_second: speed }, { speed });
  }
}

/**
 * How far a run that has come to its end goes on: half as long again, and a hundred epochs at least.
 *
 * @param {number} epochs
 */
export function furtherEpochs(epochs) {
  return epochs + Math.max(100, Math.round(epochs / 2));
}
