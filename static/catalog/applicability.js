/**
 * What can be looked at in a network: the words of `engine/attribution/applicability.py`, before anything is asked
 * for.
 */

/** @import { Catalog, DescribedNode, Description } from "../types.d.ts" */

/**
 * @param {Description} description @param {string} node @returns {DescribedNode[]} what a node depends on,
 * and it
 */
export function dependenciesOf(description, node) {
  const needed = new Set([node]);
  return description.nodes
    .toReversed()
    .filter(({ name, inputs }) => needed.has(name) && inputs.every((input) => needed.add(input)))
    .toReversed();
}

/**
 * Local normalisations are passed by on the way down, unless their gradient is wanted. @param {Description}
 * description @param {string} node
 */
export function hasLocalNorm(description, node) {
  return dependenciesOf(description, node).some(({ role }) => role === "local_normalization");
}

/** @param {Description} description @param {string} node */
export function hasMaxPool(description, node) {
  return dependenciesOf(description, node).some(({ role }) => role === "max_pooling");
}

/** @param {Description} description @param {string} node */
export function hasBatchNorm(description, node) {
  return dependenciesOf(description, node).some(({ role }) => role === "batch_normalization");
}

/** The nodes that give feature maps. @param {Description | null} description @returns {string[]} */
export function withMaps(description) {
  return description?.nodes.filter(({ shape }) => shape.length === 3).map(({ name }) => name) ?? [];
}

/**
 * The convolution that reads the picture. @param {Description | null} description @returns {string} its name;
 * empty where there is none
 */
export function firstConvolution(description) {
  return (
    description?.nodes.find(
      ({ slides, inputs }) => slides && inputs.every((input) => input === description.input.name),
    )?.name ?? ""
  );
}

/** Whether samples are pictures: channels × height × width. @param {Description | null} description */
export function hasPictures(description) {
  return description?.input.shape.length === 3;
}

/**
 * Why a node's signal cannot be propagated back by a rule; null where it can.
 *
 * @param {Description} description @param {Catalog} catalog @param {string} node
 */
export function ruleRefusal(description, catalog, node) {
  const activations = new Map((catalog["activations"] ?? []).map(({ kind, label }) => [kind, label]));
  const stranger = dependenciesOf(description, node).find(
    ({ kind, downward }) => activations.has(kind) && !downward,
  );
  return stranger
    ? `${stranger.name} is ${activations.get(stranger.kind)}, for which neither the deconvnet nor ` +
        "guided backprop has a rule. They know ReLU and leaky ReLU."
    : null;
}

/**
 * Why an attribution method does not apply to the network; null where it does.
 *
 * @param {Description} description @param {Catalog} catalog @param {string} method
 */
export function methodRefusal(description, catalog, method) {
  const answer = description.outputs[0] ?? "";
  const way = dependenciesOf(description, answer);
  if (method === "deconvnet" || method === "guided") {
    const rectified = way.some(({ downward }) => downward === "rectified");
    return (
      ruleRefusal(description, catalog, answer) ??
      (rectified ? null : "Without a ReLU it would be the plain gradient: see saliency.")
    );
  }
  if (method === "grad_cam") {
    const maps = way.some(
      ({ role, shape: [, height = 1, width = 1], shape }) =>
        shape.length === 3 && height * width > 1 && role !== "max_pooling" && role !== "average_pooling",
    );
    return maps && way.some(({ role }) => role === "convolution")
      ? null
      : "It weighs feature maps, and this network has none: add a convolution.";
  }
  return null;
}
