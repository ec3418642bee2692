/** Boxes as geometry: areas, overlap, and what a hand makes of them. Pure. */

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

/** The sides of the scene. */
export const SCENE = { width: 600, height: 400 };

/** The least side of a box. */
export const LEAST = 6;

/** The edges that a handle moves: −1 left or top, 1 right or bottom, 0 neither. @typedef {[number, number]} Handle */

/** @type {Handle[]} */
export const HANDLES = [
  [-1, -1],
  [0, -1],
  [1, -1],
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 1],
  [-1, 0],
];

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

/** @param {number} value @param {number} low @param {number} high */
const bounded = (value, low, high) => Math.min(high, Math.max(low, Math.round(value)));

/**
 * The box moved, as far as the scene goes.
 *
 * @param {Box} box @param {number} right @param {number} down @returns {Box}
 */
export function moved(box, right, down) {
  const x = bounded(right, -box.left, SCENE.width - box.right);
  const y = bounded(down, -box.top, SCENE.height - box.bottom);
  return { ...box, left: box.left + x, top: box.top + y, right: box.right + x, bottom: box.bottom + y };
}

/**
 * The box with the edges of a handle moved: neither out of the scene nor over the opposite edge.
 *
 * @param {Box} box @param {Handle} handle @param {number} right @param {number} down @returns {Box}
 */
export function resized(box, [across, along], right, down) {
  const after = { ...box };
  if (across < 0) after.left = bounded(box.left + right, 0, box.right - LEAST);
  if (across > 0) after.right = bounded(box.right + right, box.left + LEAST, SCENE.width);
  if (along < 0) after.top = bounded(box.top + down, 0, box.bottom - LEAST);
  if (along > 0) after.bottom = bounded(box.bottom + down, box.top + LEAST, SCENE.height);
  return after;
}

/**
 * The box between two places, at least as large as a box must be; null where the hand has hardly moved.
 *
 * @param {number} x @param {number} y @param {number} toX @param {number} toY
 * @returns {Pick<Box, "left" | "top" | "right" | "bottom"> | null}
 */
export function spanned(x, y, toX, toY) {
  const left = bounded(Math.min(x, toX), 0, SCENE.width);
  const right = bounded(Math.max(x, toX), 0, SCENE.width);
  const top = bounded(Math.min(y, toY), 0, SCENE.height);
  const bottom = bounded(Math.max(y, toY), 0, SCENE.height);
  return right - left < LEAST || bottom - top < LEAST ? null : { left, top, right, bottom };
}

/**
 * The handle of a box at a place; null where none is.
 *
 * @param {Box} box @param {number} x @param {number} y @param {number} reach pixels of the scene
 */
export function handleAt({ left, top, right, bottom }, x, y, reach) {
  const places = HANDLES.map(([across, along]) => [
    (left + right + across * (right - left)) / 2,
    (top + bottom + along * (bottom - top)) / 2,
  ]);
  const distances = places.map(([px = 0, py = 0]) => Math.max(Math.abs(px - x), Math.abs(py - y)));
  const nearest = distances.indexOf(Math.min(...distances));
  return (distances[nearest] ?? Infinity) <= reach ? (HANDLES[nearest] ?? null) : null;
}

/** The smallest box that contains a place; −1 for none. @param {Box[]} boxes @param {number} x @param {number} y */
export function boxAt(boxes, x, y) {
  let [found, least] = [-1, Infinity];
  boxes.forEach((box, index) => {
    const inside = x >= box.left && x < box.right && y >= box.top && y < box.bottom;
    if (inside && area(box) < least) [found, least] = [index, area(box)];
  });
  return found;
}
