/**
 * The strongest projection at moments of the past, as in the paper's figure 4: where it jumps, another picture came to
 * excite the map most; where it stays, the map has converged.
 */

/** @import { Frame } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { Look } from "./card.js" */

import { axesOf } from "../../catalog/applicability.js";
import { getFrames } from "../../core/api.js";
import { element, setAttribute, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { asPictures } from "../../draw/places.js";
import { FeatureCard } from "./card.js";
import { joined, MOMENTS, momentAt, momentCard, momentsText, spread, stepOf } from "./moments.js";

const TEXTS = texts(import.meta.url, {
  showWholePage: "Show the whole page as it was then; again: as it is",
  recordUnavailable: "What was recorded cannot be fetched: {reason}",
});

/** Milliseconds until what was recorded is asked for again. */
const AGAIN_AFTER = 3000;

export class TimeView {
  #run;
  #look;
  picture = element("div", { class: "feature-cards moments" });
  #text = element("p", { class: "note" });
  element = element("div", {}, this.picture, this.#text);
  #slots = Array.from({ length: MOMENTS }, (_, index) => this.#slot(index));
  /** Those that are shown. @type {Frame[]} */
  #moments = [];
  /** The step that the page shows; null for live. @type {number | null} */
  #step = null;
  /** What the moments are recorded under, and when they are fetched again. */
  #fetched = { key: "", due: 0 };

  /** @param {RunControl} run @param {() => Look} look */
  constructor(run, look) {
    this.#run = run;
    this.#look = look;
    this.picture.append(...this.#slots.map(({ card }) => card.element));
  }

  /** All moments in one document. */
  get frame() {
    return joined(this.#moments);
  }

  /** A card whose step turns the page to it, and back to what is live. @param {number} index */
  #slot(index) {
    const button = element("button", {
      type: "button",
      class: "since moment",
      "data-label": "",
      title: TEXTS.showWholePage,
    });
    const card = new FeatureCard(button);
    card.element.addEventListener("click", () => this.#turnTo(index));
    return { card, button };
  }

  /** @param {number} index */
  #turnTo(index) {
    const moment = this.#moments[index];
    if (!moment) return;
    const shown = momentAt(this.#moments, this.#step) === index;
    this.#run.scrub.at(shown ? null : stepOf(moment));
  }

  /** Marks the moment that the page shows, and fetches what was recorded since. @param {Frame} frame the newest */
  follow(frame) {
    this.#step = this.#run.scrub.step === null ? null : stepOf(frame);
    this.#mark();
    const run = this.#run.state.run;
    const key = frame.metadata["key"] ?? "";
    if (!run || (key === this.#fetched.key && performance.now() < this.#fetched.due)) return;
    this.#fetched = { key, due: performance.now() + AGAIN_AFTER };
    void this.#fetch(run.id, frame);
  }

  /** @param {string} run @param {Frame} frame shown where nothing is recorded */
  async #fetch(run, frame) {
    const { key } = this.#fetched;
    const { signal } = this.#run;
    const frames = await getFrames(run, key, { signal }).catch((error) => this.#refuse(error, signal));
    if (frames && key === this.#fetched.key) this.#show(frames.length > 0 ? frames : [frame]);
  }

  /** @param {unknown} error @param {AbortSignal} signal */
  #refuse(error, signal) {
    if (signal.aborted) return null; // it was of a run that was left, or is gone
    const reason = error instanceof Error ? error.message : error;
    this.#run.notify(TEXTS.recordUnavailable({ reason: String(reason) }), "error");
    return null;
  }

  /** @param {Frame[]} frames all that are recorded */
  #show(frames) {
    this.#moments = spread(frames);
    setText(this.#text, momentsText(frames[0]));
    this.paint();
  }

  paint() {
    const classes = this.#run.state.description?.data.classes ?? [];
    this.#slots.forEach(({ card }, index) => {
      const moment = this.#moments[index];
      const { description, depth } = this.#run.state;
      const frame = moment && asPictures(moment, axesOf(description), depth);
      card.paint(frame ? momentCard(frame, classes) : null, this.#look());
    });
    this.#mark();
  }

  #mark() {
    const shown = momentAt(this.#moments, this.#step);
    this.#slots.forEach(({ button }, index) =>
      setAttribute(button, "aria-current", index === shown ? "step" : null),
    );
  }
}
