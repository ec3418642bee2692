/** A checkpoint that a study leaves when it has ended, which takes a moment to be written. */

import { listCheckpoints } from "../core/api.js";

/** How often it is asked whether it is there, and the milliseconds in between. */
const ATTEMPTS = 100;
const BETWEEN = 200;

/** @param {string} run @param {string} checkpoint */
export async function written(run, checkpoint) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if ((await listCheckpoints(run)).some((each) => each.name === checkpoint)) return;
    await new Promise((resolve) => setTimeout(resolve, BETWEEN));
  }
}
