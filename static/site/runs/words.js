/** The texts of the list of runs. */

/** @import { RunState } from "../../types.d.ts" */

export const WORDS = {
  search: "Search in runs",
  state: "State",
  any: "Any state",
  none: "No run yet. What you train is listed here, with its data, its network and how far it came.",
  start: "Open the playground",
  unmatched: "No run matches.",
  all: "Show all runs",
  newer: "Previous page",
  older: "Next page",
  asking: "Looking…",
  pages: "Pages of runs",
  actions: "Rename, delete",
  columns: {
    number: "No.",
    title: "Run",
    state: "State",
    step: "Step",
    loss: "Test loss",
    created: "Started",
  },
};

/** The choices of states, each by its name and the states it stands for. @type {[string, RunState[]][]} */
export const STATES = [
  ["Training", ["training"]],
  ["Waiting", ["queued", "starting"]],
  ["Paused", ["paused"]],
  ["Finished", ["finished"]],
  ["Failed", ["failed"]],
  ["Stopped or interrupted", ["stopped", "interrupted"]],
  ["Damaged or incomplete", ["damaged", "incomplete"]],
];

/** @param {number} from @param {number} to @param {number} total */
export const placeWords = (from, to, total) =>
  total === 1 ? "1 run" : to - from + 1 === total ? `${total} runs` : `${from}–${to} of ${total} runs`;

/** @param {string} error */
export const unlisted = (error) => `The runs cannot be listed: ${error}. It is tried again.`;

/** @param {string} title */
export const deleted = (title) => `${title} is deleted.`;
