/** The settings of the lab: the study's options, and what follows from changing one. Pure. */

/** @import { Json, Schema } from "../../types.d.ts" */
/** @import { Result, Settings } from "./result.js" */

import { withValue } from "../../core/json.js";
import { flipped, resizedKernel, resizedPicture, stroke } from "./numbers.js";

/** Filters that are 3×3 whatever the side. */
const FIXED = new Set(["sharpen", "sobel_x", "sobel_y", "emboss"]);
/** How far a picture can be shifted. */
const FARTHEST = 32;

/** The study's own defaults. @param {Schema} schema @returns {Settings} */
export function defaults(schema) {
  const options = Object.entries(schema.properties ?? {}).filter(([name]) => name !== "kind");
  return /** @type {Settings} */ (
    /** @type {unknown} */ (Object.fromEntries(options.map(([name, each]) => [name, each.default ?? null])))
  );
}

/** Fields that only sometimes say anything. */
export const CONDITIONAL = ["digit", "side", "border"];

/** Whether a field says anything as things are. @param {Settings} settings @param {string} name */
export function counts({ picture, filter, padding }, name) {
  if (name === "digit") return picture === "digit";
  if (name === "side") return !FIXED.has(filter);
  return name !== "border" || padding === "number";
}

/**
 * The settings with one changed, and with what follows: a filter that is written begins with the one before,
 * a drawing with the picture before, and both keep their numbers in another size.
 *
 * @param {Settings} settings @param {Result | null} result of them @param {string} name @param {Json} value
 * @returns {Settings}
 */
export function changed(settings, result, name, value) {
  if (name === "side" && !counts(settings, name)) return settings;
  const after = /** @type {Settings} */ (withValue(/** @type {any} */ (settings), `/${name}`, value));
  const { filter, picture, side, size, values, weights } = settings;
  if (name === "filter") Object.assign(after, value === "own" ? written(result) : { weights: null });
  if (name === "side" && filter === "own" && weights)
    after.weights = resizedKernel(weights, side, after.side);
  if (name === "picture") after.values = value === "drawn" ? drawnOver(result, size) : null;
  if (name === "size" && picture === "drawn" && values)
    after.values = resizedPicture(values, size, after.size);
  return after;
}

/** The filter as it is written now: turned back where it was flipped. @param {Result | null} result */
function written(result) {
  if (!result) return { side: 3, weights: [0, 0, 0, 0, 1, 0, 0, 0, 0] };
  const applied = Array.from(result.kernel, (each) => Number(each.toPrecision(6)));
  return {
    side: result.sizes.kernel,
    weights: result.settings.mode === "convolution" ? flipped(applied) : applied,
  };
}

/** What a drawing begins with. @param {Result | null} result @param {number} size */
function drawnOver(result, size) {
  return result ? Array.from(result.input, (each) => Number(each.toFixed(2))) : new Array(size ** 2).fill(0);
}

/**
 * A drawing with one stroke more; null where nothing is drawn on.
 *
 * @param {Settings} settings @param {[number, number]} from row and column @param {[number, number]} to
 * @param {number} value 1 draws, 0 rubs out
 */
export function drawn({ picture, size, values }, from, to, value) {
  if (picture !== "drawn" || !values) return null;
  const after = [...values];
  for (const [row, column] of stroke(from, to)) after[row * size + column] = value;
  return after;
}

/**
 * A shift further down and right; back to none where both are 0.
 *
 * @param {[number, number]} shift @param {number} down @param {number} right @returns {[number, number]}
 */
export function shifted([before, beside], down, right) {
  const bounded = (/** @type {number} */ by) => Math.min(FARTHEST, Math.max(-FARTHEST, by));
  return down === 0 && right === 0 ? [0, 0] : [bounded(before + down), bounded(beside + right)];
}
