/** Playing the run: on, off, step by step, how fast, from where. */

/** @import { Experiment, JsonObject, Status } from "../types.d.ts" */
/** @import { Store } from "../core/store.js" */
/** @import { State } from "./state.js" */
/** @import { Act } from "./steps.js" */

import { nameOfReturn, resetWords } from "./change_words.js";
import { wholeNumber } from "../core/format.js";
import { texts } from "../core/texts.js";
import { rememberSpeed } from "./speed.js";

const REASONS = texts(import.meta.url, {
  noRun: "There is no run yet.",
  failed: "The run has failed: it can go back or start over.",
  finished: "All {epochs} epochs are done: Train on adds {more}.",
  stopped: "A stop has ended the run: Train on adds {more} epochs, and it counts anew.",
});

/**
 * How a life began: by a reset or a rewind, what it left of the life before, and where it went.
 *
 * @typedef {{ type: string, left?: any, life?: any, checkpoint?: string, step?: any }} Beginning
 */

/** The checkpoint that a reset leaves, to go back to (engine/run/ways_back.py). */
const BEFORE_RESET = "before_reset";

/**
 * @typedef {object} Host
 * @property {Store<State>} store
 * @property {(command: JsonObject, expected?: Partial<Status>) => Promise<JsonObject | null>} command the
 * answer; null where it was refused
 * @property {(epochs: number) => Promise<void>} extend let the training have so many epochs
 * @property {(act: Act) => void} [acted] remember what can be undone
 * @property {(life: number) => Promise<string | null>} [wayBack] the checkpoint that was left of a life; null,
 * and said so, where it is not kept any more
 * @property {(text: string, tone: "info" | "error") => void} [notify]
 */

export class Playback {
  #host;
  /** @param {Host} host */
  constructor(host) {
    this.#host = host;
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
    return this.#step({ steps });
  }

  /** @param {number} epochs */
  stepEpochs(epochs) {
    return this.#step({ epochs });
  }

  /** @param {{ steps: number } | { epochs: number }} length */
  async #step(length) {
    const reason = whyNoSteps(this.#host.store.state);
    if (reason) this.#host.notify?.(reason, "info");
    else await this.#host.command({ type: "step", ...length });
  }

  /**
   * Start over; a run that plays goes on playing.
   *
   * @returns {Promise<boolean>} whether it was done
   */
  async reset() {
    const { step = 0 } = this.#host.store.state.status ?? {};
    const answer = this.#startOver();
    if (step > 0) this.#remember({ type: "reset" }, answer);
    return (await answer) !== null;
  }

  #startOver() {
    return this.#goOnAfter({ type: "reset" }, { step: 0, epoch: 0 });
  }

  /**
   * @param {string} checkpoint
   * @returns {Promise<boolean>} whether it was done
   */
  async rewind(checkpoint) {
    const answer = this.#host.command({ type: "rewind", checkpoint });
    this.#remember({ type: "rewind", checkpoint }, answer);
    return (await answer) !== null;
  }

  /**
   * A reset or a rewind that has left a checkpoint can be taken back.
   *
   * @param {Beginning} beginning
   */
  canGoBack(beginning) {
    this.#remember(beginning, Promise.resolve(/** @type {any} */ (beginning)));
  }

  /**
   * @param {Beginning} beginning
   * @param {Promise<JsonObject | null>} answer to its command
   */
  #remember({ type, checkpoint = "", step = null }, answer) {
    // One that waits for its turn leaves the newest then.
    const leftBy = async () => {
      const { queued, left = null, life } = (await answer) ?? {};
      if (queued) return type === "reset" ? BEFORE_RESET : null;
      return left === null ? null : ((await this.#host.wayBack?.(Number(life) - 1)) ?? null);
    };
    this.#host.acted?.({
      name: type === "reset" ? resetWords.long : nameOfReturn(step),
      done: answer.then((found) => Boolean(found && (found["left"] || found["queued"]))),
      undo: async () => {
        const found = await leftBy();
        return found === null
          ? null
          : (await this.#goOnAfter({ type: "rewind", checkpoint: found })) !== null;
      },
      redo: async () => {
        answer = type === "reset" ? this.#startOver() : this.#goOnAfter({ type: "rewind", checkpoint });
        return (await answer) !== null;
      },
    });
  }

  /**
   * Begin another life; a run that plays goes on playing, unless no step is left in that life.
   *
   * @param {JsonObject} command @param {Partial<Status>} [expected]
   */
  async #goOnAfter(command, expected = {}) {
    const playing = this.#playing;
    const answer = await this.#host.command(command, expected);
    if (answer && playing && this.#host.store.state.status?.state !== "finished") await this.#play();
    return answer;
  }

  /** @param {number | null} speed steps a second; null for as fast as it goes */
  setSpeed(speed) {
    rememberSpeed(speed);
    return this.#host.command({ type: "speed", steps_per_second: speed }, { speed });
  }
}

/** How many epochs "Train on" adds. @param {Experiment} experiment */
export function epochsMore({ training: { epochs } }) {
  return furtherEpochs(epochs) - epochs;
}

/** Why no step can be taken; null where one can. @param {Pick<State, "status" | "experiment">} state */
export function whyNoSteps({ status, experiment }) {
  if (!status) return REASONS.noRun;
  if (status.state === "failed") return REASONS.failed;
  if (status.state !== "finished" || !experiment) return null;
  const more = wholeNumber(epochsMore(experiment));
  if (status.reason?.stop) return REASONS.stopped({ more });
  return REASONS.finished({ epochs: wholeNumber(experiment.training.epochs), more });
}

/**
 * How far a run that has come to its end goes on: half as long again, and a hundred epochs at least.
 *
 * @param {number} epochs
 */
export function furtherEpochs(epochs) {
  return epochs + Math.max(100, Math.round(epochs / 2));
}
