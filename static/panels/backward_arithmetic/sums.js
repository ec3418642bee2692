/**
 * The sums that the gradients of a convolution or a pooling are, term by term. Pure: a frame of the probe
 * `backward_arithmetic` in, numbers out.
 */

/** @import { Frame, NamedArray, Tensor } from "../../types.d.ts" */
/** @import { Grid } from "../../network/window_arithmetic.js" */

import { at } from "../../network/window_arithmetic.js";

/**
 * @typedef {object} Backward one group of a node
 * @property {Grid[]} input the channels that are read
 * @property {number} first the number of the first of them
 * @property {Grid[]} gradient that of the loss by each map
 * @property {number} firstMap the number of the first of them
 * @property {Grid[]} back that of the loss by each channel, as autograd has it
 * @property {Tensor | null} kernel (maps, channels, rows, columns); null for pooling
 * @property {Tensor | null} kernelGradient as autograd has it
 * @property {Tensor | null} biasGradient as autograd has it; null without a bias of each map
 * @property {Pair} size rows, columns
 * @property {Pair} stride
 * @property {Pair} padding above, left
 * @property {Pair} dilation
 * @property {boolean} transposed
 * @property {"sum" | "largest" | "mean" | "mean_inside"} how
 */

/** @typedef {[number, number]} Pair */
/** @typedef {{ y: number, x: number }} Place */

/**
 * @typedef {object} BackTerm a product of a gradient and what it passes
 * @property {number} row within the kernel
 * @property {number} column within the kernel
 * @property {Place} output whose gradient it is
 * @property {Place} input
 * @property {boolean} outside whether there is no such output, or no such input: the padding
 * @property {number} value of the gradient
 * @property {number} weight that the gradient is multiplied by: of the kernel, or what is read
 * @property {number} product
 */

const HOW = /** @type {const} */ (["largest", "mean", "mean_inside"]);

/** @param {Frame} frame @returns {Backward | null} */
export function readBackward({ arrays }) {
  const [input, gradient, back] = [arrays.get("input"), arrays.get("gradient"), arrays.get("input.gradient")];
  if (!input || !gradient || !back) return null;
  const number = (/** @type {string} */ name) => arrays.get(name)?.data[0] ?? 0;
  const pair = (/** @type {string} */ name) => {
    const found = arrays.get(name)?.data;
    return /** @type {Pair} */ ([found?.[0] ?? 1, found?.[1] ?? 1]);
  };
  const mean = arrays.get("mean");
  return {
    input: grids(input),
    first: number("first"),
    gradient: grids(gradient),
    firstMap: number("first_map"),
    back: grids(back),
    kernel: arrays.get("kernel")?.data ?? null,
    kernelGradient: arrays.get("kernel.gradient")?.data ?? null,
    biasGradient: arrays.get("bias.gradient")?.data ?? null,
    size: pair("size"),
    stride: pair("stride"),
    padding: pair("padding"),
    dilation: pair("dilation"),
    transposed: number("transposed") === 1,
    how: mean ? (HOW[mean.data[0] ?? 0] ?? "largest") : "sum",
  };
}

/** @param {NamedArray} array (maps, h, w) @returns {Grid[]} */
function grids({ shape: [maps = 1, height = 1, width = 1], data }) {
  const each = height * width;
  return Array.from({ length: maps }, (_, index) => ({
    height,
    width,
    data: data.subarray(index * each, (index + 1) * each),
  }));
}

/**
 * Where a weight of a kernel stands in memory.
 *
 * @param {Backward} backward @param {number} map @param {number} channel @param {number} row @param {number} column
 */
export function kernelPlace({ input, size }, map, channel, row, column) {
  return ((map * input.length + channel) * size[0] + row) * size[1] + column;
}

/**
 * The terms of the gradient at a pixel of a channel that come from one map: a full correlation of the map's gradient
 * with the flipped kernel. Terms that the stride leaves out are not among them.
 *
 * @param {Backward} backward @param {number} map @param {number} channel @param {Place} pixel @returns {BackTerm[]}
 */
export function pixelTerms(backward, map, channel, pixel) {
  return taps(backward.size).flatMap(({ row, column }) => {
    const [y, x] = [outputAt(backward, 0, pixel.y, row), outputAt(backward, 1, pixel.x, column)];
    if (!Number.isInteger(y) || !Number.isInteger(x)) return [];
    const output = { y, x };
    const gradient = backward.gradient[map];
    const outside = !gradient || !isWithin(gradient, output);
    const value = outside ? 0 : at(gradient, y, x);
    const weight = weightOf(backward, map, channel, output, { row, column, pixel }, outside);
    return [{ row, column, output, input: pixel, outside, value, weight, product: value * weight }];
  });
}

/**
 * The output that reads a pixel through a row or column of the window; no whole number where none does.
 *
 * @param {Backward} backward @param {0 | 1} axis @param {number} pixel @param {number} tap
 */
function outputAt({ stride, padding, dilation, transposed }, axis, pixel, tap) {
  const reach = tap * dilation[axis];
  return transposed
    ? pixel * stride[axis] - padding[axis] + reach
    : (pixel + padding[axis] - reach) / stride[axis];
}

/**
 * What a gradient passes on its way to a pixel: a weight of the kernel; of a pooling 1 or 0, or a share.
 *
 * @param {Backward} backward @param {number} map @param {number} channel @param {Place} output
 * @param {{ row: number, column: number, pixel: Place }} tap @param {boolean} outside
 */
function weightOf(backward, map, channel, output, { row, column, pixel }, outside) {
  if (backward.kernel) return backward.kernel[kernelPlace(backward, map, channel, row, column)] ?? NaN;
  if (outside) return 0;
  const window = windowOf(backward, output);
  const inside = window.filter((place) => isWithin(backward.input[channel], place));
  if (backward.how === "largest") return isSame(largestOf(backward.input[channel], inside), pixel) ? 1 : 0;
  const counted =
    backward.how === "mean_inside" ? inside : window.filter((place) => isPadded(backward, place));
  return 1 / counted.length;
}

/**
 * The places that an output of a pooling reads, padding among them.
 *
 * @param {Backward} backward @param {Place} output
 */
function windowOf({ size, stride, padding, dilation }, { y, x }) {
  return taps(size).map(({ row, column }) => ({
    y: y * stride[0] - padding[0] + row * dilation[0],
    x: x * stride[1] - padding[1] + column * dilation[1],
  }));
}

/** Whether a place is of the input or of its padding. @param {Backward} backward @param {Place} place */
function isPadded({ input, padding }, { y, x }) {
  const { height, width } = input[0] ?? { height: 0, width: 0 };
  return y < height + padding[0] && x < width + padding[1];
}

/** The first of the largest, as torch takes it. @param {Grid | undefined} map @param {Place[]} places */
function largestOf(map, places) {
  const [first] = places;
  if (!map || !first) return null;
  return places.reduce(
    (best, place) => (at(map, place.y, place.x) > at(map, best.y, best.x) ? place : best),
    first,
  );
}

/** @param {Place | null} one @param {Place} other */
function isSame(one, other) {
  return one?.y === other.y && one.x === other.x;
}

/**
 * The terms of the gradient of one weight of a kernel: a correlation of the input and the gradient of the map.
 *
 * @param {Backward} backward @param {number} map @param {number} channel @param {{ row: number, column: number }} cell
 * @returns {BackTerm[]}
 */
export function cellTerms(
  { input, gradient, stride, padding, dilation, transposed },
  map,
  channel,
  { row, column },
) {
  const [read, given] = [input[channel], gradient[map]];
  if (!read || !given) return [];
  const reach = (/** @type {number} */ place, /** @type {0 | 1} */ axis, /** @type {number} */ tap) =>
    place * stride[axis] - padding[axis] + tap * dilation[axis];
  return placesOf(transposed ? read : given).map((place) => {
    const other = { y: reach(place.y, 0, row), x: reach(place.x, 1, column) };
    const [output, pixel] = transposed ? [other, place] : [place, other];
    const outside = !isWithin(given, output) || !isWithin(read, pixel);
    const value = isWithin(given, output) ? at(given, output.y, output.x) : 0;
    const weight = isWithin(read, pixel) ? at(read, pixel.y, pixel.x) : 0;
    return { row, column, output, input: pixel, outside, value, weight, product: value * weight };
  });
}

/** @param {Pair} size */
function taps([rows, columns]) {
  return Array.from({ length: rows * columns }, (_, index) => ({
    row: Math.floor(index / columns),
    column: index % columns,
  }));
}

/** Every place of a map, row by row. @param {Grid} map @returns {Place[]} */
export function placesOf({ height, width }) {
  return Array.from({ length: height * width }, (_, index) => ({
    y: Math.floor(index / width),
    x: index % width,
  }));
}

/** @param {Grid | undefined} map @param {Place} place */
function isWithin(map, { y, x }) {
  return map !== undefined && y >= 0 && x >= 0 && y < map.height && x < map.width;
}

/** @param {BackTerm[]} terms */
export function totalOf(terms) {
  return terms.reduce((total, { product }) => total + product, 0);
}
