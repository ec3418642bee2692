/** Signals along one axis as lines: bytes to the pixels of a tile, blue above zero and orange below. */

/** @import { Theme } from "./colors.js" */
/** @import { Range } from "./maps.js" */

import { diverging, pixel } from "./colors.js";

/** The side of a line's tile in pixels, and how thick the line in it is. */
export const SIDE = 96;
const THICK = 2.6;

/** How opaque the axis of zero is. */
const FAINT = 70;

/** @typedef {{ above: number, below: number, axis: number }} LineColors opaque pixels, and a faint one */

/** @param {Theme} theme @returns {LineColors} */
export function lineColors(theme) {
  return {
    above: pixel(diverging(1, theme)),
    below: pixel(diverging(-1, theme)),
    axis: ((FAINT << 24) | 0x808080) >>> 0,
  };
}

/** What a sample itself is drawn in: its numbers are no answer of a unit. @param {Theme} theme @returns {LineColors} */
export function inkColors(theme) {
  const ink = pixel(theme === "dark" ? [222, 224, 228] : [58, 62, 70]);
  return { above: ink, below: ink, axis: ((FAINT << 24) | 0x808080) >>> 0 };
}

/**
 * The values between which a line is drawn: about zero where there are negative ones, else from zero on.
 *
 * @param {Range} scale @returns {Range}
 */
export function lineEnds({ low, high }) {
  const size = Math.max(Math.abs(low), Math.abs(high)) || 1;
  return low < -1e-9 ? { low: -size, high: size } : { low: 0, high: size };
}

/**
 * A signal as the pixels of a tile: of each column the way that the line takes between its ends, so that no
 * peak is lost however many numbers there are.
 *
 * @param {Uint8Array} levels @param {Range} own values of the levels 0 and 255 @param {Range} scale that it is drawn on
 * @param {LineColors} colors @param {number} [width] @param {number} [height]
 * @returns {Uint32Array}
 */
export function linePixels(levels, own, scale, colors, width = SIDE, height = SIDE) {
  const pixels = new Uint32Array(width * height);
  const ends = lineEnds(scale);
  const room = height - THICK;
  const yOf = (/** @type {number} */ level) => {
    const value = own.low + ((own.high - own.low) * level) / 255;
    const share = (value - ends.low) / (ends.high - ends.low);
    return THICK / 2 + room * (1 - Math.min(1, Math.max(0, share)));
  };
  const zero = THICK / 2 + room * (1 - (0 - ends.low) / (ends.high - ends.low));
  const row = Math.min(height - 1, Math.floor(zero));
  pixels.fill(colors.axis, row * width, (row + 1) * width);
  for (let column = 0; column < width; column++) {
    const { least, most } = between(levels, column / width, (column + 1) / width);
    paintColumn(pixels, width, column, yOf(most) - THICK / 2, yOf(least) + THICK / 2, zero, colors);
  }
  return pixels;
}

/**
 * The least and the greatest level of a polyline between two shares of its length.
 *
 * @param {Uint8Array} levels @param {number} from @param {number} to
 */
export function between(levels, from, to) {
  const last = levels.length - 1;
  const at = (/** @type {number} */ place) => {
    const before = Math.min(last, Math.floor(place));
    const [one, other] = [levels[before] ?? 0, levels[Math.min(last, before + 1)] ?? 0];
    return one + (other - one) * (place - before);
  };
  const [start, end] = [from * last, to * last];
  let [least, most] = [Math.min(at(start), at(end)), Math.max(at(start), at(end))];
  for (let index = Math.ceil(start); index <= end; index++) {
    least = Math.min(least, levels[index] ?? 0);
    most = Math.max(most, levels[index] ?? 0);
  }
  return { least, most };
}

/**
 * @param {Uint32Array} pixels @param {number} width @param {number} column @param {number} top @param {number} bottom
 * @param {number} zero @param {LineColors} colors
 */
function paintColumn(pixels, width, column, top, bottom, zero, { above, below }) {
  const last = pixels.length / width - 1;
  for (let row = Math.max(0, Math.floor(top)); row <= Math.min(last, Math.ceil(bottom) - 1); row++) {
    const covered = Math.min(row + 1, bottom) - Math.max(row, top);
    if (covered <= 0) continue;
    const color = row + 0.5 <= zero + THICK / 2 ? above : below;
    const alpha = Math.round(255 * Math.min(1, covered));
    const place = row * width + column;
    if (alpha > (pixels[place] ?? 0) >>> 24) pixels[place] = ((alpha << 24) | (color & 0xffffff)) >>> 0;
  }
}
