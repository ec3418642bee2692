/** A cost surface as shares of its height, as pixels and as contour lines. */

/** @import { Rgb, Theme } from "./colors.js" */

import { magnitude, mix, pixel, rgb } from "./colors.js";

/** Heights above this share of the values are told apart evenly; below it, a valley is flat. */
const FLOOR = 1e-3;

/**
 * Heights as shares from 0 to 1 on a logarithmic scale above the least, so that the bottom of a valley
 * and the foot of a cliff are both seen. What is not finite stays NaN.
 *
 * @param {ArrayLike<number>} heights @param {number} least
 * @returns {{ shares: Float32Array, shareAt: (height: number) => number, heightAt: (share: number) => number
 * }}
 */
export function sharesOf(heights, least) {
  const above = Float64Array.from(heights, (height) => height - least);
  const sorted = above.filter(Number.isFinite).sort();
  const greatest = Math.max(sorted[sorted.length - 1] ?? 1, 1e-12);
  const middle = sorted[sorted.length >> 1] ?? 1;
  const floor = Math.max(middle * FLOOR, greatest * 1e-9);
  const [low, high] = [Math.log(floor), Math.log(greatest + floor)];
  const shareAt = (/** @type {number} */ height) =>
    Number.isFinite(height) ? (Math.log(Math.max(0, height - least) + floor) - low) / (high - low) : NaN;
  return {
    shares: Float32Array.from(heights, shareAt),
    shareAt,
    heightAt: (share) => Math.exp(low + share * (high - low)) - floor + least,
  };
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
  const shareAt = (/** @type {number} */ height) =>
    Number.isFinite(height) ? (even(height) - low) / (high - low || 1) : NaN;
  return { shares: Float32Array.from(heights, shareAt), shareAt };
}

/** @type {Record<Theme, { paper: Rgb, strength: number }>} */
const PAPER = {
  light: { paper: rgb("#fbfbfa"), strength: 0.62 },
  dark: { paper: rgb("#16171b"), strength: 0.66 },
};

/**
 * The colour of a share of the height: calm, so that what moves on it is seen.
 *
 * @param {number} share @param {Theme} theme @returns {Rgb}
 */
export function heightColor(share, theme) {
  const { paper, strength } = PAPER[theme];
  return mix(paper, magnitude(0.08 + 0.9 * share), strength);
}

/**
 * @param {Float32Array} shares @param {Theme} theme @returns {Uint32Array} a pixel for each; what is no
 * number is clear
 */
export function heightPixels(shares, theme) {
  const table = Uint32Array.from({ length: 256 }, (_, level) => pixel(heightColor(level / 255, theme)));
  return Uint32Array.from(shares, (share) =>
    Number.isNaN(share) ? 0 : (table[Math.round(255 * Math.min(1, Math.max(0, share)))] ?? 0),
  );
}

/**
 * The line along which a grid has one level, by marching squares: segments x0 y0 x1 y1 in columns and
 * rows of the grid.
 *
 * @param {ArrayLike<number>} values row by row @param {number} columns @param {number} rows @param {number}
 * level
 * @returns {number[]}
 */
export function isoline(values, columns, rows, level) {
  /** @type {number[]} */
  const segments = [];
  const at = (/** @type {number} */ column, /** @type {number} */ row) =>
    (values[row * columns + column] ?? NaN) - level;
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const [a, b, c, d] = [
        at(column, row),
        at(column + 1, row),
        at(column + 1, row + 1),
        at(column, row + 1),
      ];
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
