/** The run that this window was last in: remembered from page to page, shown in the header of each. */

/** @import { RunState } from "../types.d.ts" */

import { stateName } from "./run_states.js";
import { texts } from "./texts.js";
import { wholeNumber } from "./format.js";
import { keepInWindow, keptInWindow } from "./storage.js";

const TEXTS = texts(import.meta.url, {
  step: ", step {step}",
});

/** @typedef {{ id: string, title: string, state: RunState, step: number }} CurrentRun */

const KEY = "current-run";

/** The icon of a state; of all others, that of a run that stands still. @type {Partial<Record<RunState, string>>} */
const ICONS = { training: "play", finished: "check", failed: "warning", damaged: "warning" };

/** @returns {CurrentRun | null} */
export function rememberedRun() {
  const kept = keptInWindow(KEY);
  return kept === null ? null : JSON.parse(kept);
}

/** @param {CurrentRun | null} run null: none any more */
export function rememberRun(run) {
  keepInWindow(KEY, run && JSON.stringify(run));
}

/**
 * What the header shows of a run, one text after the other.
 *
 * @param {CurrentRun} run @returns {{ icon: string, title: string, step: string, state: string }}
 */
export function chipOf({ title, state, step }) {
  return {
    icon: ICONS[state] ?? "pause",
    title,
    step: TEXTS.step({ step: wholeNumber(step) }),
    state: `, ${stateName(state)}`,
  };
}
