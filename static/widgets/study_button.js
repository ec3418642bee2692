/** A study on a panel: a button to begin and to cancel, how far it is, and why it failed. */

/** @import { Frame, JsonObject, Located } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { StudyState } from "../core/studies.js" */

import { element, setText } from "../core/dom.js";
import { wholeNumber } from "../core/format.js";
import { texts } from "../core/texts.js";
import { listChoices, offer } from "./checkpoint_choices.js";

const TEXTS = texts(import.meta.url, {
  aSnapshot: "A snapshot {step}.",
  run: "the run as it is",
  checkpoint: "Checkpoint {checkpoint}, {step}.",
  itFailed: "It failed.",
  cancelled: "Cancelled.",
  progressLabel: "How far it is",
  whatIsStudied: "What is studied",
  of: "of",
  loadsTheCheckpoint: "Loads the checkpoint …",
  takesASnapshot: "Takes a snapshot …",
  ofStep: "of step {number}",
  cancel: "Cancel",
});

/**
 * @typedef {object} StudyOptions
 * @property {string} label on the button
 * @property {string} empty what it will show, while it shows nothing
 * @property {() => JsonObject} document
 * @property {(frame: Frame) => void} frame
 * @property {() => void} [begin] called when it begins anew
 * @property {() => void} [end] called when it is done, has failed or was cancelled
 * @property {HTMLElement} [keep] buttons that wait for the first frame: before it, there is nothing to take
 * away
 */

/**
 * How a study stands: what the line beside the button says, and what becomes of bar and button.
 *
 * @typedef {object} Status
 * @property {boolean} ended
 * @property {boolean} failed
 * @property {number} done 0 to 1
 * @property {string | null} message null where nothing new is to be said
 */

/** The present state of the run, as the first choice of what is studied. @type {[string, string]} */
const PRESENT = ["", TEXTS.run];

/** What is wrong with a study, and with which of its options. @param {Located} problem */
function problemText({ pointer, message }) {
  const option = pointer.replace(/^\/study\/?/, "");
  return option ? `${option}: ${message}` : message;
}

/**
 * The status of a study from the state that the server tells.
 *
 * @param {StudyState} state @param {string} step such as "of step 40"; empty before the first frame
 * @param {string | null} checkpoint that is studied; null: the present
 * @returns {Status}
 */
export function statusOf(state, step, checkpoint) {
  const ended = state.state === "done" || state.state === "failed" || state.state === "cancelled";
  return {
    ended,
    failed: state.state === "failed",
    done: state.done,
    message: statusText(state, step, checkpoint),
  };
}

/** @param {StudyState} state @param {string} step @param {string | null} checkpoint */
function statusText({ state, done, detail, problems }, step, checkpoint) {
  if (state === "running") return `${Math.round(100 * done)} % ${step}`;
  if (state === "done")
    return checkpoint ? TEXTS.checkpoint({ checkpoint, step }) : TEXTS.aSnapshot({ step });
  if (state === "failed") return problems?.map(problemText).join(" ") || detail || TEXTS.itFailed;
  return state === "cancelled" ? TEXTS.cancelled : null;
}

/**
 * @param {RunControl} run @param {StudyOptions} options
 * @returns {{ element: HTMLElement, begin: () => void, cancel: () => void }}
 */
export function studyButton(run, options) {
  return new StudyButton(run, options);
}

class StudyButton {
  #run;
  #options;
  #button;
  #status;
  #bar = element("progress", { max: 1, value: 0, hidden: true, "aria-label": TEXTS.progressLabel });
  #subject = element("select", { "aria-label": TEXTS.whatIsStudied });
  /** The study under way. @type {{ cancel: () => void } | null} */
  #underWay = null;

  /** @param {RunControl} run @param {StudyOptions} options */
  constructor(run, options) {
    this.#run = run;
    this.#options = options;
    this.#button = element(
      "button",
      { type: "button", class: "button primary", onclick: () => this.#press() },
      options.label,
    );
    this.#status = element("span", { class: "note", role: "status" }, options.empty);
    if (options.keep) options.keep.hidden = true;
    // A link may lead to the panel and begin its study (page/arrival.js), once the panel is built.
    run.store.watch(
      (state) => state.begins,
      (begins) => begins !== null && queueMicrotask(() => this.#beginAsAsked()),
    );
    offer(this.#subject, [PRESENT]);
    // Checkpoints come while a run trains: they are asked for when one is about to be chosen.
    for (const about of ["pointerenter", "focus"])
      this.#subject.addEventListener(about, () => void this.#offerCheckpoints());
    this.element = element(
      "div",
      { class: "study-control" },
      this.#button,
      this.#of(),
      this.#bar,
      this.#status,
    );
  }

  cancel() {
    this.#underWay?.cancel();
  }

  #of() {
    return element(
      "label",
      { class: "small-choice" },
      element("span", {}, TEXTS.of),
      element("span", { class: "select" }, this.#subject),
    );
  }

  async #offerCheckpoints() {
    const known = await listChoices(this.#run);
    if (known) offer(this.#subject, [PRESENT, ...known]);
  }

  #press() {
    if (this.#underWay) this.#underWay.cancel();
    else this.begin();
  }

  #beginAsAsked() {
    const { store } = this.#run;
    if (store.state.begins !== this.#options.document()["kind"]) return;
    store.set({ begins: null });
    this.begin();
  }

  begin() {
    this.#options.begin?.();
    const checkpoint = this.#subject.value || null;
    this.#showBegun(checkpoint ? TEXTS.loadsTheCheckpoint : TEXTS.takesASnapshot);
    let step = "";
    let ended = false; // a listener may be told before `study` has returned
    const listener = {
      /** @param {Frame} frame */
      frame: (frame) => {
        step = TEXTS.ofStep({ number: wholeNumber(Number(frame.metadata["step"] ?? 0)) });
        this.#take(frame);
      },
      /** @param {StudyState} state */
      state: (state) => {
        const status = statusOf(state, step, checkpoint);
        ended ||= status.ended;
        this.#show(status);
      },
    };
    const study = this.#run.study(this.#options.document(), listener, checkpoint);
    if (!ended) this.#underWay = study;
  }

  /** @param {Frame} frame */
  #take(frame) {
    this.#options.frame(frame);
    if (this.#options.keep) this.#options.keep.hidden = false;
  }

  /** @param {string} message */
  #showBegun(message) {
    setText(this.#button, TEXTS.cancel);
    this.#bar.hidden = false;
    this.#bar.value = 0;
    setText(this.#status, message);
    this.#status.classList.remove("error");
  }

  /** @param {Status} status */
  #show({ ended, failed, done, message }) {
    if (message === null) return;
    setText(this.#status, message);
    if (ended) this.#showEnded(failed);
    else this.#bar.value = done;
  }

  /** @param {boolean} failed */
  #showEnded(failed) {
    this.#underWay = null;
    this.#bar.hidden = true;
    setText(this.#button, this.#options.label);
    this.#status.classList.toggle("error", failed);
    this.#options.end?.();
  }
}
