/** The cures of a finding, tried side by side: ranked, each with its band, and one press that keeps it. */

/** @import { Experiment, Frame } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { Finding } from "../run/changes.js" */
/** @import { StudyState } from "../core/studies.js" */
/** @import { Tried } from "./cures/model.js" */

import { announce } from "../core/announce.js";
import { forkInto } from "../core/api.js";
import { element, setText } from "../core/dom.js";
import { wholeNumber } from "../core/format.js";
import { patched } from "../core/json.js";
import { metricName } from "../core/metric_names.js";
import { texts } from "../core/texts.js";
import { progressOf } from "../widgets/study_form.js";
import { written } from "../widgets/written_checkpoint.js";
import { model } from "./cures/model.js";

const TEXTS = texts(import.meta.url, {
  tryThem: "Try them",
  tryAgain: "Try them again",
  keep: "Keep",
  keepCure: "Keep: {cure}",
  unchanged: "The run, unchanged",
  cure: "Cure",
  caption: "{measure} after {steps} steps, least first",
  effect: "{measure}, median",
  band: "least to greatest of {seeds} seeds",
  diverged: "diverged",
  someDiverged: "{count} of {seeds} diverged",
  fromStart: "All start anew, from the run's own initial weights: nothing worth keeping had been learned.",
  fromGood: "All start from the run's best state, of step {step}; what a cure adds begins anew.",
  byTest: "Ranked by the test loss, as no samples are kept for validation.",
  best: "Best of the cures tried: {cure}",
  cancelled: "Cancelled: the run is as it was.",
  cured: "{title}, cured: {cure}",
});

/** @typedef {{ element: HTMLElement, end: () => void }} CuresPanel */

/**
 * @param {RunControl} run @param {Finding} finding
 * @param {(cure: string, parent: string) => void} kept called before the page goes on with one
 * @returns {CuresPanel}
 */
export function curesPanel(run, finding, kept) {
  return new Cures(run, finding, kept);
}

class Cures {
  #run;
  #finding;
  #kept;
  /** The names of the checkpoints that the trial leaves. */
  #race = "";
  /** What was forked. @type {Experiment | null} */
  #forked = null;
  /** @type {{ cancel: () => void } | null} */
  #study = null;
  #ended = false;
  /** Of the newest frame. @type {Frame["arrays"]} */
  #arrays = new Map();
  #list = element("ul", { class: "cure-list" });
  #start = element(
    "button",
    { type: "button", class: "button primary needs-control", onclick: () => this.#try() },
    TEXTS.tryThem,
  );
  #progress = progressOf(() => this.#study?.cancel());
  #table = element("table", { class: "cure-table", hidden: true });
  #note = element("p", { class: "note", hidden: true });

  /** @param {RunControl} run @param {Finding} finding @param {(cure: string, parent: string) => void} kept */
  constructor(run, finding, kept) {
    this.#run = run;
    this.#finding = finding;
    this.#kept = kept;
    this.#list.append(...finding.cures.map(({ label }) => element("li", {}, label)));
    this.element = element(
      "div",
      { class: "cures" },
      this.#list,
      this.#table,
      this.#note,
      element("div", { class: "cure-actions" }, this.#start, this.#progress.element),
    );
  }

  /** Another finding is shown, or another run. */
  end() {
    this.#study?.cancel();
  }

  #try() {
    const { trouble } = this.#finding;
    this.#ended = false;
    this.#forked = this.#run.state.experiment;
    this.#race = ["race", Date.now().toString(36)].join("");
    this.#start.hidden = true;
    this.#study = this.#run.study(
      { kind: "cures", trouble, race: this.#race },
      { frame: (frame) => this.#show(frame), state: (state) => this.#turn(state) },
    );
  }

  /** @param {StudyState} state */
  #turn(state) {
    this.#progress.show(state);
    if (state.state === "running" || state.state === "waiting") return;
    this.#study = null;
    this.#ended = state.state === "done";
    this.#start.hidden = this.#ended;
    setText(this.#start, TEXTS.tryAgain);
    if (this.#ended) this.#draw();
    if (state.state === "cancelled") this.#progress.say(TEXTS.cancelled);
    const best = this.#table.querySelector("tbody th");
    if (this.#ended && best) announce("cures", TEXTS.best({ cure: best.textContent ?? "" }));
  }

  /** @param {Frame} frame */
  #show({ arrays }) {
    this.#arrays = arrays;
    this.#draw();
  }

  #draw() {
    const { measure, steps, seeds, start, tried } = model(this.#arrays);
    const name = metricName(measure);
    this.#list.hidden = true;
    this.#table.hidden = this.#note.hidden = false;
    this.#table.replaceChildren(
      element(
        "caption",
        { class: "visually-hidden" },
        TEXTS.caption({ measure: name, steps: wholeNumber(steps) }),
      ),
      head(name, seeds),
      element("tbody", {}, ...tried.map((each) => this.#row(each, seeds))),
    );
    const from = start > 0 ? TEXTS.fromGood({ step: wholeNumber(start) }) : TEXTS.fromStart;
    setText(this.#note, measure === "test_loss" ? `${from} ${TEXTS.byTest}` : from);
  }

  /** @param {Tried} tried @param {number} seeds */
  #row({ slot, text, band, diverged, place }, seeds) {
    const cure = this.#finding.cures[slot - 1];
    const label = cure?.label ?? TEXTS.unchanged;
    const fate = diverged === seeds ? TEXTS.diverged : TEXTS.someDiverged({ count: diverged, seeds });
    const bar = element("i", { class: "cure-bar" });
    bar.hidden = place === null;
    for (const [end, share] of Object.entries(place ?? {})) bar.style.setProperty(`--${end}`, String(share));
    return element(
      "tr",
      { class: cure ? "" : "unchanged" },
      element("th", { scope: "row" }, label),
      element("td", { class: "number" }, diverged === seeds ? fate : text),
      element(
        "td",
        { class: "cure-band", title: band },
        bar,
        element("span", { class: "visually-hidden" }, band),
      ),
      element("td", { class: "number cure-range" }, diverged > 0 && diverged < seeds ? fate : band),
      element("td", {}, cure && this.#ended && this.#keepButton(slot, label)),
    );
  }

  /** @param {number} slot @param {string} label */
  #keepButton(slot, label) {
    return element(
      "button",
      {
        type: "button",
        class: "button needs-control",
        "aria-label": TEXTS.keepCure({ cure: label }),
        onclick: () => void this.#keep(slot, label),
      },
      TEXTS.keep,
    );
  }

  /** Go on with one as a run of its own. @param {number} slot @param {string} label */
  async #keep(slot, label) {
    const parent = this.#run.state.run;
    const patch = this.#finding.cures[slot - 1]?.patch;
    if (!parent || !patch || !this.#forked) return;
    const title = TEXTS.cured({ title: this.#forked.title, cure: label }).slice(0, 200);
    const cured = { .../** @type {any} */ (patched(/** @type {any} */ (this.#forked), patch)), title };
    const checkpoint = `${this.#race}-${slot + 1}`;
    try {
      await written(parent.id, checkpoint);
      const { id } = await forkInto(parent.id, checkpoint, cured);
      this.#kept(label, parent.id);
      this.#run.takeOver(id, label);
    } catch (error) {
      this.#run.notify(error instanceof Error ? error.message : String(error), "error");
    }
  }
}

/** @param {string} measure @param {number} seeds */
function head(measure, seeds) {
  return element(
    "thead",
    {},
    element(
      "tr",
      {},
      element("th", { scope: "col" }, TEXTS.cure),
      element("th", { scope: "col", class: "number" }, TEXTS.effect({ measure })),
      element("th", { scope: "col", colspan: 2, class: "cure-range" }, TEXTS.band({ seeds })),
      element("td"),
    ),
  );
}
