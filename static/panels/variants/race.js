/** A race of variants of a run: who takes part, from which checkpoint, and what the study is asked. */

/** @import { Experiment, Frame, JsonObject } from "../../types.d.ts" */
/** @import { StudyState } from "../../core/studies.js" */
/** @import { Choices } from "../../widgets/variant_patch.js" */
/** @import { Curve, Standing } from "./curves.js" */

import { texts } from "../../core/texts.js";
import { patchOf } from "../../widgets/variant_patch.js";
import { standingOf } from "./curves.js";

const TEXTS = texts(import.meta.url, {
  race: "race{date}",
});

/**
 * @typedef {object} Variant
 * @property {Choices} choices
 * @property {string} color
 * @property {number[]} dash
 * @property {number} slot its place in the race under way, −1 where it has none
 * @property {string | null} from the checkpoint at which that race began for it, null for the run itself
 * @property {Curve[]} past curves of earlier races, which this one went on from
 * @property {Curve | null} curve
 * @property {string} state
 * @property {number} seen its loss, NaN where none is known
 */

/** @typedef {{ frame: (frame: Frame) => void, state: (state: StudyState) => void }} Listener */

/**
 * @typedef {object} Host
 * @property {(document: JsonObject, listener: Listener, starts: string[]) => { cancel: () => void }} study begun when
 * the checkpoints that it starts from are written
 * @property {(choices: Choices) => string} nameOf
 * @property {(standing: Standing, frame: Frame) => void} stood a frame came
 * @property {(state: StudyState) => void} progress
 * @property {() => void} changed another race is under way, or none
 */

/** @param {Choices} choices @param {{ color: string, dash: number[] }} looks @returns {Variant} */
export function newVariant(choices, looks) {
  return { choices, ...looks, slot: -1, from: null, past: [], curve: null, state: "", seen: NaN };
}

/** @param {Variant} variant */
export const isOut = ({ state }) => state === "diverged" || state === "dropped";

/** @param {Choices} choices */
const startsFresh = ({ initializer, example }) => initializer !== "" || example !== null;

export class Race {
  /** @type {Variant[]} */
  variants = [];
  asked = { steps: 1000, seeds: 1, rows: 60, drop_losers: false };
  /** The experiment that was forked. @type {Experiment | null} */
  forked = null;
  #host;
  /** Steps that the variants have behind them from races before this one. */
  #offset = 0;
  /** Steps of this race that the furthest has taken. */
  #taken = 0;
  /** Of the race under way, or of the last one: its checkpoints are called by it. */
  #title = "race";
  /** @type {{ cancel: () => void } | null} */
  #study = null;
  /** What to do when the race under way has ended. @type {(() => void) | null} */
  #afterwards = null;

  /** @param {Host} host */
  constructor(host) {
    this.#host = host;
  }

  get underWay() {
    return this.#study !== null;
  }

  /** From the run itself, all anew. @param {Experiment} experiment */
  fork(experiment) {
    this.forked = experiment;
    this.#offset = 0;
    for (const variant of this.variants)
      Object.assign(variant, newVariant(variant.choices, { color: variant.color, dash: variant.dash }));
    this.#start(this.variants, (variant) => (startsFresh(variant.choices) ? "fresh" : "here"));
  }

  /** With those that have raced and are not out, from where they are. @param {number} [steps] */
  goOn(steps = this.asked.steps) {
    const racing = this.variants.filter((variant) => variant.slot >= 0 && !isOut(variant));
    const from = new Map(this.variants.map((variant) => [variant, this.stoodAt(variant)]));
    this.#offset += this.#taken;
    for (const variant of this.variants) {
      variant.from = from.get(variant) ?? null;
      if (variant.curve) variant.past = [...variant.past, variant.curve];
    }
    this.#start(racing, (variant) => variant.from ?? "here", steps);
  }

  /** @param {Variant[]} racing @param {(variant: Variant) => string} from @param {number} [steps] of each */
  #start(racing, from, steps = this.asked.steps) {
    const base = this.forked;
    if (!base) return;
    const variants = racing.map((variant) => ({
      name: this.#host.nameOf(variant.choices),
      patch: patchOf(variant.choices, base).map((operation) => ({ ...operation })),
      start: from(variant),
    }));
    for (const variant of this.variants)
      Object.assign(variant, { curve: null, slot: racing.indexOf(variant), state: "" });
    this.#taken = 0;
    this.#title = TEXTS.race({ date: Date.now().toString(36) });
    this.#study = this.#host.study(
      { kind: "variants", variants, race: this.#title, ...this.asked, steps },
      { frame: (frame) => this.#take(frame), state: (state) => this.#turn(state) },
      variants.map(({ start }) => start).filter((start) => start !== "here" && start !== "fresh"),
    );
    this.#host.changed();
  }

  /**
   * The checkpoint where a variant stands when no race is under way; null where it has not moved.
   *
   * @param {Variant} variant
   */
  stoodAt(variant) {
    return variant.curve && variant.slot >= 0 ? `${this.#title}-${variant.slot + 1}` : variant.from;
  }

  /** End the race under way. */
  cancel() {
    this.#study?.cancel();
  }

  /** Do something when no race is under way; each variant then is a checkpoint of the run. @param {() => void} next */
  whenEnded(next) {
    if (!this.#study) return next();
    this.#afterwards = next;
    this.#study.cancel();
  }

  /** Take a variant out; the others go on from where they are. @param {Variant} variant @param {() => void} removed */
  drop(variant, removed) {
    const racing = this.underWay && variant.slot >= 0;
    const remove = () => {
      this.variants.splice(this.variants.indexOf(variant), 1);
      removed();
    };
    if (!racing) return remove();
    const left = Math.max(1, this.asked.steps - this.#taken);
    this.whenEnded(() => {
      remove();
      this.goOn(left);
    });
  }

  /** No race and no variants: the run is another. */
  clear() {
    this.cancel();
    this.variants.length = 0;
  }

  /** @param {StudyState} state */
  #turn(state) {
    this.#host.progress(state);
    if (state.state === "running" || state.state === "waiting") return;
    this.#study = null;
    this.#host.changed();
    const next = this.#afterwards;
    this.#afterwards = null;
    next?.();
  }

  /** @param {Frame} frame */
  #take(frame) {
    const standing = standingOf(frame.arrays);
    for (const variant of this.variants) {
      const racer = standing.racers[variant.slot];
      if (!racer) continue;
      variant.curve = { offset: this.#offset, steps: standing.steps, series: racer.series };
      variant.state = racer.state;
      variant.seen = racer.loss;
      this.#taken = Math.max(this.#taken, racer.taken);
    }
    this.#host.stood(standing, frame);
  }
}
