/** Masks over pictures: the class of each pixel as a tint, stronger where it is more certain. */

import { category, pixel, rgb } from "./colors.js";

/** The number of a pixel that has no class. */
export const NO_CLASS = 255;

/** How much of a tint a picture takes on where the answer is certain, and how much light it keeps. */
const STRONGEST = 0.8;
const LIGHT = 0.75;

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
 * @param {Uint8Array} levels (1 or 3, h, w) @param {Uint8Array} mask @param {Uint8Array} truth @param {Rgb} color
 */
export function mistaken(levels, mask, truth, color) {
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
    made[index] = pixel(wrong ? color : dim);
  }
  return made;
}

/** @param {Rgb} one @param {Rgb} other @param {number} share of the other @returns {Rgb} */
function blend(one, other, share) {
  const mixed = (/** @type {0 | 1 | 2} */ at) => one[at] + (other[at] - one[at]) * share;
  return [mixed(0), mixed(1), mixed(2)];
}
