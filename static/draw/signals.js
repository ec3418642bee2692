/** Signals sent down to pixels, and pictures: levels to colours, walls of tiles as the papers print them. */

/** @import { Frame, NamedArray } from "../types.d.ts" */
/** @import { Theme } from "./colors.js" */
/** @import { Plane } from "./bands.js" */

import { BAND, bandPixels, isSignal, levelLines, signedLine, TILE } from "./bands.js";
import { divergingTable, greyTable } from "./colors.js";

/** The level that stands for zero. */
const ZERO = 128;

/**
 * A signal in colour. Three channels: grey is zero, as in Zeiler & Fergus; one: orange below zero, blue
 * above.
 *
 * @param {Plane} plane @param {Theme} theme @returns {Uint32Array} a pixel each
 */
export function signalPixels(plane, theme) {
  if (isSignal(plane) && plane.channels !== 3) return every(plane, divergingTable(theme));
  return plane.channels === 3 ? colourPixels(plane) : through(plane, divergingTable(theme));
}

/**
 * A signal of one channel over the picture it is of: where it is zero the picture in greys shows through, as
 * far as
 * `share` says; where it is strong, its colour stands.
 *
 * @param {Plane} signal @param {Plane} picture of the same size
 * @param {Theme} theme @param {number} share 0 to 1
 * @returns {Uint32Array}
 */
export function overlaidPixels(signal, picture, theme, share) {
  const table = divergingTable(theme);
  const neutral = table[ZERO] ?? 0;
  const greys = summed(picture).levels;
  return Uint32Array.from({ length: signal.width * signal.height }, (_, at) => {
    const level = signal.levels[at] ?? ZERO;
    const colour = table[level] ?? 0;
    const strength = Math.min(1, Math.abs(level - ZERO) / 127);
    let pixel = 255 << 24;
    for (const shift of [0, 8, 16]) {
      const ground = (1 - share) * ((neutral >> shift) & 255) + share * (greys[at] ?? 0);
      // The table's colour is mixed with its neutral already: only that part gives way to the picture.
      const seen = ((colour >> shift) & 255) + (1 - strength) * (ground - ((neutral >> shift) & 255));
      pixel |= Math.round(Math.min(255, Math.max(0, seen))) << shift;
    }
    return pixel >>> 0;
  });
}

/** A sample as it is: in its colours, or in grey. @param {Plane} plane @returns {Uint32Array} */
export function picturePixels(plane) {
  return plane.channels === 3 ? colourPixels(plane) : through(plane, greyTable());
}

/** @param {Plane} plane @param {Uint32Array} table */
function through({ levels, width, height }, table) {
  return Uint32Array.from({ length: width * height }, (_, at) => table[levels[at] ?? ZERO] ?? 0);
}

/** All channels, one after the other. @param {Plane} plane @param {Uint32Array} table */
function every({ levels }, table) {
  return Uint32Array.from(levels, (level) => table[level] ?? 0);
}

/** @param {Plane} plane */
function colourPixels({ levels, width, height }) {
  const size = width * height;
  return Uint32Array.from(
    { length: size },
    (_, at) =>
      ((255 << 24) |
        ((levels[2 * size + at] ?? 0) << 16) |
        ((levels[size + at] ?? 0) << 8) |
        (levels[at] ?? 0)) >>>
      0,
  );
}

/**
 * A projection as it is shown: in the colours it has, or its sum over them in greys, zero in the middle. A
 * few
 * strong pixels would leave the rest pale, so that the strongest hundredth saturates.
 *
 * @param {Plane} plane @param {Theme} theme @param {boolean} colours @returns {Uint32Array}
 */
export function projectionPixels(plane, theme, colours) {
  return colours ? signalPixels(stretched(plane), theme) : greyPixels(stretched(summed(plane)));
}

/** @param {Plane} plane of one channel */
function greyPixels({ levels }) {
  return Uint32Array.from(levels, (level) => ((255 << 24) | (level * 0x010101)) >>> 0);
}

/** The sum over the channels, as levels again. @param {Plane} plane @returns {Plane} */
function summed({ levels, channels, width, height }) {
  const size = width * height;
  const sums = Float32Array.from({ length: size }, (_, at) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += (levels[channel * size + at] ?? ZERO) - ZERO;
    return sum / channels;
  });
  return { levels: Uint8Array.from(sums, (sum) => Math.round(ZERO + sum)), channels: 1, width, height };
}

/** @param {Plane} plane @returns {Plane} */
function stretched(plane) {
  const sizes = Uint8Array.from(plane.levels, (level) => Math.abs(level - ZERO)).sort();
  const most = sizes[Math.ceil(0.99 * (sizes.length - 1))] ?? 0;
  if (most === 0) return plane;
  const levels = Uint8Array.from(plane.levels, (level) =>
    Math.min(255, Math.max(1, Math.round(ZERO + ((level - ZERO) * 127) / most))),
  );
  return { ...plane, levels };
}

/**
 * Put pixels on a canvas of their very size.
 *
 * @param {HTMLCanvasElement} canvas @param {Uint32Array} pixels @param {number} width @param {number} height
 */
export function putPixels(canvas, pixels, width, height) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  if (!context || pixels.length === 0) return;
  const image = context.createImageData(width, height);
  new Uint32Array(image.data.buffer).set(pixels);
  context.putImageData(image, 0, 0);
}

/**
 * Put pixels of a plane on a canvas: a picture as it is, a signal as a band with lines over it.
 *
 * @param {HTMLCanvasElement} canvas @param {{ width: number, height: number }} plane
 * @param {Uint32Array} pixels of its places @param {Uint32Array[]} [lines] over a signal
 */
export function putPlane(canvas, plane, pixels, lines = []) {
  if (!isSignal(plane)) return putPixels(canvas, pixels, plane.width, plane.height);
  putPixels(canvas, bandPixels(pixels, plane.width, lines), BAND.width, BAND.height);
}

/**
 * What a frame of `features`, or one layer of the atlas, shows.
 *
 * @typedef {object} Wall
 * @property {NamedArray} channels
 * @property {NamedArray} images −1: none yet
 * @property {NamedArray} positions
 * @property {NamedArray} steps
 * @property {NamedArray} values
 * @property {NamedArray} targets
 * @property {NamedArray} boxes top, left, bottom, right
 * @property {NamedArray} projections (maps, count, channels, h, w)
 * @property {NamedArray} ranges of the projections
 * @property {NamedArray} patches
 * @property {[number, number]} span of the patches' levels
 * @property {number} count of entries for each map
 * @property {number} depth channels of a tile
 * @property {number} width of a tile
 * @property {number} height of a tile
 */

/** @param {Frame} frame @param {string} [prefix] @returns {Wall | null} */
export function wallOf(frame, prefix = "") {
  const of = (/** @type {string} */ name) => frame.arrays.get(prefix + name);
  const [channels, images, positions, steps, values, targets, boxes, projections, ranges, patches] = [
    "channels",
    "images",
    "positions",
    "steps",
    "values",
    "targets",
    "boxes",
    "projections",
    "projections.range",
    "patches",
  ].map(of);
  if (
    !channels ||
    !images ||
    !positions ||
    !steps ||
    !values ||
    !targets ||
    !boxes ||
    !projections ||
    !ranges ||
    !patches
  )
    return null;
  const [, count = 0, depth = 1, height = 1, width = 1] = projections.shape;
  return {
    channels,
    images,
    positions,
    steps,
    values,
    targets,
    boxes,
    projections,
    ranges,
    patches,
    span: [of("patches.range")?.data[0] ?? 0, of("patches.range")?.data[1] ?? 1],
    count,
    depth,
    width,
    height,
  };
}

/**
 * One tile of a wall, without what lies beyond its box.
 *
 * @param {Wall} wall @param {NamedArray} from @param {number} entry counted over all maps
 * @returns {Plane}
 */
export function tileOf(wall, from, entry) {
  const { depth, width, height, boxes } = wall;
  const [top = 0, left = 0, bottom = 0, right = 0] = boxes.data.subarray(4 * entry, 4 * entry + 4);
  const [high, wide] = [bottom - top, right - left];
  const levels = new Uint8Array(depth * high * wide);
  const start = entry * depth * height * width;
  for (let channel = 0; channel < depth; channel++) {
    for (let row = 0; row < high; row++) {
      const source = start + (channel * height + row) * width;
      levels.set(
        /** @type {Uint8Array} */ (from.data).subarray(source, source + wide),
        (channel * high + row) * wide,
      );
    }
  }
  return { levels, channels: depth, width: wide, height: high };
}

/**
 * One map's entries as the paper prints them: a square of projections, beside it the patches. Where a patch
 * is
 * cut off by the image's border, nothing is drawn.
 *
 * @param {HTMLCanvasElement} canvas @param {Wall} wall @param {number} row of the wall @param {Theme} theme
 * @param {boolean} [colours]
 */
export function drawMosaic(canvas, wall, row, theme, colours = true) {
  const { width, height } = tileSize(wall);
  const { count } = wall;
  const side = Math.ceil(Math.sqrt(count));
  const block = side * (width + 1) - 1;
  const gap = Math.max(2, Math.round(width / 6));
  const wide = 2 * block + gap;
  const pixels = new Uint32Array(wide * (side * (height + 1) - 1));
  for (let index = 0; index < count; index++) {
    const entry = row * count + index;
    if ((wall.images.data[entry] ?? -1) < 0) continue;
    const [left, top] = [(index % side) * (width + 1), Math.floor(index / side) * (height + 1)];
    const first = tilePicture(wall, entry, "projections", theme, colours);
    const second = tilePicture(wall, entry, "patches", theme, colours);
    blit(pixels, wide, first.pixels, first, left + first.across, top + first.down);
    blit(pixels, wide, second.pixels, second, left + second.across + block + gap, top + second.down);
  }
  canvas.classList.toggle("lines", isSignal(wall));
  putPixels(canvas, pixels, wide, side * (height + 1) - 1);
}

/**
 * One entry: its projection, or its patch, in its place within the tile.
 *
 * @param {HTMLCanvasElement} canvas @param {Wall} wall @param {number} entry
 * @param {"projections" | "patches"} which @param {Theme} theme @param {boolean} colours
 */
export function drawEntry(canvas, wall, entry, which, theme, colours) {
  const { width, height } = tileSize(wall);
  const tile = tilePicture(wall, entry, which, theme, colours);
  const pixels = new Uint32Array(width * height);
  blit(pixels, width, tile.pixels, tile, tile.across, tile.down);
  canvas.classList.toggle("lines", isSignal(wall));
  putPixels(canvas, pixels, width, height);
}

/** Pixels of a wall's tiles: a signal has more than its one row. @param {Wall} wall */
function tileSize({ width, height }) {
  return isSignal({ height }) ? TILE : { width, height };
}

/**
 * An entry as it is drawn, and where in its tile: a picture in its colours, a signal as lines.
 *
 * @param {Wall} wall @param {number} entry @param {"projections" | "patches"} which @param {Theme} theme
 * @param {boolean} colours
 */
function tilePicture(wall, entry, which, theme, colours) {
  const tile = tileOf(wall, wall[which], entry);
  const [down, across] = inset(wall, entry);
  if (!isSignal(wall)) {
    const pixels = which === "patches" ? picturePixels(tile) : projectionPixels(tile, theme, colours);
    return { pixels, width: tile.width, height: tile.height, down, across };
  }
  const size = {
    width: Math.max(1, Math.round((TILE.width * tile.width) / wall.width)),
    height: TILE.height,
  };
  const [low, high] = wall.span;
  const lines =
    which === "patches"
      ? levelLines(tile, { low, high }, theme, size)
      : [signedLine(stretched(summed(tile)), theme, size)];
  const pixels = bandPixels(new Uint32Array(tile.width), tile.width, lines, size);
  return {
    pixels,
    ...size,
    down: 0,
    across: TILE.width - size.width > 0 && across > 0 ? TILE.width - size.width : 0,
  };
}

/**
 * How far into its tile a clipped patch stands: what is cut off above or at the left is missing there.
 *
 * @param {Wall} wall @param {number} entry @returns {[number, number]}
 */
function inset({ boxes, height, width }, entry) {
  const [top = 0, left = 0, bottom = 0, right = 0] = boxes.data.subarray(4 * entry, 4 * entry + 4);
  return [top === 0 ? height - (bottom - top) : 0, left === 0 ? width - (right - left) : 0];
}

/**
 * @param {Uint32Array} onto @param {number} wide @param {Uint32Array} pixels
 * @param {{ width: number, height: number }} size @param {number} left @param {number} top
 */
function blit(onto, wide, pixels, { width, height }, left, top) {
  for (let row = 0; row < height; row++)
    onto.set(pixels.subarray(row * width, (row + 1) * width), (top + row) * wide + left);
}

/**
 * The picture of an index in an array (…, h, w) or (…, channels, h, w).
 *
 * @param {NamedArray} array @param {number} index @param {number} channels @returns {Plane}
 */
export function planeAt({ shape, data }, index, channels) {
  const [width = 1, height = 1] = [...shape].reverse();
  const size = channels * width * height;
  return {
    levels: /** @type {Uint8Array} */ (data).subarray(index * size, (index + 1) * size),
    channels,
    width,
    height,
  };
}

/**
 * A signal drawn on the scale of a stronger one.
 *
 * @param {Plane} plane @param {number} share its reach as a share of the other's
 * @returns {Plane}
 */
export function fainter(plane, share) {
  return { ...plane, levels: plane.levels.map((level) => ZERO + Math.round((level - ZERO) * share)) };
}

/**
 * Numbers as levels from the least (or `low`) to the greatest (or `high`); what is not a number is
 * transparent.
 *
 * @param {ArrayLike<number>} values @param {Uint32Array} table @param {number} low @param {number} high
 */
export function rampPixels(values, table, low, high) {
  const scale = high > low ? 255 / (high - low) : 0;
  return Uint32Array.from(values, (value) =>
    Number.isFinite(value) ? (table[Math.round(Math.min(255, Math.max(0, (value - low) * scale)))] ?? 0) : 0,
  );
}

/** @param {ArrayLike<number>} values @returns {[number, number]} least and greatest of what is a number */
export function extremes(values) {
  let [low, high] = [Infinity, -Infinity];
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? NaN;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 0];
}
