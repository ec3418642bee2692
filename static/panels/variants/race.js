/** A race of variants of a run: who takes part, from which checkpoint, and what the study is asked. */

/** @import { Experiment, Frame, JsonObject } from "../../types.d.ts" */
/** @import { StudyState } from "../../core/studies.js" */
/** @import { Choices } from "../../widgets/variant_lanes.js" */
/** @import { Curve, Standing } from "./curves.js" */

import { patchOf } from "../../widgets/variant_lanes.js";
import { standingOf } from "./curves.js";

/**
 * @typedef {object} Lane
 * @property {Choices} choices
 * @property {string} color
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
 * @property {(document: JsonObject, listener: Listener) => { cancel: () => void }} study
 * @property {(choices: Choices) => string} nameOf
 * @property {(standing: Standing, frame: Frame) => void} stood a frame came
 * @property {(state: StudyState) => void} progress
 * @property {() => void} changed another race is under way, or none
 */

/** @param {Choices} choices @param {string} color @returns {Lane} */
export function newLane(choices, color) {
  return { choices, color, slot: -1, from: null, past: [], curve: null, state: "", seen: NaN };
}

/** @param {Lane} lane */
export const isOut = ({ state }) => state === "diverged" || state === "dropped";

export class Race {
  /** @type {Lane[]} */
  lanes = [];
  asked = { steps: 1000, seeds: 1, drop_losers: false };
  /** The experiment that was forked. @type {Experiment | null} */
  forked = null;
  #host;
  /** Steps that the lanes have behind them from races before this one. */
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
    for (const lane of this.lanes) Object.assign(lane, newLane(lane.choices, lane.color));
    this.#start(this.lanes, (lane) => (lane.choices.initializer ? "fresh" : "here"));
  }

  /** With those that have raced and are not out, from where they are. @param {number} [steps] */
  goOn(steps = this.asked.steps) {
    const racing = this.lanes.filter((lane) => lane.slot >= 0 && !isOut(lane));
    const from = new Map(this.lanes.map((lane) => [lane, this.stoodAt(lane)]));
    this.#offset += this.#taken;
    for (const lane of this.lanes) {
      lane.from = from.get(lane) ?? null;
      if (lane.curve) lane.past = [...lane.past, lane.curve];
    }
    this.#start(racing, (lane) => lane.from ?? "here", steps);
  }

  /** @param {Lane[]} racing @param {(lane: Lane) => string} from @param {number} [steps] of each */
  #start(racing, from, steps = this.asked.steps) {
    const base = this.forked;
    if (!base) return;
    const variants = racing.map((lane) => ({
      name: this.#host.nameOf(lane.choices),
      patch: patchOf(lane.choices, base).map((operation) => ({ ...operation })),
      start: from(lane),
    }));
    for (const lane of this.lanes)
      Object.assign(lane, { curve: null, slot: racing.indexOf(lane), state: "" });
    this.#taken = 0;
    this.#title = `race${Date.now().toString(36)}`;
    this.#study = this.#host.study(
      { kind: "variants", variants, race: this.#title, ...this.asked, steps },
      { frame: (frame) => this.#take(frame), state: (state) => this.#turn(state) },
    );
    this.#host.changed();
  }

  /**
   * The checkpoint where a lane stands when no race is under way; null where it has not moved.
   *
   * @param {Lane} lane
   */
  stoodAt(lane) {
    return lane.curve && lane.slot >= 0 ? `${this.#title}-${lane.slot + 1}` : lane.from;
  }

  /** End the race under way. */
  cancel() {
    this.#study?.cancel();
  }

  /** Do something when no race is under way; each lane then is a checkpoint of the run. @param {() => void} next */
  whenEnded(next) {
    if (!this.#study) return next();
    this.#afterwards = next;
    this.#study.cancel();
  }

  /** Take a lane out; the others go on from where they are. @param {Lane} lane @param {() => void} removed */
  drop(lane, removed) {
    const racing = this.underWay && lane.slot >= 0;
    const remove = () => {
      this.lanes.splice(this.lanes.indexOf(lane), 1);
      removed();
    };
    if (!racing) return remove();
    const left = Math.max(1, this.asked.steps - this.#taken);
    this.whenEnded(() => {
      remove();
      this.goOn(left);
    });
  }

  /** No race and no lanes: the run is another. */
  clear() {
    this.cancel();
    this.lanes.length = 0;
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
    for (const lane of this.lanes) {
      const racer = standing.racers[lane.slot];
      if (!racer) continue;
      lane.curve = { offset: this.#offset, steps: standing.steps, series: racer.series };
      lane.state = racer.state;
      lane.seen = racer.loss;
      this.#taken = Math.max(this.#taken, racer.taken);
    }
    this.#host.stood(standing, frame);
  }
}
