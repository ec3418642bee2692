/** Recorded pictures, fetched one at a time. */

/** @import { Frame } from "../types.d.ts" */
/** @import { Store } from "../core/store.js" */
/** @import { State } from "./state.js" */

import { getFrames } from "../core/api.js";
import { texts } from "../core/texts.js";
import { notify } from "./notice.js";

const TEXTS = texts(import.meta.url, {
  failed: "What was recorded cannot be fetched: {why}",
});

/**
 * The first recorded picture at or after a step.
 *
 * @param {Store<State>} store @param {string} key @param {number} step
 * @param {AbortSignal} signal ends it with the run
 * @returns {Promise<Frame | null>} null where there is none
 */
export async function recordedFrame(store, key, step, signal) {
  const { run } = store.state;
  try {
    return (run && (await getFrames(run.id, key, { fromStep: step, limit: 1, signal }))[0]) ?? null;
  } catch (error) {
    if (signal.aborted) return null;
    notify(store, TEXTS.failed({ why: error instanceof Error ? error.message : String(error) }), "error");
    return null;
  }
}
