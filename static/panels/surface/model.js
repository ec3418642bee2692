/** The plane of inputs in numbers and words: places on it, its sample points, its legend, the answer at a place. */

/** @import { Catalog, Experiment, Frame } from "../../types.d.ts" */
/** @import { Pictures } from "../../draw/surface.js" */

import { dataset } from "../../catalog/catalog.js";
import { shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { picturesOf, pixelAt, valueIn } from "../../draw/surface.js";

const TEXTS = texts(import.meta.url, {
  class: "class {low}",
  class2: "class {high}",
  pointClickTypePlace: "point, click or type a place",
  class3: ", class {name}",
});

/** Half of the plane's side where the data set does not say. */
const HALF = 6;

/** How near to the pinned place a click takes it away, as a share of the plane. */
const NEAR = 0.03;

/** @typedef {{ x: number, y: number }} Place shares of the plane's sides from the top left, 0 to 1 */

/**
 * @typedef {object} Plane
 * @property {number} half of its side, in units of the inputs
 * @property {string[]} classes none where the answer is a value
 */

/**
 * The plane that an experiment's samples are points of.
 *
 * @param {{ catalog: Catalog, experiment: Experiment | null }} known @returns {Plane}
 */
export function planeOf({ catalog, experiment }) {
  const item = experiment ? dataset(catalog, experiment) : undefined;
  return { half: item?.plane || HALF, classes: item?.classes ?? [] };
}

/** A place within the plane. @param {number} x @param {number} y @returns {Place} */
export function placeAt(x, y) {
  const bounded = (/** @type {number} */ share) => Math.min(1, Math.max(0, share));
  return { x: bounded(x), y: bounded(y) };
}

/** The place of two inputs. @param {number} first @param {number} second @param {number} half @returns {Place} */
export function placeOf(first, second, half) {
  return placeAt((first + half) / (2 * half), (half - second) / (2 * half));
}

/** The inputs at a place. @param {Place} place @param {number} half @returns {[number, number]} */
export function inputsAt({ x, y }, half) {
  return [(2 * x - 1) * half, (1 - 2 * y) * half];
}

/**
 * What is pinned after a click: its place, or nothing where that was pinned already.
 *
 * @param {Place | null} pinned before @param {Place} clicked @returns {Place | null}
 */
export function pinnedBy(pinned, clicked) {
  const again = pinned && Math.hypot(pinned.x - clicked.x, pinned.y - clicked.y) < NEAR;
  return again ? null : clicked;
}

/**
 * The points of a set: their place, which may be beyond the plane, and their target.
 *
 * @param {Pick<Frame, "arrays">} frame @param {"train" | "test"} set @param {number} half
 * @returns {(Place & { target: number })[]} none where inputs are not of two numbers
 */
export function pointsOf({ arrays }, set, half) {
  const [inputs, targets] = [arrays.get(`${set}/inputs`), arrays.get(`${set}/targets`)];
  if (!inputs || !targets || inputs.shape[1] !== 2) return [];
  return Array.from({ length: inputs.shape[0] ?? 0 }, (_, index) => ({
    x: ((inputs.data[2 * index] ?? 0) + half) / (2 * half),
    y: (half - (inputs.data[2 * index + 1] ?? 0)) / (2 * half),
    target: targets.data[index] ?? 0,
  }));
}

/**
 * The words of the legend: a name for each of several classes, or the two ends of a scale.
 *
 * @param {string[]} classes @returns {{ names: string[] } | { low: string, high: string }}
 */
export function legendOf(classes) {
  if (classes.length > 2) return { names: classes };
  const [low = "−1", high = "+1"] = classes;
  return classes.length ? { low: TEXTS.class({ low }), high: TEXTS.class2({ high }) } : { low, high };
}

/**
 * The answer at a place in words; what to do where no place is pointed at, or no answer is known.
 *
 * @param {Pick<Frame, "arrays" | "metadata"> | undefined} frame of the probe `answer` @param {Place | null} place
 * @param {Plane} plane
 */
export function answerText(frame, place, { half, classes }) {
  const pictures = frame && picturesOf(frame, "output");
  if (!place || !pictures) return TEXTS.pointClickTypePlace;
  const value = valueIn(pictures, 0, place.x, place.y);
  const name = classes[classAt(frame, pictures, place) ?? (value > 0 ? 1 : 0)];
  const where = inputsAt(place, half).map(oneDigit).join(", ");
  return `(${where}) → ${shortNumber(value, 2)}${name === undefined ? "" : TEXTS.class3({ name })}`;
}

/** @param {Pick<Frame, "arrays">} frame @param {Pictures} pictures @param {Place} place */
function classAt({ arrays }, pictures, { x, y }) {
  return arrays.get("class")?.data[pixelAt(pictures, x, y)];
}

/** −3.0, and 0.0 without a sign. @param {number} value */
function oneDigit(value) {
  const text = value.toFixed(1);
  return text === "-0.0" ? "0.0" : text.replace("-", "\u2212");
}
