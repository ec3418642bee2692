/** Questions to the catalog. */

/** @import { Catalog, CatalogItem, Experiment, Role } from "../types.d.ts" */

import { capital } from "../core/format.js";

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

/** What an item is, without its label in front. @param {CatalogItem} item */
export function descriptionOf({ summary }) {
  return capital(summary.replace(/^[^:]*:\s*/, ""));
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

/** @param {Catalog} catalog @param {string} kind @returns {Role | null} */
export function roleOf(catalog, kind) {
  return nodeItem(catalog, kind)?.role ?? null;
}

/** Whether nodes of a kind join any number of inputs. @param {Catalog} catalog @param {string} kind */
export function joins(catalog, kind) {
  return nodeItem(catalog, kind)?.arity?.[1] === null;
}

/** Whether nodes of a kind can read what has so many axes. @param {CatalogItem} item @param {number} axes */
export function takes({ takes: possible }, axes) {
  return !possible || possible.includes(axes);
}

/**
 * The kind of node that has a role where something of so many axes arrives: the most usual one.
 *
 * @param {Catalog} catalog @param {Role} role @param {number} axes @returns {CatalogItem}
 */
export function nodeOfRole(catalog, role, axes) {
  const able = nodeItems(catalog).filter((item) => item.role === role && takes(item, axes));
  const [found] = able.sort((one, other) => (one.usual ?? Infinity) - (other.usual ?? Infinity));
  if (!found) throw new Error(`no node does ${role} where ${axes} axes arrive`);
  return found;
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
 * What the targets of the run's data are: class, values, masks, …; null where that is not known.
 *
 * @param {{ catalog: Catalog, experiment: Experiment | null }} state
 */
export function targetsOf({ catalog, experiment }) {
  return (experiment && dataset(catalog, experiment)?.family) ?? null;
}

/**
 * Whether samples are points of a plane, over which each unit is a function that can be drawn.
 *
 * @param {Catalog} catalog @param {Experiment | null} experiment
 */
export function hasPlane(catalog, experiment) {
  return experiment !== null && Boolean(dataset(catalog, experiment)?.plane);
}

/**
 * Names of the numbers (or channels) that the network gets.
 *
 * @param {Catalog} catalog @param {Experiment} experiment @returns {string[]}
 */
export function inputNames(catalog, experiment) {
  const features = experiment.data["features"];
  if (Array.isArray(features)) return features.map(String);
  return dataset(catalog, experiment)?.inputs ?? [];
}

/**
 * The catalogue with entries of items that are not installed any more, which a run brings along.
 *
 * @param {Catalog} catalog @param {Catalog} more @returns {Catalog}
 */
export function withEntries(catalog, more) {
  const added = Object.entries(more).map(([family, entries]) => {
    const known = catalog[family] ?? [];
    const kinds = new Set(known.map(({ kind }) => kind));
    return [family, [...known, ...entries.filter(({ kind }) => !kinds.has(kind))]];
  });
  return added.length ? { ...catalog, ...Object.fromEntries(added) } : catalog;
}
