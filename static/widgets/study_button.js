/** A study on a panel: a button to begin and to cancel, how far it is, and why it failed. */

/** @import { Frame, JsonObject, Located } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */

import { listCheckpoints } from "../core/api.js";
import { element, setText } from "../core/dom.js";
import { wholeNumber } from "../core/format.js";

/**
 * @typedef {object} StudyOptions
 * @property {string} words on the button
 * @property {string} empty what it will show, while it shows nothing
 * @property {() => JsonObject} document
 * @property {(frame: Frame) => void} frame
 * @property {() => void} [begin] called when it begins anew
 * @property {() => void} [end] called when it is done, has failed or was cancelled
 * @property {HTMLElement} [keep] buttons that wait for the first frame: before it, there is nothing to take
 * away
 */

/** What is wrong with a study, and with which of its options. @param {Located} problem */
function said({ pointer, message }) {
  const option = pointer.replace(/^\/study\/?/, "");
  return option ? `${option}: ${message}` : message;
}

/** @param {RunControl} run @param {StudyOptions} options */
export function studyButton(run, { words, empty, document, frame, begin, end, keep }) {
  const button = element("button", { type: "button", class: "button primary" }, words);
  const bar = element("progress", { max: 1, value: 0, hidden: true, "aria-label": "How far it is" });
  const status = element("span", { class: "note", role: "status" }, empty);
  const subject = element(
    "select",
    { "aria-label": "What is studied" },
    element("option", { value: "" }, "the run as it is"),
  );
  /** Checkpoints come while a run trains: they are asked for when somebody is about to choose. */
  const fill = async () => {
    const { run: shown } = run.state;
    if (!shown) return;
    const found = await listCheckpoints(shown.id);
    const options = found.map(({ name, step }) =>
      element(
        "option",
        { value: name, selected: name === subject.value },
        `${name}, step ${wholeNumber(step)}`,
      ),
    );
    subject.replaceChildren(
      element("option", { value: "", selected: subject.value === "" }, "the run as it is"),
      ...options,
    );
  };
  const list = () =>
    void fill().catch((error) =>
      run.notify(
        `The checkpoints cannot be listed: ${error instanceof Error ? error.message : error}`,
        "error",
      ),
    );
  subject.addEventListener("pointerenter", list);
  subject.addEventListener("focus", list);
  if (keep) keep.hidden = true;
  /** @type {{ cancel: () => void } | null} */
  let present = null;
  const rest = (/** @type {string} */ text, bad = false) => {
    present = null;
    bar.hidden = true;
    setText(button, words);
    setText(status, text);
    status.classList.toggle("error", bad);
  };
  const start = () => {
    begin?.();
    let step = "";
    setText(button, "Cancel");
    status.classList.remove("error");
    bar.hidden = false;
    bar.value = 0;
    setText(status, subject.value ? "Loads the checkpoint …" : "Takes a snapshot …");
    // A listener may be told before `study` has returned.
    /** @type {"running" | "ended"} */
    let phase = "running";
    const studied = subject.value || null;
    const begun = run.study(
      document(),
      {
        frame: (seen) => {
          step = `of step ${wholeNumber(Number(seen.metadata["step"] ?? 0))}`;
          frame(seen);
          if (keep) keep.hidden = false;
        },
        state: ({ state, done, detail, problems }) => {
          if (state === "running") {
            bar.value = done;
            setText(status, `${Math.round(100 * done)} % ${step}`);
          } else if (state === "done")
            rest(studied ? `Checkpoint ${studied}, ${step}.` : `A snapshot ${step}.`);
          else if (state === "failed") rest(problems?.map(said).join(" ") || detail || "It failed.", true);
          else if (state === "cancelled") rest("Cancelled.");
          if (state === "done" || state === "failed" || state === "cancelled") {
            phase = "ended";
            end?.();
          }
        },
      },
      studied,
    );
    if (/** @type {string} */ (phase) === "running") present = begun;
  };
  button.addEventListener("click", () => (present ? present.cancel() : start()));
  return {
    element: element(
      "div",
      { class: "study-control" },
      button,
      element(
        "label",
        { class: "small-choice" },
        element("span", {}, "of"),
        element("span", { class: "select" }, subject),
      ),
      bar,
      status,
    ),
    start,
    cancel: () => present?.cancel(),
  };
}
