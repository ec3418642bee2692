/** The switch of a run that records the path of its weights from its first step on. */

/** @import { Experiment, Choice } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */

import { element, setText } from "../../core/dom.js";
import { explainedBy } from "../../core/explained.js";
import { withValue } from "../../core/json.js";
import { texts } from "../../core/texts.js";
import { check } from "../../widgets/study_form.js";

const TEXTS = texts(import.meta.url, {
  label: "Record from step 0",
  help: "The run records the path itself, from its first step on, whether this tab is open or not.",
  off: "Collected from now on: what came before is not known.",
  begun: "Recorded from step 0 on, whether this tab is open or not.",
  late: "Recorded from now on; from step 0 on when the run starts over.",
});

/** As often as the run records: a fast one is thinned afterwards. */
const RECORDED = { kind: "trajectory", hz: 30 };

/** @param {Experiment | null} experiment */
export function isRecorded(experiment) {
  return experiment?.collect?.some(({ kind }) => kind === RECORDED.kind) ?? false;
}

/** The experiment with the path recorded, or not. @param {Experiment} experiment @param {boolean} recorded */
export function withRecording(experiment, recorded) {
  const others = (experiment.collect ?? []).filter(({ kind }) => kind !== RECORDED.kind);
  return withValue(experiment, "/collect", recorded ? [...others, RECORDED] : others);
}

/**
 * What is known of the path's beginning.
 *
 * @param {boolean} recorded @param {number | undefined} first step of the path
 */
export function recordingText(recorded, first) {
  if (!recorded) return first === 0 ? "" : TEXTS.off;
  return first === undefined || first === 0 ? TEXTS.begun : TEXTS.late;
}

/** @param {RunControl} run */
export function recordingSwitch(run) {
  const change = (/** @type {boolean} */ recorded) => {
    const { experiment } = run.state;
    if (experiment) run.edit(withRecording(experiment, recorded), "/collect");
  };
  const { element: label, input } = check(TEXTS.label, false, change, TEXTS.help);
  explainedBy(label, () => ({ label: TEXTS.label, description: TEXTS.help }));
  const note = element("p", { class: "note", role: "status" });
  /** @type {number | undefined} */
  let first;
  const say = () => setText(note, recordingText(isRecorded(run.state.experiment), first));
  run.store.watch(
    (state) => `${isRecorded(state.experiment)} ${state.run?.control}`,
    () => {
      input.checked = isRecorded(run.state.experiment);
      input.disabled = !run.control;
      say();
    },
  );
  return {
    element: element("div", { class: "recording" }, label, note),
    /** @param {number | undefined} step the first of the path that is shown */
    show: (step) => ((first = step), say()),
  };
}
