/** Weights that come and go: state dicts as blobs, and files made of a run. Loaded when one is wanted. */

/** @import { Experiment } from "../types.d.ts" */

import { ask, askJson, exportedRun } from "./api.js";

/** @typedef {{ weights: string, size: number }} KeptWeights */
/** @typedef {{ name: string, key: string, shape: number[] }} Taken a tensor, and its name in the state dict */
/**
 * @typedef {{
 *   total: number, taken: Taken[], refused: string[], fresh: string[], unused: string[], unfit: string[],
 * }} Comparison
 */
/** @typedef {"onnx" | "safetensors"} WeightFormat */

/** @param {Blob} file @returns {Promise<KeptWeights>} */
export async function postWeights(file) {
  const headers = { "Content-Type": "application/octet-stream" };
  return (await ask("/api/weights", { method: "POST", body: file, headers })).json();
}

/** The weights that a run has now, for others to start from. @param {string} id @returns {Promise<KeptWeights>} */
export const weightsOfRun = (id) =>
  askJson(`/api/runs/${encodeURIComponent(id)}/weights`, { method: "POST" });

/**
 * The state dict that an experiment starts from beside its network.
 *
 * @param {Experiment} experiment @returns {Promise<Comparison>}
 */
export const compareWeights = (experiment) =>
  askJson("/api/weights/comparison", { method: "POST", json: { experiment } });

/**
 * A run's network with its weights.
 *
 * @param {string} id @param {WeightFormat} format @param {string} checkpoint empty: as it is now
 */
export const exportedWeights = (id, format, checkpoint) =>
  exportedRun(id, format, checkpoint ? `&checkpoint=${encodeURIComponent(checkpoint)}` : "");
