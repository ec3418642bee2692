/** What this window keeps of the work on its runs, over all its pages: steps of undo, and the unit that is open. */

/** @import { Experiment } from "../types.d.ts" */
/** @import { ChangeStep, Step } from "./steps.js" */

import { isEqual } from "../core/json.js";
import { keepInWindow, keptInWindow, WORK } from "../core/storage.js";
import { isAct } from "./steps.js";

/**
 * @typedef {object} Work
 * @property {{ past: Step[], future: Step[] }} steps of undo and redo
 * @property {string | null} selected
 * @property {number} unit
 */

/** A step as its name and the places of its experiments in a list. @typedef {[string, number, number]} Written */

/**
 * @typedef {{ id: string, selected: string | null, unit: number, experiments: Experiment[], past: Written[],
 * future: Written[] }} Entry
 */

/** Runs whose work is kept, and steps of each: the store of a window holds few megabytes. */
const MOST_RUNS = 8;
const MOST_STEPS = 40;

/** Keep the work on a run, and forget that on the run left longest ago. @param {string} id @param {Work} work */
export function keepWork(id, { steps, selected, unit }) {
  /** @type {Experiment[]} */
  const experiments = [];
  const place = (/** @type {Experiment} */ experiment) => {
    const found = experiments.indexOf(experiment);
    return found < 0 ? experiments.push(experiment) - 1 : found;
  };
  const written = (/** @type {Step[]} */ stack) =>
    changesOnTop(stack).map(({ name, before, after }) => [name, place(before), place(after)]);
  const entry = { id, selected, unit, experiments };
  const others = entries().filter((each) => each.id !== id);
  const all = [...others, { ...entry, past: written(steps.past), future: written(steps.future) }];
  keepInWindow(WORK, JSON.stringify(all.slice(-MOST_RUNS)));
}

/** The work on a run; null where none is kept. @param {string} id @returns {Work | null} */
export function keptWork(id) {
  const found = entries().find((each) => each.id === id);
  if (!found) return null;
  const { selected, unit, experiments } = found;
  const read = (/** @type {Written[]} */ stack) =>
    stack.flatMap(([name, from, to]) => {
      const [before, after] = [experiments[from], experiments[to]];
      return before && after ? [{ name, before, after }] : [];
    });
  return { selected, unit, steps: { past: read(found.past), future: read(found.future) } };
}

/**
 * Of kept steps those that lead to an experiment: of a change that was under way when the page was left, the server
 * may know nothing, and another user may have made one since.
 *
 * @param {Work["steps"]} steps @param {Experiment} experiment @returns {Work["steps"]}
 */
export function leadingTo({ past, future }, experiment) {
  const last = past.findLastIndex((step) => !isAct(step) && isEqual(step.after, experiment));
  const next = future.at(-1);
  const goesOn = next && !isAct(next) && isEqual(next.before, experiment);
  return { past: past.slice(0, last + 1), future: goesOn ? future : [] };
}

/** @returns {Entry[]} the newest last */
function entries() {
  return JSON.parse(keptInWindow(WORK) ?? "[]");
}

/** The changes that come before the next act, which is of its page alone. @param {Step[]} stack */
function changesOnTop(stack) {
  const acts = stack.findLastIndex(isAct);
  return /** @type {ChangeStep[]} */ (stack.slice(acts + 1).slice(-MOST_STEPS));
}
