/** How a panel stands: followed through the run, its connection, its frames and what the run refuses. */

/** @import { RunControl } from "../run/run.js" */

import { stepOf } from "../run/newest_frames.js";
import { PanelStateView, panelState } from "./panel_state.js";

/** Milliseconds from one saying of an age to the next. */
const AGE_EVERY = 1000;

/** Probes of whole networks, which a run may refuse; those of a unit follow a drawing that may be ahead of the run. */
const REFUSED = ["trajectory", "sharpness"];

/**
 * @typedef {object} Followed a panel whose state is told
 * @property {string} shows what it will show, and how to get it: a sentence
 * @property {string[]} [reads] the channels of the frames it shows; left out: what it shows, it is asked for
 */

export class PanelStatus {
  #run;
  /** @type {() => Followed | null} */
  #open;
  #view = new PanelStateView();
  /** Why the run refuses a probe. @type {Map<string, string>} */
  #refusals = new Map();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /**
   * @param {RunControl} run @param {Iterable<string>} channels all that may be read
   * @param {() => Followed | null} open the panel on the screen; null where there is none
   */
  constructor(run, channels, open) {
    this.#run = run;
    this.#open = open;
    const say = () => this.say();
    const followed = new Set(channels);
    run.store.watch(
      ({ status, scrubbed, lostAt }) =>
        `${status?.state} ${status?.step} ${status?.reason?.detail} ${scrubbed} ${lostAt}`,
      say,
    );
    run.store.watch(
      (state) => state.connection,
      () => this.#followAge(),
    );
    for (const channel of followed) run.onFrame(channel, say);
    for (const probe of REFUSED)
      if (followed.has(probe)) run.mayRefuse(probe, (refusal) => this.#refuse(probe, refusal));
  }

  /** @param {string} probe @param {string | null} refusal null where it is watched */
  #refuse(probe, refusal) {
    if (refusal === null) this.#refusals.delete(probe);
    else this.#refusals.set(probe, refusal);
    this.say();
  }

  get label() {
    return this.#view.label;
  }

  get place() {
    return this.#view.place;
  }

  say() {
    const panel = this.#open();
    this.#view.label.hidden = panel === null;
    if (panel === null) this.#view.place.hidden = true;
    else this.#view.show(panelState({ ...this.#run.state, now: Date.now() }, this.#shown(panel)));
  }

  /** @param {Followed} panel */
  #shown({ shows, reads }) {
    const frames = reads?.map((channel) => this.#run.latest.get(channel));
    return {
      shows,
      comes: reads !== undefined,
      // A panel that is asked for what it shows says itself that there is nothing yet.
      has: frames?.every((frame) => frame !== undefined) ?? true,
      refusal: reads?.map((probe) => this.#refusals.get(probe)).find((each) => each !== undefined) ?? null,
      step: stepOf(frames ?? []),
    };
  }

  #followAge() {
    clearInterval(this.#timer);
    this.say();
    if (this.#run.state.connection !== "open") this.#timer = setInterval(() => this.say(), AGE_EVERY);
  }
}
