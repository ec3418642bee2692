/** A study that starts from checkpoints which another has left: it begins when they are written. */

/** @import { JsonObject } from "../../types.d.ts" */
/** @import { StudyListener } from "../../core/studies.js" */

/**
 * A cancelled race is over for the page at once, and its checkpoints are taken into the run after that: a race that
 * was asked for in between failed for want of them. Cancelling ends the waiting as it ends the study.
 *
 * @param {Promise<unknown>} checkpoints settled when they are there
 * @param {() => { cancel: () => void }} begin
 * @param {StudyListener} listener of the study
 * @returns {{ cancel: () => void }}
 */
export function begunWhenWritten(checkpoints, begin, listener) {
  /** @type {{ cancel: () => void } | null} */
  let study = null;
  let ended = false;
  /** @param {"cancelled" | "failed"} state @param {{ detail?: string }} [why] */
  const end = (state, why) => {
    if (ended) return;
    ended = true;
    listener.state?.({ state, done: 0, ...why });
  };
  listener.state?.({ state: "waiting", done: 0 });
  checkpoints.then(
    () => {
      if (!ended) study = begin();
    },
    (error) => end("failed", { detail: error instanceof Error ? error.message : String(error) }),
  );
  return { cancel: () => (study ? study.cancel() : end("cancelled")) };
}
