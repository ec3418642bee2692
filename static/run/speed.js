/** The speed that the user prefers, in steps a second. */

/** @import { Catalog, Experiment } from "../types.d.ts" */

import { storeChoice, storedChoice } from "../core/storage.js";

/** Full speed takes a small network through all its epochs in seconds: too fast to see it learn. */
const WATCHABLE = 200;

/**
 * What was chosen last; at first, slow enough to watch where there is a plane to watch.
 *
 * @param {Catalog} catalog @param {Experiment} experiment @returns {number | null} null for as fast as it goes
 */
export function firstSpeed(catalog, experiment) {
  const chosen = storedChoice("speed");
  if (chosen !== null) return chosen === "null" ? null : Number(chosen);
  return catalog["datasets"]?.find(({ kind }) => kind === experiment.data.kind)?.plane ? WATCHABLE : null;
}

/** @param {number | null} speed */
export function rememberSpeed(speed) {
  storeChoice("speed", String(speed));
}
