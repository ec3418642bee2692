/** Which of several replicas is shown. Pure. */

/** @import { JsonObject } from "../types.d.ts" */
/** @import { State } from "./state.js" */

import { isScalar } from "./rows.js";

/** How many replicas train side by side. @param {Pick<State, "experiment">} state */
export function replicasOf({ experiment }) {
  const replicas = Number(experiment?.training["replicas"]);
  return replicas > 1 ? replicas : 1;
}

/** The replica that is shown, of those that an edit has left. @param {Pick<State, "experiment" | "replica">} state */
export function shownReplica(state) {
  return Math.min(state.replica, replicasOf(state) - 1);
}

/**
 * Probes of the replica that is shown. Rows are replica 0's, with the range of all beside them.
 *
 * @param {Pick<State, "experiment" | "replica">} state @param {JsonObject[]} probes @returns {JsonObject[]}
 */
export function ofShownReplica(state, probes) {
  const replica = shownReplica(state);
  if (replica === 0) return probes;
  return probes.map((probe) => (isScalar(String(probe["kind"])) ? probe : { ...probe, replica }));
}
