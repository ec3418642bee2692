/**
 * What can be looked at in a network, before anything is asked for: by what the server says lies on the way to each
 * node (engine/network/way.py).
 */

/** @import { Catalog, Description } from "../types.d.ts" */

import { nodeName } from "../core/format.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  withoutRule: [
    "{name} is {label}, for which neither the deconvnet nor guided backprop has a rule. They know",
    "ReLU and leaky ReLU.",
  ],
  withoutReluWould: "Without a ReLU it would be the plain gradient: see saliency.",
  weighsFeatureMaps: "It weighs feature maps, and this network has none: add a convolution.",
});

/** All that a node depends on, itself included. @param {Description} description @param {string} node */
function wayTo(description, node) {
  return description.nodes.find(({ name }) => name === node)?.way;
}

/** @param {import("../types.d.ts").Role} role @returns {(description: Description, node: string) => boolean} */
const meets = (role) => (description, node) => wayTo(description, node)?.roles.includes(role) ?? false;

/** Local normalisations are passed by on the way down, unless their gradient is wanted. */
export const hasLocalNorm = meets("local_normalization");
export const hasMaxPool = meets("max_pooling");
export const hasBatchNorm = meets("batch_normalization");

/**
 * The nodes that give feature maps. A matrix may also be of times and features: only where each of its places sees
 * a window of the samples it is maps of a signal.
 *
 * @param {Description | null} description @returns {string[]}
 */
export function withMaps(description) {
  if (!description) return [];
  const axes = axesOf(description);
  return description.nodes
    .filter(({ shape }) => axes > 0 && shape.length === axes + 1)
    .filter(({ receptive_field: field }) => axes > 1 || (field?.length ?? 0) > 0)
    .map(({ name }) => name);
}

/** Along how many axes samples have places: 1 for signals, 3 for volumes. @param {Description | null} description */
export function axesOf(description) {
  return (description?.input.shape.length ?? 1) - 1;
}

/**
 * The convolution that reads the picture.
 *
 * @param {Description | null} description @returns {string} its name; empty where there is none
 */
export function firstConvolution(description) {
  return (
    description?.nodes.find(
      ({ slides, inputs }) => slides && inputs.every((input) => input === description.input.name),
    )?.name ?? ""
  );
}

/** Whether samples have places to look into: signals, pictures, volumes. @param {Description | null} description */
export function hasPlaces(description) {
  return axesOf(description) > 0;
}

/**
 * Why a node's signal cannot be propagated back by a rule; null where it can.
 *
 * @param {Description} description @param {Catalog} catalog @param {string} node
 */
export function ruleRefusal(description, catalog, node) {
  const stranger = description.nodes.find(({ name }) => name === wayTo(description, node)?.unruled);
  const label = catalog["activations"]?.find(({ kind }) => kind === stranger?.kind)?.label;
  return stranger ? TEXTS.withoutRule({ name: nodeName(stranger.name), label: label ?? "" }) : null;
}

/**
 * Why an attribution method does not apply to the network; null where it does.
 *
 * @param {Description} description @param {Catalog} catalog @param {string} method
 */
export function methodRefusal(description, catalog, method) {
  const answer = description.outputs[0] ?? "";
  const way = wayTo(description, answer);
  if (method === "deconvnet" || method === "guided") {
    return ruleRefusal(description, catalog, answer) ?? (way?.rectified ? null : TEXTS.withoutReluWould);
  }
  if (method === "grad_cam") {
    return way?.maps && way.roles.includes("convolution") ? null : TEXTS.weighsFeatureMaps;
  }
  return null;
}
