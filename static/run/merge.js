/** Two changed one document: what both of them made of it. Pure. */

/** @import { Json, JsonObject } from "../types.d.ts" */

import { isEqual, isObject } from "../core/json.js";

/**
 * The document with both changes, theirs and mine. Entries of a list that have names, as nodes have, are
 * told apart by them, so that one inserted before another does not move the changes of that other.
 *
 * @template T
 * @param {T} base what both began with @param {T} theirs @param {T} mine
 * @param {(theirs: Json | undefined, mine: Json | undefined) => Json | undefined} [settle] where both changed
 * one value
 * @returns {T}
 */
export function merged(base, theirs, mine, settle = (_, mine) => mine) {
  return /** @type {T} */ (
    merge(/** @type {Json} */ (base), /** @type {Json} */ (theirs), /** @type {Json} */ (mine), settle)
  );
}

/** @typedef {(theirs: Json | undefined, mine: Json | undefined) => Json | undefined} Settle */

/**
 * @param {Json | undefined} base @param {Json | undefined} theirs @param {Json | undefined} mine
 * @param {Settle} settle @returns {Json | undefined} undefined where it is removed
 */
function merge(base, theirs, mine, settle) {
  if (isEqual(base, theirs) || isEqual(theirs, mine)) return mine;
  if (isEqual(base, mine)) return theirs;
  if (
    isObject(base) &&
    isObject(theirs) &&
    isObject(mine) &&
    theirs["kind"] === mine["kind"] &&
    base["kind"] === mine["kind"]
  ) {
    return mergeObjects(base, theirs, mine, settle);
  }
  const lists = [named(base), named(theirs), named(mine)];
  const [from, their, own] = lists;
  return from && their && own ? mergeLists(from, their, own, settle) : settle(theirs, mine);
}

/**
 * @param {JsonObject} base @param {JsonObject} theirs @param {JsonObject} mine @param {Settle} settle
 * @returns {JsonObject}
 */
function mergeObjects(base, theirs, mine, settle) {
  /** @type {JsonObject} */
  const both = {};
  for (const name of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    const value = merge(base[name], theirs[name], mine[name], settle);
    if (value !== undefined) both[name] = value;
  }
  return both;
}

/**
 * @param {Map<string, Json>} base @param {Map<string, Json>} theirs @param {Map<string, Json>} mine
 * @param {Settle} settle @returns {Json[]}
 */
function mergeLists(base, theirs, mine, settle) {
  const moved = !isEqual(
    [...theirs.keys()].filter((name) => base.has(name)),
    [...base.keys()].filter((name) => theirs.has(name)),
  );
  const [order, other] = moved ? [theirs, mine] : [mine, theirs];
  const names = [...order.keys()];
  // What only the other has goes behind what it stands behind there.
  let behind = -1;
  for (const name of other.keys()) {
    const at = names.indexOf(name);
    if (at < 0) names.splice(behind + 1, 0, name);
    behind = at < 0 ? behind + 1 : at;
  }
  const gone = (/** @type {string} */ name) => base.has(name) && !theirs.has(name); // whatever I made of it
  return names.flatMap((name) =>
    gone(name) ? [] : (merge(base.get(name), theirs.get(name), mine.get(name), settle) ?? []),
  );
}

/**
 * The entries of a list by their names; null where some have none, or share one.
 *
 * @param {Json | undefined} list
 */
function named(list) {
  if (!Array.isArray(list)) return null;
  /** @type {Map<string, Json>} */
  const found = new Map();
  for (const each of list)
    if (isObject(each) && typeof each["name"] === "string") found.set(each["name"], each);
  return found.size === list.length ? found : null;
}
