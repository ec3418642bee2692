/** The chain rule of one weight of a kernel: a sum over the places that the filter is laid on. Pure. */

/** @import { Frame, NamedArray } from "../../types.d.ts" */

import { texts } from "../../core/texts.js";
import { arrayOf } from "./numbers.js";

const TEXTS = texts(import.meta.url, {
  place: "row {row}, column {column}",
  weight: "channel {channel}, row {row}, column {column}",
});

/** @typedef {{ name: string, weight: number, gradient: number, product: number }} PlaceTerm what a place adds */

/** How a filter is laid along one axis. @typedef {{ stride: number, dilation: number, padding: number }} Laid */

/**
 * Which of a kernel's weights a number means, as they lie in memory.
 *
 * @param {number[]} shape of the weights: filters, channels, rows, columns @param {number} source
 */
function weightOf([, , rows = 1, columns = 1], source) {
  return {
    channel: Math.floor(source / (rows * columns)),
    row: Math.floor(source / columns) % rows,
    column: source % columns,
  };
}

/** What a weight of a kernel is called. @param {number[]} shape of the weights @param {number} source */
export function weightName(shape, source) {
  const { channel, row, column } = weightOf(shape, source);
  return TEXTS.weight({ channel: channel + 1, row: row + 1, column: column + 1 });
}

/**
 * The weight in the middle of what a filter reads of a channel.
 *
 * @param {number[]} shape of the weights @param {number} channel
 */
export function middleOf([, channels = 1, rows = 1, columns = 1], channel) {
  return ((channel % channels) * rows + (rows >> 1)) * columns + (columns >> 1);
}

/**
 * What each place of a map adds to the gradient of a weight: the gradient by the sum there, times the number that the
 * weight is multiplied by. Of a bias that is 1; beyond the border nothing is read.
 *
 * @param {Frame} frame @param {{ name: string, inputs: string[] }} node the convolution
 * @param {{ target: number, source: number | null }} edge which weight of which map
 * @returns {PlaceTerm[] | null} null where it is no convolution over images
 */
export function placesOf(frame, { name, inputs }, { target, source }) {
  const laid = windowOf(arrayOf(frame, "window", name));
  const [weights, sums] = [arrayOf(frame, "parameter", `${name}.weight`), arrayOf(frame, "gradient", name)];
  const read = arrayOf(frame, "output", inputs[0] ?? "");
  if (!laid || !weights || !sums || !read || sums.shape.length !== 3) return null;
  const [maps = 1, rows = 1, columns = 1] = sums.shape;
  const [channels = 1, height = 0, width = 0] = read.shape;
  const at = weightOf(weights.shape, source ?? 0);
  const own = weights.shape[1] ?? channels;
  const group = Math.floor((target * channels) / own / maps);
  const first = (group * own + at.channel) * height * width;
  const places = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const gradient = sums.data[(target * rows + row) * columns + column] ?? NaN;
      const [y, x] = [reach(laid[0], row, at.row), reach(laid[1], column, at.column)];
      const isInside = y >= 0 && y < height && x >= 0 && x < width;
      const weight = source === null ? 1 : isInside ? (read.data[first + y * width + x] ?? NaN) : 0;
      const place = TEXTS.place({ row: row + 1, column: column + 1 });
      places.push({ name: place, weight, gradient, product: gradient * weight });
    }
  }
  return places;
}

/** @param {NamedArray | undefined} window @returns {[Laid, Laid] | null} */
function windowOf(window) {
  if (window?.shape[0] !== 2) return null;
  const axis = (/** @type {number} */ index) => ({
    stride: window.data[index * 3] ?? 1,
    dilation: window.data[index * 3 + 1] ?? 1,
    padding: window.data[index * 3 + 2] ?? 0,
  });
  return [axis(0), axis(1)];
}

/**
 * Which number of the input a weight of the kernel meets.
 *
 * @param {Laid} laid @param {number} place of the filter @param {number} at where in it the weight is
 */
function reach({ stride, dilation, padding }, place, at) {
  return place * stride + at * dilation - padding;
}
