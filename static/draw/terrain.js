/** A cost surface as shares of its height, as pixels and as contour lines; and markers on it. */

/** @import { Rgb, Theme } from "./colors.js" */

import { MARKERS, magnitude, mix, pixel, rgb } from "./colors.js";

/** Heights above this share of the values are told apart evenly; below it, a valley is flat. */
const FLOOR = 1e-3;

/**
 * Heights as shares from 0 to 1 on a logarithmic scale above the least, so that the bottom of a valley
 * and the foot of a cliff are both seen. What is not finite stays NaN.
 *
 * @param {ArrayLike<number>} heights @param {number} least
 * @returns {{ shares: Float32Array, shareAt: (height: number) => number, heightAt: (share: number) => number }}
 */
export function sharesOf(heights, least) {
  const above = Float64Array.from(heights, (height) => height - least);
  const sorted = above.filter(Number.isFinite).sort();
  const greatest = Math.max(sorted[sorted.length - 1] ?? 1, 1e-12);
  const middle = sorted[sorted.length >> 1] ?? 1;
  const floor = Math.max(middle * FLOOR, greatest * 1e-9);
  const [low, high] = [Math.log(floor), Math.log(greatest + floor)];
  const shareAt = (/** @type {number} */ height) => (Number.isFinite(height) ? (Math.log(Math.max(0, height - least) + floor) - low) / (high - low) : NaN);
  return { shares: Float32Array.from(heights, shareAt), shareAt, heightAt: (share) => Math.exp(low + share * (high - low)) - floor + least };
}

/**
 * Heights without a least one as shares from 0 to 1: even about their middle, closer and closer far from it.
 *
 * @param {ArrayLike<number>} heights
 * @returns {{ shares: Float32Array, shareAt: (height: number) => number }}
 */
export function sharesAbout(heights) {
  const sorted = Float64Array.from(heights).filter(Number.isFinite).sort();
  const quantile = (/** @type {number} */ share) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const middle = quantile(0.5);
  const spread = Math.max(quantile(0.85) - quantile(0.15), 1e-12);
  const even = (/** @type {number} */ height) => Math.asinh((2 * (height - middle)) / spread);
  const [low, high] = [even(quantile(0)), even(quantile(1))];
  const shareAt = (/** @type {number} */ height) => (Number.isFinite(height) ? (even(height) - low) / (high - low || 1) : NaN);
  return { shares: Float32Array.from(heights, shareAt), shareAt };
}

/** @type {Record<Theme, { paper: Rgb, strength: number }>} */
const PAPER = { light: { paper: rgb("#fbfbfa"), strength: 0.62 }, dark: { paper: rgb("#16171b"), strength: 0.66 } };

/** The colour of a share of the height: calm, so that what moves on it is seen. @param {number} share @param {Theme} theme @returns {Rgb} */
export function heightColor(share, theme) {
  const { paper, strength } = PAPER[theme];
  return mix(paper, magnitude(0.08 + 0.9 * share), strength);
}

/** @param {Float32Array} shares @param {Theme} theme @returns {Uint32Array} a pixel for each; what is no number is clear */
export function heightPixels(shares, theme) {
  const table = Uint32Array.from({ length: 256 }, (_, level) => pixel(heightColor(level / 255, theme)));
  return Uint32Array.from(shares, (share) => (Number.isNaN(share) ? 0 : (table[Math.round(255 * Math.min(1, Math.max(0, share)))] ?? 0)));
}

/**
 * The line along which a grid has one level, by marching squares: segments x0 y0 x1 y1 in columns and
 * rows of the grid.
 *
 * @param {ArrayLike<number>} values row by row @param {number} columns @param {number} rows @param {number} level
 * @returns {number[]}
 */
export function isoline(values, columns, rows, level) {
  /** @type {number[]} */
  const segments = [];
  const at = (/** @type {number} */ column, /** @type {number} */ row) => (values[row * columns + column] ?? NaN) - level;
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const [a, b, c, d] = [at(column, row), at(column + 1, row), at(column + 1, row + 1), at(column, row + 1)];
      if (Number.isNaN(a + b + c + d)) continue;
      /** @type {number[]} */
      const crossings = [];
      if (a > 0 !== b > 0) crossings.push(column + a / (a - b), row);
      if (b > 0 !== c > 0) crossings.push(column + 1, row + b / (b - c));
      if (d > 0 !== c > 0) crossings.push(column + d / (d - c), row + 1);
      if (a > 0 !== d > 0) crossings.push(column, row + a / (a - d));
      // Of a saddle's four crossings, the middle decides which belong together.
      if (crossings.length === 8 && a > 0 !== a + b + c + d > 0) crossings.push(...crossings.splice(0, 2));
      segments.push(...crossings);
    }
  }
  return segments;
}

/**
 * One of the eight markers, filled and outlined with what the context has.
 *
 * @param {CanvasRenderingContext2D} context @param {number} index @param {number} x @param {number} y @param {number} radius
 */
export function drawMarker(context, index, x, y, radius) {
  const marker = MARKERS[index % MARKERS.length];
  context.beginPath();
  switch (marker) {
    case "square":
      context.rect(x - 0.88 * radius, y - 0.88 * radius, 1.76 * radius, 1.76 * radius);
      break;
    case "triangle":
      polygon(context, x, y + 0.1 * radius, 1.2 * radius, 3, -90);
      break;
    case "diamond":
      polygon(context, x, y, 1.2 * radius, 4, -90);
      break;
    case "cross":
      crossed(context, x, y, 1.15 * radius, 45);
      break;
    case "plus":
      crossed(context, x, y, 1.15 * radius, 0);
      break;
    case "star":
      star(context, x, y, 1.3 * radius);
      break;
    case "ring":
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.moveTo(x + 0.4 * radius, y);
      context.arc(x, y, 0.4 * radius, 0, 2 * Math.PI, true);
      break;
    default:
      context.arc(x, y, radius, 0, 2 * Math.PI);
  }
  context.closePath();
  context.fill();
  context.stroke();
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius @param {number} corners @param {number} turn in degrees */
function polygon(context, x, y, radius, corners, turn) {
  for (let corner = 0; corner < corners; corner++) {
    const angle = ((turn + (360 * corner) / corners) * Math.PI) / 180;
    context.lineTo(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
  }
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius */
function star(context, x, y, radius) {
  for (let corner = 0; corner < 10; corner++) {
    const angle = ((-90 + 36 * corner) * Math.PI) / 180;
    const reach = corner % 2 ? 0.48 * radius : radius;
    context.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
  }
}

/** A thick cross. @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius @param {number} turn in degrees */
function crossed(context, x, y, radius, turn) {
  const [cos, sin] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
  const arm = 0.38;
  for (const [u, v] of /** @type {[number, number][]} */ ([[-arm, -1], [arm, -1], [arm, -arm], [1, -arm], [1, arm], [arm, arm], [arm, 1], [-arm, 1], [-arm, arm], [-1, arm], [-1, -arm], [-arm, -arm]])) {
    context.lineTo(x + radius * (u * cos - v * sin), y + radius * (u * sin + v * cos));
  }
}
