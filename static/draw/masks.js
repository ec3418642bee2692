/** Masks over pictures: the class of each pixel as a tint, stronger where it is more certain. */

import { category, pixel, rgb } from "./colors.js";

/** The number of a pixel that has no class. */
export const NO_CLASS = 255;

/** How much of a tint a picture takes on where the answer is certain. */
const STRONGEST = 0.8;
/** How much light a picture keeps below its mistakes: whoever sees no colours sees these as the lightest. */
export const LIGHT = 0.45;
/** The colour of mistakes: pictures are what they are in either theme. @type {Rgb} */
export const MISTAKE = [255, 154, 61];
/** The share of a picture from which a class has its name on it. */
const NAMED_FROM = 0.015;

/** @typedef {import("./colors.js").Rgb} Rgb */

/** The colour of each class, parsed once and not for each pixel. */
const TINTS = Array.from({ length: NO_CLASS }, (_, name) => rgb(category(name)));

/**
 * The picture in tints of the classes of its pixels; the first class, and pixels without one, stay as they are.
 *
 * @param {Uint8Array} levels (1 or 3, h, w) @param {Uint8Array} mask (h, w)
 * @param {Uint8Array | null} certainty of each pixel, 255 for 1; null: certain of all
 * @param {number | null} [only] the only class that is tinted, the first one as well; null: every other
 * @returns {Uint32Array} (h, w)
 */
export function tinted(levels, mask, certainty, only = null) {
  const pixels = mask.length;
  const made = new Uint32Array(pixels);
  const coloured = levels.length >= 3 * pixels;
  for (let index = 0; index < pixels; index++) {
    const name = mask[index] ?? NO_CLASS;
    const red = levels[index] ?? 0;
    const seen = /** @type {Rgb} */ (
      coloured ? [red, levels[pixels + index] ?? 0, levels[2 * pixels + index] ?? 0] : [red, red, red]
    );
    const tint = (only === null ? name !== 0 : name === only) ? TINTS[name] : undefined;
    const share = (STRONGEST * (certainty?.[index] ?? 255)) / 255;
    made[index] = pixel(tint ? blend(seen, tint, share) : seen);
  }
  return made;
}

/**
 * The picture in grey with its mistakes in one colour: pixels of another class than the true one.
 *
 * @param {Uint8Array} levels (1 or 3, h, w) @param {Uint8Array} mask @param {Uint8Array} truth
 */
export function mistaken(levels, mask, truth) {
  const pixels = mask.length;
  const made = new Uint32Array(pixels);
  const coloured = levels.length >= 3 * pixels;
  for (let index = 0; index < pixels; index++) {
    const red = levels[index] ?? 0;
    const grey = coloured
      ? 0.299 * red + 0.587 * (levels[pixels + index] ?? 0) + 0.114 * (levels[2 * pixels + index] ?? 0)
      : red;
    const wrong = truth[index] !== NO_CLASS && truth[index] !== mask[index];
    const dim = /** @type {Rgb} */ ([LIGHT * grey, LIGHT * grey, LIGHT * grey]);
    made[index] = pixel(wrong ? MISTAKE : dim);
  }
  return made;
}

/**
 * Where the names of classes have room on a mask: of each that covers enough, the pixel that is deepest inside of it.
 *
 * @param {Uint8Array} mask (h, w) @param {number} width
 * @returns {{ name: number, x: number, y: number }[]} in pixels, the middle of each; not of the first class
 */
export function namedPlaces(mask, width) {
  const depths = depthsIn(mask, width);
  /** @type {Map<number, { count: number, deepest: number }>} */
  const found = new Map();
  for (let index = 0; index < mask.length; index++) {
    const name = mask[index] ?? NO_CLASS;
    if (name === 0 || name === NO_CLASS) continue;
    const { count = 0, deepest = index } = found.get(name) ?? {};
    const deeper = (depths[index] ?? 0) > (depths[deepest] ?? 0);
    found.set(name, { count: count + 1, deepest: deeper ? index : deepest });
  }
  return [...found]
    .filter(([, { count }]) => count >= NAMED_FROM * mask.length)
    .map(([name, { deepest }]) => ({
      name,
      x: (deepest % width) + 0.5,
      y: Math.floor(deepest / width) + 0.5,
    }));
}

/**
 * How many steps, across or down, lead from each pixel to the nearest of another class, or out of the picture.
 *
 * @param {Uint8Array} mask (h, w) @param {number} width @returns {Uint16Array} (h, w)
 */
function depthsIn(mask, width) {
  const depths = new Uint16Array(mask.length);
  const along = (/** @type {number} */ index, /** @type {-1 | 1} */ way) => {
    const [beside, over] = [index + way, index + way * width];
    const inRow = Math.floor(beside / width) === Math.floor(index / width);
    const next = (/** @type {number} */ at, /** @type {boolean} */ there) =>
      there && mask[at] === mask[index] ? (depths[at] ?? 0) : 0;
    return 1 + Math.min(next(beside, inRow), next(over, over >= 0 && over < mask.length));
  };
  for (let index = 0; index < mask.length; index++) depths[index] = along(index, -1);
  for (let index = mask.length - 1; index >= 0; index--)
    depths[index] = Math.min(depths[index] ?? 0, along(index, 1));
  return depths;
}

/** @param {Rgb} one @param {Rgb} other @param {number} share of the other @returns {Rgb} */
function blend(one, other, share) {
  const mixed = (/** @type {0 | 1 | 2} */ at) => one[at] + (other[at] - one[at]) * share;
  return [mixed(0), mixed(1), mixed(2)];
}
