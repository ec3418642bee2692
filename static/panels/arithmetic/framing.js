/** Where a map stands on its canvas, with the padding around it, and where the window on it is. */

/** @import { Grid } from "../../network/window_arithmetic.js" */
/** @import { Place } from "./place.js" */

/** Pixels of the canvas that a pixel of a map takes at most, and what is left free around the map. */
const MOST_CELL = 40;
const MARGIN = 4;

/** @typedef {{ top: number, left: number, bottom: number, right: number }} Extent in pixels of a map */

/** @typedef {{ left: number, top: number, cell: number }} View where pixel (0, 0) stands, and how large pixels are */

/**
 * The least rectangle around some places; null where there are none.
 *
 * @param {Place[]} places @returns {Extent | null}
 */
export function extentOf(places) {
  const [first] = places;
  if (!first) return null;
  return places.reduce(
    (extent, { y, x }) => ({
      top: Math.min(extent.top, y),
      left: Math.min(extent.left, x),
      bottom: Math.max(extent.bottom, y + 1),
      right: Math.max(extent.right, x + 1),
    }),
    { top: first.y, left: first.x, bottom: first.y + 1, right: first.x + 1 },
  );
}

/**
 * How far an extent reaches over a map, on the side where it is most.
 *
 * @param {Grid} map @param {Extent | null} extent
 */
export function overhangOf({ height, width }, extent) {
  if (!extent) return 0;
  return Math.max(0, -extent.top, -extent.left, extent.bottom - height, extent.right - width);
}

/**
 * A map in the middle of a canvas, as large as it can be with so much padding around it.
 *
 * @param {Grid} map @param {{ width: number, height: number }} canvas @param {number} around @returns {View}
 */
export function viewOf(map, { width, height }, around) {
  const across = (width - MARGIN) / (map.width + 2 * around);
  const down = (height - MARGIN) / (map.height + 2 * around);
  const cell = Math.max(1, Math.min(across, down, MOST_CELL));
  return { cell, left: (width - map.width * cell) / 2, top: (height - map.height * cell) / 2 };
}

/**
 * An extent on the canvas.
 *
 * @param {View} view @param {Extent} extent
 * @returns {[left: number, top: number, width: number, height: number]}
 */
export function boxOf({ left, top, cell }, extent) {
  return [
    left + extent.left * cell,
    top + extent.top * cell,
    (extent.right - extent.left) * cell,
    (extent.bottom - extent.top) * cell,
  ];
}

/**
 * The pixel of a map under a point of the canvas; null beside the map.
 *
 * @param {Grid} map @param {View} view @param {number} left @param {number} top @returns {Place | null}
 */
export function pixelUnder({ height, width }, view, left, top) {
  const [y, x] = [Math.floor((top - view.top) / view.cell), Math.floor((left - view.left) / view.cell)];
  return y >= 0 && x >= 0 && y < height && x < width ? { y, x } : null;
}
