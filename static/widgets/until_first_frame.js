/** Nothing of one run stands on the panels of another: all pictures are cleared, and places wait for their own. */

/** @import { RunControl } from "../run/run.js" */

import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  waiting: "Waiting for the run",
});

/** What the user draws is the user's, and no run's. */
const OWN = ".pad";

/**
 * Call back when the page leaves a run for another.
 *
 * @param {RunControl} run @param {() => void} leave
 */
export function onLeave(run, leave) {
  run.store.watch(
    (state) => state.run === null,
    (none) => none && leave(),
  );
}

/**
 * Clear the pictures in these places when another run is opened.
 *
 * @param {RunControl} run @param {HTMLElement[]} places
 */
export function clearPictures(run, places) {
  onLeave(run, () => {
    for (const place of places)
      for (const canvas of place.querySelectorAll(`canvas:not(${OWN})`)) {
        const picture = /** @type {HTMLCanvasElement} */ (canvas);
        picture.width = Math.max(1, picture.width); // setting it clears whatever is drawn in it, and how
      }
  });
}

/**
 * A place shows nothing until the run that was opened has sent a frame of one of these probes.
 *
 * @template {HTMLElement} Place
 * @param {RunControl} run @param {Place} place @param {string[]} probes
 * @returns {Place}
 */
export function untilFirstFrame(run, place, probes) {
  const wait = (/** @type {boolean} */ waiting) => {
    place.toggleAttribute("data-waiting", waiting);
    place.setAttribute("aria-busy", String(waiting));
    if (waiting) place.dataset["waitingText"] = TEXTS.waiting;
  };
  onLeave(run, () => wait(probes.length > 0));
  for (const probe of probes) run.onFrame(probe, () => place.hasAttribute("data-waiting") && wait(false));
  return place;
}
