/** What a hand makes of boxes in a scene: moved, resized, drawn. Pure. */

/** @import { Corners } from "../../core/boxes.js" */

import { area } from "../../core/boxes.js";

/**
 * The scene of boxes: its sides, the least side of a box, and how far a key moves one, all in its own pixels.
 *
 * @typedef {{ width: number, height: number, least: number, step: number }} Scene
 */

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

/** @param {number} value @param {number} low @param {number} high */
const bounded = (value, low, high) => Math.min(high, Math.max(low, Math.round(value)));

/**
 * The box moved, as far as the scene goes.
 *
 * @template {Corners} Box
 * @param {Scene} scene @param {Box} box @param {number} right @param {number} down @returns {Box}
 */
export function moved(scene, box, right, down) {
  const x = bounded(right, -box.left, scene.width - box.right);
  const y = bounded(down, -box.top, scene.height - box.bottom);
  return { ...box, left: box.left + x, top: box.top + y, right: box.right + x, bottom: box.bottom + y };
}

/**
 * The box with the edges of a handle moved: neither out of the scene nor over the opposite edge.
 *
 * @template {Corners} Box
 * @param {Scene} scene @param {Box} box @param {Handle} handle @param {number} right @param {number} down
 * @returns {Box}
 */
export function resized({ width, height, least }, box, [across, along], right, down) {
  const after = { ...box };
  if (across < 0) after.left = bounded(box.left + right, 0, box.right - least);
  if (across > 0) after.right = bounded(box.right + right, box.left + least, width);
  if (along < 0) after.top = bounded(box.top + down, 0, box.bottom - least);
  if (along > 0) after.bottom = bounded(box.bottom + down, box.top + least, height);
  return after;
}

/**
 * The box between two places, at least as large as a box must be; null where the hand has hardly moved.
 *
 * @param {Scene} scene @param {number} x @param {number} y @param {number} toX @param {number} toY
 * @returns {Corners | null}
 */
export function spanned({ width, height, least }, x, y, toX, toY) {
  const left = bounded(Math.min(x, toX), 0, width);
  const right = bounded(Math.max(x, toX), 0, width);
  const top = bounded(Math.min(y, toY), 0, height);
  const bottom = bounded(Math.max(y, toY), 0, height);
  return right - left < least || bottom - top < least ? null : { left, top, right, bottom };
}

/**
 * The handle of a box at a place; null where none is.
 *
 * @param {Corners} box @param {number} x @param {number} y @param {number} reach pixels of the scene
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

/**
 * The smallest box that contains a place; −1 for none.
 *
 * @param {Corners[]} boxes @param {number} x @param {number} y
 */
export function boxAt(boxes, x, y) {
  let [found, least] = [-1, Infinity];
  boxes.forEach((box, index) => {
    const inside = x >= box.left && x < box.right && y >= box.top && y < box.bottom;
    if (inside && area(box) < least) [found, least] = [index, area(box)];
  });
  return found;
}
