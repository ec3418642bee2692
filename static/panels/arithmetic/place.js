/** The place of the output whose number is followed, and how it moves. */

/** @import { Arithmetic, Grid } from "../../network/window_arithmetic.js" */

/** @typedef {{ y: number, x: number }} Place of a map */

/** The nearest place that is on a map. @param {Grid} map @param {Place} place @returns {Place} */
export function placeWithin({ height, width }, { y, x }) {
  return { y: Math.max(0, Math.min(height - 1, y)), x: Math.max(0, Math.min(width - 1, x)) };
}

/** The place in the middle of a map. @param {Grid} map @returns {Place} */
export function middleOf({ height, width }) {
  return { y: height >> 1, x: width >> 1 };
}

/**
 * The place some steps further, row by row; after the last comes the first.
 *
 * @param {Grid} map @param {Place} place @param {number} by @returns {Place}
 */
export function placeAfter({ width, height }, { y, x }, by) {
  const next = (y * width + x + by + width * height) % (width * height);
  return { y: Math.floor(next / width), x: next % width };
}

/**
 * The place of the output whose window has a pixel of the input in its middle.
 *
 * @param {Arithmetic} arithmetic @param {Place} pixel @returns {Place}
 */
export function placeReading({ size, stride, padding, dilation, output }, { y, x }) {
  const centre = (/** @type {number} */ value, /** @type {0 | 1} */ axis) =>
    Math.round((value + padding[axis] - (dilation[axis] * (size[axis] - 1)) / 2) / stride[axis]);
  return placeWithin(output, { y: centre(y, 0), x: centre(x, 1) });
}
