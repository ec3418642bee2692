/** What a frame of the `surface` probe says, as numbers and pixels. */

/** @import { Frame } from "../types.d.ts" */
/** @import { Theme } from "./colors.js" */

import { certaintyTable, divergingTable } from "./colors.js";
import { centredTable } from "./heatmap.js";

/**
 * @typedef {{ levels: Uint8Array, count: number, width: number, height: number, ranges: Float32Array }}
 * Pictures
 */

/**
 * Pictures by name: (height, width) or (count, height, width) with `<name>.range` beside them; of volumes
 * (count, depth, height, width) one slice each.
 *
 * @param {Frame} frame @param {string} name @param {number} [slice] which, as a share of the depth
 * @returns {Pictures | null}
 */
export function picturesOf(frame, name, slice = 0) {
  const array = frame.arrays.get(name);
  const ranges = frame.arrays.get(`${name}.range`);
  if (!array || !ranges || !(array.data instanceof Uint8Array) || !(ranges.data instanceof Float32Array))
    return null;
  const [width = 1, height = 1, ...outer] = [...array.shape].reverse();
  const [count = 1, depth = 1] = array.shape.length === 4 ? [outer[1], outer[0]] : [outer[0]];
  const levels = depth === 1 ? array.data : slices(array.data, count, depth, width * height, slice);
  return { levels, count, width, height, ranges: ranges.data };
}

/**
 * One slice of each of several volumes.
 *
 * @param {Uint8Array} levels (count, depth, size), `size` numbers a slice
 * @param {number} count @param {number} depth @param {number} size
 * @param {number} slice share of the depth
 */
export function slices(levels, count, depth, size, slice) {
  const index = sliceAt(depth, slice);
  const chosen = new Uint8Array(count * size);
  for (let volume = 0; volume < count; volume++) {
    const start = (volume * depth + index) * size;
    chosen.set(levels.subarray(start, start + size), volume * size);
  }
  return chosen;
}

/** The slice that lies at a share of the depth. @param {number} depth @param {number} share */
export function sliceAt(depth, share) {
  return Math.min(depth - 1, Math.max(0, Math.floor(share * depth)));
}

/**
 * The sample of a frame, its channels as pictures; of a volume's, one slice.
 *
 * @param {Frame} frame @param {number} slice share of the depth
 * @returns {Pictures | null}
 */
export function sampleOf(frame, slice) {
  const pictures = picturesOf(frame, "sample", slice);
  if (!pictures) return null;
  const [low = 0, high = 0] = pictures.ranges; // one range for all channels
  const ranges = Float32Array.from({ length: 2 * pictures.count }, (_, at) => (at % 2 ? high : low));
  return { ...pictures, ranges };
}

/** @param {Pictures} pictures @param {number} index */
export function pictureAt({ levels, width, height }, index) {
  return levels.subarray(index * width * height, (index + 1) * width * height);
}

/** @param {Pictures} pictures @param {number} index @returns {[number, number]} */
export function rangeAt({ ranges }, index) {
  return [ranges[2 * index] ?? 0, ranges[2 * index + 1] ?? 0];
}

/** Steps between the least and the greatest value of a picture: what lies between two is not told apart. */
export const LEVELS = 255;

/**
 * Which pixel of a picture is at a place; x and y are shares from the top left.
 *
 * @param {Pictures} pictures @param {number} x @param {number} y
 */
export function pixelAt({ width, height }, x, y) {
  const column = Math.min(width - 1, Math.max(0, Math.floor(x * width)));
  const row = Math.min(height - 1, Math.max(0, Math.floor(y * height)));
  return row * width + column;
}

/**
 * The value at a place of a picture; x and y are shares from the top left.
 *
 * @param {Pictures} pictures @param {number} index @param {number} x @param {number} y
 */
export function valueIn(pictures, index, x, y) {
  const level = pictureAt(pictures, index)[pixelAt(pictures, x, y)] ?? 0;
  const [low, high] = rangeAt(pictures, index);
  return low + ((high - low) * level) / LEVELS;
}

/**
 * The colours for the levels of one unit: zero is neutral, its own greatest value is the full colour.
 * Bounded activations keep ±1 as their ends, so that a unit that says little looks pale.
 *
 * @param {number} low @param {number} high @param {Theme} theme
 */
export function unitTable(low, high, theme) {
  return centredTable(divergingTable(theme), low, high, Math.max(1, Math.abs(low), Math.abs(high)));
}

/**
 * What a unit does over the plane as pixels, and the value at either end of its colours.
 *
 * @param {Frame | undefined} frame @param {string} column @param {number} unit @param {Theme} theme
 * @returns {{ pixels: Uint32Array, width: number, height: number, end: number } | null}
 */
export function unitPixels(frame, column, unit, theme) {
  const pictures = frame && picturesOf(frame, `unit/${column}`);
  if (!pictures || unit >= pictures.count) return null;
  const [low, high] = rangeAt(pictures, unit);
  const table = unitTable(low, high, theme);
  const pixels = Uint32Array.from(pictureAt(pictures, unit), (level) => table[level] ?? 0);
  return {
    pixels,
    width: pictures.width,
    height: pictures.height,
    end: Math.max(1, Math.abs(low), Math.abs(high)),
  };
}

/**
 * The answer over the plane as pixels: one colour by sign and size, or the class by its certainty.
 *
 * @param {Frame} frame @param {number} classes @param {Theme} theme @param {boolean} discrete
 * @returns {{ pixels: Uint32Array, width: number, height: number } | null}
 */
export function answerPixels(frame, classes, theme, discrete) {
  const answer = picturesOf(frame, "output");
  if (!answer) return null;
  const pixels = new Uint32Array(answer.width * answer.height);
  const best = frame.arrays.get("class")?.data;
  if (best && classes > 2) {
    const tables = Array.from({ length: classes }, (_, index) => certaintyTable(index, classes, theme));
    answer.levels.forEach((level, index) => {
      pixels[index] = tables[best[index] ?? 0]?.[discrete ? 235 : level] ?? 0;
    });
  } else {
    const [low, high] = rangeAt(answer, 0);
    const table = divergingTable(theme);
    const centred = centredTable(table, low, high, 1);
    const zero = high > low ? (-low / (high - low)) * 255 : low > 0 ? -1 : 256;
    const [negative = 0, positive = 0] = [table[40], table[215]];
    answer.levels.forEach((level, index) => {
      pixels[index] = discrete ? (level >= zero ? positive : negative) : (centred[level] ?? 0);
    });
  }
  return { pixels, width: answer.width, height: answer.height };
}
