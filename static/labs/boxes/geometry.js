/** Boxes as geometry: areas and overlap. Pure. */

import { area, overlap } from "../../core/boxes.js";

export { overlap };

/**
 * A box of the lab, in pixels of the scene; right and bottom are exclusive.
 *
 * @typedef {object} Box
 * @property {number} left
 * @property {number} top
 * @property {number} right
 * @property {number} bottom
 * @property {number} score from 0 to 1
 * @property {number} class
 */

/** The sides of the scene, the least side of a box, and how far a key moves one. */
export const SCENE = { width: 600, height: 400, least: 6, step: 2 };

/** The box that two share; upside down where they do not meet. @param {Box} one @param {Box} other @returns {Box} */
export function shared(one, other) {
  return {
    ...one,
    left: Math.max(one.left, other.left),
    top: Math.max(one.top, other.top),
    right: Math.min(one.right, other.right),
    bottom: Math.min(one.bottom, other.bottom),
  };
}

/** The smallest box around two. @param {Box} one @param {Box} other @returns {Box} */
export function hull(one, other) {
  return {
    ...one,
    left: Math.min(one.left, other.left),
    top: Math.min(one.top, other.top),
    right: Math.max(one.right, other.right),
    bottom: Math.max(one.bottom, other.bottom),
  };
}

/** What a pair of boxes measures. @param {Box} one @param {Box} other */
export function measured(one, other) {
  const both = area(shared(one, other));
  const union = area(one) + area(other) - both;
  const around = area(hull(one, other));
  const iou = union > 0 ? both / union : 0;
  return { shared: both, union, hull: around, iou, giou: around > 0 ? iou - (around - union) / around : 0 };
}
