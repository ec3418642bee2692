/** The loss landscape around the network: from above at once and refining, or turned in three dimensions. */

/** @import { Frame, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { StudyState } from "../core/studies.js" */
/** @import { Fact } from "./landscape/model.js" */

import { wholeNumber } from "../core/format.js";
import { element } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { facts, progressOf } from "../widgets/study_form.js";
import { demandChanged } from "../widgets/lazy_panel.js";
import { ANY_BUDGET, BUDGET, LandscapeOptions } from "./landscape/options.js";
import { LandscapePicture } from "./landscape/picture.js";
import { lineFacts, planeFacts, reliefOf } from "./landscape/model.js";
import { sharpnessPanel } from "./sharpness.js";

const TEXTS = texts(import.meta.url, {
  drawAllSame: "Draw it all the same",
  pathCollectedFrom: "The path is collected from now on: it is drawn when the network has moved on a little.",
  step: "Step {step}",
  theNetworkNow: "the network now",
  endpoints: "0 is {from}, 1 is {to}.",
});

/** Points of a path that are worth a picture. */
const LEAST_POINTS = 5;

/** Milliseconds from one landscape's end to the next one's beginning, where it follows training. */
const AGAIN_AFTER = 600;

/** @param {RunControl} run @returns {{ element: HTMLElement, demand: () => JsonObject[] }} */
export function landscapePanel(run) {
  return new LandscapePanel(run);
}

class LandscapePanel {
  #run;
  #options;
  #picture;
  #sharpness;
  /** Whether a path must be collected first. */
  #awaited = false;
  /** The step that the picture is of. */
  #shownStep = -1;
  /** One; of a line two, for the training and the test set. @type {{ cancel: () => void }[]} */
  #studies = [];
  /** The losses along a line, by set. @type {Map<string, Frame>} */
  #along = new Map();
  #progress = progressOf(() => this.#cancel());
  #anyway = element(
    "button",
    { type: "button", class: "button", hidden: true, onclick: () => this.#ask({ budget: ANY_BUDGET }) },
    TEXTS.drawAllSame,
  );
  #known = element("div", {});

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
    this.#picture = new LandscapePicture(run);
    this.#sharpness = sharpnessPanel(run);
    this.#options = new LandscapeOptions(
      run,
      (changed) => this.#ask(changed),
      () => this.#begin(),
    );
    this.element = element("div", { class: "relief-tab" }, this.#picture.element, this.#side());
    this.#watch();
    this.#options.show();
    this.#begin();
  }

  /** @returns {JsonObject[]} */
  demand() {
    const path = this.#options.asked.directions === "path";
    return [...this.#sharpness.demand(), ...(path ? [{ kind: "trajectory", hz: 4 }] : [])];
  }

  #side() {
    return element(
      "div",
      { class: "relief-side" },
      ...this.#options.elements,
      this.#progress.element,
      element("div", { class: "relief-actions" }, this.#anyway),
      this.#known,
      this.#sharpness.element,
    );
  }

  #watch() {
    const run = this.#run;
    run.onFrame("trajectory", () => this.#awaited && this.#hasPath() && this.#begin());
    // Another run, or another network, is another landscape.
    run.store.watch(
      (state) => `${state.run?.id} ${state.description?.totals.parameters}`,
      () => {
        this.#options.asked.budget = BUDGET;
        if (this.#picture.has && this.#picture.seen) this.#begin();
      },
    );
  }

  /** Whether there is a path to draw; it is collected only while it is asked for. */
  #hasPath() {
    const steps = this.#run.latest.get("trajectory")?.arrays.get("steps");
    return (steps?.data.length ?? 0) >= LEAST_POINTS;
  }

  // Asking --------------------------------------------------------------------------------------------

  /** @param {Partial<LandscapeOptions["asked"]>} changed */
  #ask(changed) {
    const { asked, ends } = this.#options;
    Object.assign(asked, { budget: BUDGET }, changed);
    this.#options.show();
    this.#picture.offerViews(asked.dimensions === 1);
    if (changed.directions === "path") demandChanged();
    if (asked.directions !== "checkpoints" || ends.to) this.#begin();
  }

  #cancel() {
    for (const study of this.#studies) study.cancel();
  }

  #begin() {
    this.#cancel();
    const { directions } = this.#options.asked;
    this.#awaited = directions === "path" && !this.#hasPath();
    if (this.#awaited) return this.#progress.say(TEXTS.pathCollectedFrom);
    if (directions === "checkpoints") this.#beginLine();
    else this.#beginPlane();
  }

  #beginPlane() {
    const state = (/** @type {StudyState} */ state) => {
      this.#show(state);
      if (state.state === "done") setTimeout(() => this.#followOn(), AGAIN_AFTER);
    };
    const document = { kind: "landscape", ...this.#options.asked };
    this.#studies = [this.#run.study(document, { frame: (frame) => this.#takePlane(frame), state })];
  }

  /** Both sets at once, from one state to the other. */
  #beginLine() {
    const { asked, ends } = this.#options;
    const { to, from } = ends;
    if (!to) return;
    this.#along.clear();
    const resolution = Math.min(301, 4 * (asked.resolution - 1) + 1);
    const state = (/** @type {StudyState} */ state) => this.#show(state);
    this.#studies = ["train", "test"].map((set) => {
      const line = { set, resolution, checkpoints: [to], sharpness: false };
      const document = { kind: "landscape", ...asked, ...line };
      return this.#run.study(document, { frame: (frame) => this.#takeLine(set, frame), state }, from);
    });
  }

  #followOn() {
    if (!this.#options.follow || !this.#picture.seen) return;
    const moved = (this.#run.state.status?.step ?? 0) !== this.#shownStep;
    if (moved) this.#begin();
    else setTimeout(() => this.#followOn(), AGAIN_AFTER);
  }

  // Showing -------------------------------------------------------------------------------------------

  /** @param {StudyState} state */
  #show(state) {
    this.#progress.show(state);
    const tooMuch = state.problems?.some(({ pointer }) => pointer === "/study/budget");
    this.#anyway.hidden = state.state !== "failed" || !tooMuch || this.#options.asked.budget === ANY_BUDGET;
  }

  /** @param {Frame} frame */
  #takePlane(frame) {
    const step = Number(frame.metadata["step"] ?? 0);
    this.#shownStep = step;
    const relief = reliefOf(frame, this.#options.asked.directions);
    const loss = Number(frame.arrays.get("centre")?.data[0]);
    this.#say(planeFacts(frame, step), TEXTS.step({ step: wholeNumber(step) }));
    this.#picture.show({ kind: "plane", relief, step, loss });
  }

  /** @param {string} set @param {Frame} frame */
  #takeLine(set, frame) {
    this.#along.set(set, frame);
    const { from, to } = this.#options.ends;
    this.#say(lineFacts(this.#along), TEXTS.endpoints({ from: from ?? TEXTS.theNetworkNow, to: to ?? "" }));
    this.#picture.show({ kind: "line", along: this.#along, from: from ?? "now", to: String(to) });
  }

  /** @param {Fact[]} known @param {string} text */
  #say(known, text) {
    this.#known.replaceChildren(facts(known));
    this.#progress.say(text);
  }
}
