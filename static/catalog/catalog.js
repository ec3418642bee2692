/** Questions to the catalog. */

/** @import { Catalog, CatalogItem, Experiment } from "../types.d.ts" */

/** Nodes share one namespace. */
const NODE_FAMILIES = ["layers", "activations", "blocks", "architectures"];

/**
 * @param {Catalog} catalog @param {string} kind @param {string[]} [families] @returns {CatalogItem |
 * undefined}
 */
export function findItem(catalog, kind, families = Object.keys(catalog)) {
  for (const family of families) {
    const found = catalog[family]?.find((item) => item.kind === kind);
    if (found) return found;
  }
  return undefined;
}

/** @param {Catalog} catalog @param {string} kind */
export function nodeItem(catalog, kind) {
  return findItem(catalog, kind, NODE_FAMILIES);
}

/** @param {Catalog} catalog @returns {CatalogItem[]} */
export function nodeItems(catalog) {
  return NODE_FAMILIES.flatMap((family) => catalog[family] ?? []);
}

/** @param {Catalog} catalog @param {string} kind */
export function folds(catalog, kind) {
  return nodeItem(catalog, kind)?.folds ?? false;
}

/** @param {Catalog} catalog @param {string} kind */
export function isActivation(catalog, kind) {
  return catalog["activations"]?.some((item) => item.kind === kind) ?? false;
}

/** @param {Catalog} catalog @param {Experiment} experiment */
export function dataset(catalog, experiment) {
  const item = findItem(catalog, experiment.data.kind, ["datasets"]);
  const names = experiment.data["names"]; // own data bring their own
  return item && Array.isArray(names) ? { ...item, classes: names.map(String) } : item;
}

/**
 * Names of the numbers (or channels) that the network gets. @param {Catalog} catalog @param {Experiment}
 * experiment @returns {string[]}
 */
export function inputNames(catalog, experiment) {
  const features = experiment.data["features"];
  if (Array.isArray(features)) return features.map(String);
  return dataset(catalog, experiment)?.inputs ?? [];
}
