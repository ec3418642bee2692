/** What a frame of the study `convolution` says. Pure. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Sizes } from "./numbers.js" */

import { shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { extremes, sizesOf } from "./numbers.js";
import { scaleOf } from "./picture.js";

const TEXTS = texts(import.meta.url, {
  orangeBelowZero: ": orange below zero, blue above",
  zerosAround: ", {padding} zeros around",
  fromTo: "{output}×{output}, from {low} to {high}{signs}",
  max: "max pooling, {pooled}×{pooled}",
  average: "average pooling, {pooled}×{pooled}",
  filterNumbersAddUp: "Filter, {kernel} by {kernel}, its numbers add up to {total}",
  convolutionTurnedHalf: "Convolution: turned half around before it slides, as mathematics writes it.",
  crossCorrelationSlides: [
    "Cross-correlation: slides as it stands. Layers do this and call it convolution; what is learned",
    "is the same.",
  ],
});

/**
 * @typedef {object} Settings the study's options
 * @property {string} picture @property {number} size @property {number} digit @property {number[] | null}
 * values
 * @property {string} filter @property {number} side @property {number[] | null} weights @property {string}
 * mode
 * @property {string} padding @property {number} border @property {number} stride @property {number} dilation
 * @property {string} pooling @property {number} window @property {number | null} window_stride
 * @property {[number, number]} shift
 */

/** @typedef {{ row: number, column: number }} Place of the output */

/**
 * @typedef {object} Result
 * @property {Frame} frame
 * @property {Sizes} sizes
 * @property {ArrayLike<number>} input
 * @property {ArrayLike<number>} kernel as it is applied
 * @property {ArrayLike<number>} output
 * @property {Settings} settings that it is of
 */

/** An array of a frame. @param {Frame} frame @param {string} name @returns {ArrayLike<number>} */
export function numbers(frame, name) {
  const array = frame.arrays.get(name);
  if (!array) throw new Error(`the study sent no ${name}`);
  return /** @type {ArrayLike<number>} */ (/** @type {unknown} */ (array.data));
}

/** @param {Frame} frame @param {Settings} settings @returns {Result} */
export function resultOf(frame, settings) {
  const [input, kernel, output] = ["input", "kernel", "output"].map((name) => numbers(frame, name));
  const none = new Float32Array();
  return {
    frame,
    sizes: sizesOf(numbers(frame, "sizes")),
    input: input ?? none,
    kernel: kernel ?? none,
    output: output ?? none,
    settings,
  };
}

/**
 * Where to look in a result: in the middle of an output of another size, unless the place is held.
 *
 * @param {Place} place @param {number | undefined} before side of the output before @param {number} side
 * @param {boolean} held @returns {Place}
 */
export function placeIn(place, before, side, held) {
  const middle = Math.floor(side / 2);
  if (before !== side && !held) return { row: middle, column: middle };
  return { row: Math.min(place.row, side - 1), column: Math.min(place.column, side - 1) };
}

/** The window that a number of the output sees. @param {Sizes} sizes @param {Place} place */
export function windowAt({ kernel, stride, padding, dilation }, { row, column }) {
  return {
    row: row * stride - padding,
    column: column * stride - padding,
    size: dilation * (kernel - 1) + 1,
    step: dilation,
  };
}

/** The number of the pooled map in whose window a place lies. @param {Sizes} sizes @param {Place} place */
export function pooledAt({ pooled, step }, { row, column }) {
  const within = (/** @type {number} */ at) => Math.min(pooled - 1, Math.floor(at / step));
  return { row: within(row), column: within(column), size: 1 };
}

/** What stands below the pictures, and beside the filter. @param {Result} result */
export function captionsOf({ sizes, output, kernel, settings }) {
  const { low, high } = extremes(output);
  const signs = scaleOf(output) === "diverging" ? TEXTS.orangeBelowZero : "";
  const total = Array.from(kernel).reduce((sum, value) => sum + value, 0);
  return {
    input: `${sizes.input}×${sizes.input}${sizes.padding > 0 ? TEXTS.zerosAround({ padding: sizes.padding }) : ""}`,
    output: TEXTS.fromTo({ output: sizes.output, low: shortNumber(low), high: shortNumber(high), signs }),
    pooled: (settings.pooling === "average" ? TEXTS.average : TEXTS.max)({ pooled: sizes.pooled }),
    kernel: TEXTS.filterNumbersAddUp({ kernel: sizes.kernel, total: shortNumber(total) }),
    turned: settings.mode === "convolution" ? TEXTS.convolutionTurnedHalf : TEXTS.crossCorrelationSlides,
  };
}
