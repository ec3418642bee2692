/** What the states of a run are called, and what the state of a listed run allows. */

import { texts } from "./texts.js";

/** @type {Record<string, string>} */
const NAMES = texts(import.meta.url, {
  queued: "queued",
  starting: "starting",
  training: "training",
  paused: "paused",
  finished: "finished",
  failed: "failed",
  stopped: "stopped",
  interrupted: "interrupted",
  damaged: "damaged",
  incomplete: "incomplete",
});

/** A state in words. @param {string} state */
export const stateName = (state) => NAMES[state] ?? state;

/** Whether a run cannot be continued, and so is not renamed. @param {{ state: string }} run */
export const isUnusable = ({ state }) => state === "damaged" || state === "incomplete";
