/** What frames of an occlusion say: numbers for the maps, and the square on the picture. */

/** @import { NamedArray } from "../../types.d.ts" */

import { extremes } from "../../draw/signals.js";
import { percent, shortNumber, wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { scalar } from "../../widgets/save_picture.js";

const TEXTS = texts(import.meta.url, {
  scoreMostOver: "of the score, at most {high}, over all squares that cover a pixel",
  theOutput: "the output",
  ofUncoveredAtLeast: "of {name}: {before} uncovered, {least} at least",
  networkNoFeatureMaps: "the network has no feature maps",
  mapSum: "map {channel}, which sums to {strongest} uncovered",
  step: "step {last}",
  stepsTo: "steps {first} to {last}",
  places: "{steps} places",
  of: "{known} of {all}",
  asTheyWereAt: "{places}, as they were at {when}.",
  strideExpectedWhole: "A stride of {stride}; expected a whole number from 1.",
  squareExpectedWhole:
    "A square of {size}; expected a whole number from 1 to {most}, the sample's smaller side.",
});

/** @typedef {{ size: number, stride: number }} Square pixels */

/**
 * @typedef {object} Readings
 * @property {NamedArray} input the picture, from 0 to 255
 * @property {NamedArray} probability of the class, (rows, columns) of places
 * @property {NamedArray} activation sum over the strongest map, by place
 * @property {NamedArray} likeliest class by place, −1 where the square has not been
 * @property {NamedArray} drop of the score by pixel
 * @property {number} most of the activations
 * @property {number} span the largest magnitude of the drops
 * @property {number[]} seen the classes there are, in order
 * @property {{ probability: string, activation: string, drop: string }} notes below the maps
 */

/**
 * A frame, read; null where it lacks an array.
 *
 * @param {Map<string, NamedArray>} arrays @param {string[]} classes their names @returns {Readings | null}
 */
export function model(arrays, classes) {
  const [input, probability, activation] = ["input", "probability", "activation"].map((name) =>
    arrays.get(name),
  );
  const [likeliest, drop] = ["class", "drop"].map((name) => arrays.get(name));
  if (!input || !probability || !activation || !likeliest || !drop) return null;
  const [low, high] = extremes(drop.data);
  return {
    input,
    probability,
    activation,
    likeliest,
    drop,
    most: extremes(activation.data)[1],
    span: Math.max(Math.abs(low), Math.abs(high)),
    seen: [...new Set(likeliest.data)].filter((index) => index >= 0).sort((one, other) => one - other),
    notes: {
      probability: probabilityNote(arrays, probability, classes),
      activation: activationNote(arrays),
      drop: TEXTS.scoreMostOver({ high: shortNumber(high) }),
    },
  };
}

/** @param {Map<string, NamedArray>} arrays @param {NamedArray} probability @param {string[]} classes */
function probabilityNote(arrays, probability, classes) {
  const [before = NaN] = arrays.get("before")?.data ?? [];
  const [least] = extremes(probability.data);
  const name = classes[scalar(arrays, "target")] ?? TEXTS.theOutput;
  return TEXTS.ofUncoveredAtLeast({ name, before: percent(before), least: percent(least) });
}

/** @param {Map<string, NamedArray>} arrays */
function activationNote(arrays) {
  const channel = scalar(arrays, "channel");
  if (channel < 0) return TEXTS.networkNoFeatureMaps;
  const [, strongest = NaN] = arrays.get("before")?.data ?? [];
  return TEXTS.mapSum({ channel: channel + 1, strongest: shortNumber(strongest) });
}

/** The place where the probability falls most, of those where it is known. @param {ArrayLike<number>} shares */
export function worstPlace(shares) {
  return Array.from(shares).reduce(
    (best, share, at) => (share < (shares[best] ?? NaN) || !Number.isFinite(shares[best]) ? at : best),
    0,
  );
}

/**
 * The place of a map under a pointer, counted row by row.
 *
 * @param {number[]} shape rows and columns @param {number} x @param {number} y as shares of the map's sides
 */
export function placeUnder([rows = 1, columns = 1], x, y) {
  const within = (/** @type {number} */ share, /** @type {number} */ count) =>
    Math.min(count - 1, Math.max(0, Math.floor(share * count)));
  return within(y, rows) * columns + within(x, columns);
}

/**
 * The square on the picture, and what the network says of it; null where that is not known.
 *
 * @param {Map<string, NamedArray>} arrays @param {Square} square
 * @param {number | null} pointed at which place; null for where the probability falls most
 */
export function squareOn(arrays, { size, stride }, pointed) {
  const [probability, likeliest] = [arrays.get("probability"), arrays.get("class")];
  if (!probability || !likeliest) return null;
  const place = pointed ?? worstPlace(probability.data);
  const share = probability.data[place] ?? NaN;
  if (!Number.isFinite(share)) return null;
  const [, columns = 1] = probability.shape;
  const [dark = 0, bright = 1] = arrays.get("input.range")?.data ?? [];
  const grey = arrays.get("grey")?.data[0] ?? 0;
  return {
    left: (place % columns) * stride,
    top: Math.floor(place / columns) * stride,
    size,
    /** Its grey, from 0 to 255. */
    level: Math.round((255 * (grey - dark)) / (bright - dark)),
    share,
    answer: likeliest.data[place] ?? -1,
  };
}

/** Of which steps the places are. @param {ArrayLike<number>} steps −1 where the square has not been */
export function covered(steps) {
  const known = Array.from(steps).filter((step) => step >= 0);
  const [first, last] = [Math.min(...known), Math.max(...known)];
  const when =
    first === last
      ? TEXTS.step({ last: wholeNumber(last) })
      : TEXTS.stepsTo({ first: wholeNumber(first), last: wholeNumber(last) });
  const all = TEXTS.places({ steps: wholeNumber(steps.length) });
  const places = known.length < steps.length ? TEXTS.of({ known: wholeNumber(known.length), all }) : all;
  return TEXTS.asTheyWereAt({ places, when });
}

/**
 * The largest square: a signal's length, a picture's smaller side, that of a volume's slices (depth may be shorter).
 *
 * @param {number[]} shape channels, then the sizes along each axis
 */
function largestSquare([, ...sizes]) {
  return Math.min(32768, ...sizes.slice(-2));
}

/**
 * A square of a quarter of the picture, or a twelfth of a signal, which moves by a quarter of itself.
 *
 * @param {number[]} shape channels, then the sizes along each axis @returns {Square}
 */
export function usualSquare(shape) {
  const most = shape.length > 1 ? largestSquare(shape) : 32;
  const size = Math.max(1, Math.round(most / (shape.length === 2 ? 12 : 4)));
  return { size, stride: Math.max(1, Math.round(size / 4)) };
}

/**
 * Whether a square as it was typed fits the picture, and whether its stride moves it.
 *
 * @param {{ size: string, stride: string }} typed @param {number[]} shape channels, then the sizes along each axis
 * @returns {{ fits: boolean, moves: boolean, problem: string | null }}
 */
export function checkSquare(typed, shape) {
  const most = shape.length > 1 ? largestSquare(shape) : 1;
  const [size, stride] = [Number(typed.size), Number(typed.stride)];
  const fits = Number.isInteger(size) && size >= 1 && size <= most;
  const moves = Number.isInteger(stride) && stride >= 1;
  if (fits && moves) return { fits, moves, problem: null };
  const problem = fits
    ? TEXTS.strideExpectedWhole({ stride: typed.stride || "nothing" })
    : TEXTS.squareExpectedWhole({ size: typed.size || "nothing", most });
  return { fits, moves, problem };
}
