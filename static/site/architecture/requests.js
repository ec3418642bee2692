/** What the pages of architectures ask the server for. */

/** @import { Experiment } from "../../types.d.ts" */
/** @import { Kind, PlanNode, Variant } from "./folding.js" */

import { askJson } from "../../core/api.js";

/** @param {string} kind @param {URLSearchParams} query @returns {Promise<Variant>} */
export const getVariant = (kind, query) => askJson(`/api/architectures/${kind}?${query}`);

/**
 * The blocks that the timeline draws.
 *
 * @returns {Promise<{ drawn: Record<string, { nodes: PlanNode[] }>, kinds: Record<string, Kind> }>}
 */
export const getDrawn = () => askJson("/api/architectures");

/** @param {string} kind @returns {Promise<Experiment>} */
export const getSmallExperiment = (kind) => askJson(`/api/architectures/${kind}/small`);

/** @param {string} kind @param {URLSearchParams} query @returns {Promise<Experiment>} */
export const getFullExperiment = (kind, query) => askJson(`/api/architectures/${kind}/experiment?${query}`);

/**
 * A new run; `paused`: it waits to be played.
 *
 * @param {Experiment} experiment @param {"playing" | "paused"} start @returns {Promise<{ id: string }>}
 */
export const beginRun = (experiment, start) =>
  askJson("/api/runs", { method: "POST", json: { experiment, start, unwatched: "pause" } });
