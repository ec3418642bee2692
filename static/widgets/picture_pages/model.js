/** Which pictures of a set a page of them shows, and which frames are of these. Pure. */

/** @import { JsonObject } from "../../types.d.ts" */

import { isEqual } from "../../core/json.js";

/** Pictures at a time. */
export const COUNT = 6;

/**
 * The positions of the pictures of a page, from its first on; after the last of the set comes its first.
 *
 * @param {number} first @param {number} size of the set
 */
export function placesOf(first, size) {
  return Array.from({ length: Math.min(COUNT, size) }, (_, at) => (first + at) % size);
}

/** The first position of the page so many pages on. @param {number} first @param {number} by @param {number} size */
export function turned(first, by, size) {
  return (((first + by * COUNT) % size) + size) % size;
}

/**
 * Whether a frame that answers one demand shows what another wants: two panels may ask for pages of the same probe.
 *
 * @param {JsonObject} asked @param {JsonObject} wanted
 */
export function isAnswer(asked, wanted) {
  return ["kind", "set", "samples"].every((part) => isEqual(asked[part] ?? null, wanted[part] ?? null));
}
