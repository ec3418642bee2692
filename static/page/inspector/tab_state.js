/** How the open tab stands: followed through the run, its connection and what it refuses. */

/** @import { RunControl } from "../../run/run.js" */
/** @import { InspectorTab } from "../../widgets/lazy_panel.js" */

import { PanelStateView, panelState } from "../../widgets/panel_state.js";

/** Milliseconds from one saying of an age to the next. */
const AGE_EVERY = 1000;

/** Probes of whole networks, which a run may refuse; those of a unit follow a drawing that may be ahead of the run. */
const REFUSED = ["trajectory", "sharpness"];

export class TabState {
  #run;
  /** @type {() => InspectorTab | null} */
  #open;
  #view = new PanelStateView();
  /** Why the run refuses a probe. @type {Map<string, string>} */
  #refusals = new Map();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** @param {RunControl} run @param {InspectorTab[]} all @param {() => InspectorTab | null} open */
  constructor(run, all, open) {
    this.#run = run;
    this.#open = open;
    const say = () => this.say();
    run.store.watch(
      ({ status, scrubbed, lostAt }) =>
        `${status?.state} ${status?.step} ${status?.reason?.detail} ${scrubbed} ${lostAt}`,
      say,
    );
    run.store.watch(
      (state) => state.connection,
      () => this.#followAge(),
    );
    for (const probe of new Set(all.flatMap(({ reads = [] }) => reads))) run.onFrame(probe, say);
    for (const probe of REFUSED) run.mayRefuse(probe, (refusal) => this.#refuse(probe, refusal));
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
    const tab = this.#open();
    this.#view.label.hidden = tab === null;
    if (tab === null) this.#view.place.hidden = true;
    else this.#view.show(panelState({ ...this.#run.state, now: Date.now() }, this.#shown(tab)));
  }

  /** @param {InspectorTab} tab */
  #shown({ shows, reads }) {
    const { latest } = this.#run;
    return {
      shows,
      comes: reads !== undefined,
      // A panel that is asked for what it shows says itself that there is nothing yet.
      has: reads?.every((probe) => latest.get(probe) !== undefined) ?? true,
      refusal: reads?.map((probe) => this.#refusals.get(probe)).find((each) => each !== undefined) ?? null,
    };
  }

  #followAge() {
    clearInterval(this.#timer);
    this.say();
    if (this.#run.state.connection !== "open") this.#timer = setInterval(() => this.say(), AGE_EVERY);
  }
}
