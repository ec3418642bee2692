/** What belongs to each number of a signal: colours as a band, the signal itself as lines over it. */

/** @import { Theme } from "./colors.js" */
/** @import { Range } from "./maps.js" */

import { inkColors, lineColors, linePixels } from "./lines.js";

/**
 * A picture of one size: levels, channel by channel.
 *
 * @typedef {{ levels: Uint8Array, channels: number, width: number, height: number }} Plane
 */

/** Pixels of a band, and of a tile of a wall. */
export const BAND = { width: 640, height: 72 };
export const TILE = { width: 96, height: 48 };

/** Whether a picture is a signal, one row high. @param {{ height: number }} plane */
export function isSignal({ height }) {
  return height === 1;
}

/**
 * Colours along a signal as a band, a row for each channel, and lines over it.
 *
 * @param {Uint32Array} colours of the numbers, channel by channel @param {number} length of the signal
 * @param {Uint32Array[]} lines over it @param {{ width: number, height: number }} [size]
 * @returns {Uint32Array} `size` pixels
 */
export function bandPixels(colours, length, lines, { width, height } = BAND) {
  const rows = Math.max(1, Math.floor(colours.length / Math.max(1, length)));
  const pixels = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) {
    const start = Math.floor((y * rows) / height) * length;
    for (let x = 0; x < width; x++)
      pixels[y * width + x] = colours[start + Math.floor((x * length) / width)] ?? 0;
  }
  for (const line of lines) line.forEach((colour, at) => (pixels[at] = over(colour, pixels[at] ?? 0)));
  return pixels;
}

/**
 * The channels of a signal as lines in ink, on one scale.
 *
 * @param {Plane} signal @param {Range} range values of its levels 0 and 255 @param {Theme} theme
 * @param {{ width: number, height: number }} [size] @returns {Uint32Array[]} a line each
 */
export function levelLines({ levels, channels, width: length }, range, theme, { width, height } = BAND) {
  return Array.from({ length: channels }, (_, channel) =>
    linePixels(
      levels.subarray(channel * length, (channel + 1) * length),
      range,
      range,
      inkColors(theme),
      width,
      height,
    ),
  );
}

/**
 * A signal sent down as a line about zero: orange below, blue above.
 *
 * @param {Plane} signal of one channel, level 128 for zero @param {Theme} theme
 * @param {{ width: number, height: number }} [size] @returns {Uint32Array}
 */
export function signedLine({ levels, width: length }, theme, { width, height } = TILE) {
  const range = { low: -128, high: 127 };
  return linePixels(levels.subarray(0, length), range, range, lineColors(theme), width, height);
}

/** A pixel over another, as ImageData has them: alpha first. @param {number} colour @param {number} ground */
function over(colour, ground) {
  const alpha = colour >>> 24;
  if (alpha === 0) return ground;
  if (ground >>> 24 === 0) return colour;
  let pixel = 255 << 24;
  for (const shift of [0, 8, 16]) {
    const [above, below] = [(colour >> shift) & 255, (ground >> shift) & 255];
    pixel |= Math.round((alpha * above + (255 - alpha) * below) / 255) << shift;
  }
  return pixel >>> 0;
}
