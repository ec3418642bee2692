/** The learning rate range test: the loss against a rate that rises, and the rates worth training with. */

/** @import { Frame } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */

import { element } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { titleOf } from "../widgets/large_plot.js";
import { studyButton } from "../widgets/study_button.js";
import { RateCurve } from "./lr_range_test/curve.js";
import { RateMarks } from "./lr_range_test/marks.js";
import { model, withRate } from "./lr_range_test/model.js";
import { RangeOptions } from "./lr_range_test/options.js";

const TEXTS = texts(import.meta.url, {
  run: "Run",
  trainsCopiesWhile: "Trains copies while the rate rises at every step, then tries rates to find a good one.",
});

/** @param {RunControl} run @returns {import("../widgets/lazy_panel.js").Panel} */
export function lrRangeTestPanel(run) {
  return new RangeTestPanel(run);
}

class RangeTestPanel {
  #run;
  #options = new RangeOptions();
  #curve = new RateCurve(
    () => this.#options.rates,
    () => titleOf(this.#run),
  );
  #marks = new RateMarks((rate) => this.#use(rate));
  #result = element("div", { class: "lr-result", hidden: true }, this.#curve.element, this.#marks.element);
  /** @type {Frame | null} */
  #newest = null;
  #running = false;

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
    const head = element("div", { class: "panel-head" }, ...this.#options.elements, this.#studyControl());
    this.element = element("div", { class: "study lr-range-test" }, head, this.#result);
    run.store.watch((state) => state.theme, this.#curve.paint);
    // What another viewer has asked, or who watched before, is seen here too.
    run.onFrame("lr_range_test", (frame) => this.#take(frame));
  }

  demand() {
    return [];
  }

  #studyControl() {
    return studyButton(this.#run, {
      label: TEXTS.run,
      empty: TEXTS.trainsCopiesWhile,
      document: () => this.#options.document,
      begin: () => (this.#running = true),
      frame: (frame) => this.#take(frame),
      end: () => {
        this.#running = false;
        this.#show();
      },
    }).element;
  }

  /** @param {Frame} frame */
  #take(frame) {
    this.#newest = frame;
    this.#show();
  }

  #show() {
    if (!this.#newest) return;
    const picture = model(this.#newest, this.#running);
    this.#result.hidden = false;
    this.#marks.show(picture);
    this.#curve.show(picture);
  }

  /** @param {number} rate */
  #use(rate) {
    const { experiment } = this.#run.state;
    if (experiment) this.#run.edit(withRate(experiment, rate), "/training/updates/0/optimizer/learning_rate");
  }
}
