/** The texts of the list of runs. */

/** @import { RunState } from "../../types.d.ts" */

import { texts } from "../../core/texts.js";

export const WORDS = texts(import.meta.url, {
  search: "Search in runs",
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
  unlisted: "The runs cannot be listed: {error}. It is tried again.",
  deleted: "{title} is deleted.",
  found: { one: "{count} run", other: "{count} runs" },
  page: { one: "{from}–{to} of {count} run", other: "{from}–{to} of {count} runs" },
});

/** The heads of the columns. */
export const COLUMNS = texts(import.meta.url, {
  number: "No.",
  title: "Run",
  state: "State",
  step: "Step",
  loss: "Test loss",
  created: "Started",
});

const CHOICES = texts(import.meta.url, {
  training: "Training",
  waiting: "Waiting",
  paused: "Paused",
  finished: "Finished",
  failed: "Failed",
  stopped: "Stopped or interrupted",
  damaged: "Damaged or incomplete",
});

/** The choices of states, each by its name and the states it stands for. @type {[string, RunState[]][]} */
export const STATES = [
  [CHOICES.training, ["training"]],
  [CHOICES.waiting, ["queued", "starting"]],
  [CHOICES.paused, ["paused"]],
  [CHOICES.finished, ["finished"]],
  [CHOICES.failed, ["failed"]],
  [CHOICES.stopped, ["stopped", "interrupted"]],
  [CHOICES.damaged, ["damaged", "incomplete"]],
];

/** @param {number} from @param {number} to @param {number} total */
export const placeWords = (from, to, total) =>
  to - from + 1 === total ? WORDS.found({ count: total }) : WORDS.page({ count: total, from, to });
