/** The arithmetic of the lab, without a page: windows and their products, sizes, counts, rank. */

/**
 * How the filter and the pooling window move: the study's `sizes`.
 *
 * @typedef {object} Sizes
 * @property {number} input side of the picture
 * @property {number} kernel
 * @property {number} stride
 * @property {number} padding
 * @property {number} dilation
 * @property {number} output
 * @property {number} window of the pooling
 * @property {number} step of that window
 * @property {number} pooled
 */

/**
 * @typedef {{ row: number, column: number, inside: boolean, value: number, weight: number, product: number }}
 * Product
 */

/** @param {ArrayLike<number>} sizes @returns {Sizes} */
export function sizesOf(sizes) {
  const [
    input = 0,
    kernel = 1,
    stride = 1,
    padding = 0,
    dilation = 1,
    output = 0,
    window = 1,
    step = 1,
    pooled = 0,
  ] = Array.from(sizes);
  return { input, kernel, stride, padding, dilation, output, window, step, pooled };
}

/**
 * What the filter multiplies for one place of the output, row by row; outside the picture stand zeros.
 *
 * @param {Sizes} sizes @param {ArrayLike<number>} input @param {ArrayLike<number>} kernel as it is applied
 * @param {number} row @param {number} column of the output
 * @returns {Product[]}
 */
export function productsAt(
  { input: side, kernel: reach, stride, padding, dilation },
  input,
  kernel,
  row,
  column,
) {
  return Array.from({ length: reach * reach }, (_, index) => {
    const [down, right] = [Math.floor(index / reach), index % reach];
    const y = row * stride - padding + down * dilation;
    const x = column * stride - padding + right * dilation;
    const inside = y >= 0 && x >= 0 && y < side && x < side;
    const value = inside ? (input[y * side + x] ?? 0) : 0;
    const weight = kernel[index] ?? 0;
    return { row: y, column: x, inside, value, weight, product: value * weight };
  });
}

/** @param {Product[]} products */
export function sumOf(products) {
  return products.reduce((sum, { product }) => sum + product, 0);
}

/**
 * The place of the output whose window lies nearest around a pixel.
 *
 * @param {Sizes} sizes @param {number} place of the picture, along one axis
 */
export function outputAt({ kernel, stride, padding, dilation, output }, place) {
  const middle = (dilation * (kernel - 1)) / 2;
  return Math.min(output - 1, Math.max(0, Math.round((place + padding - middle) / stride)));
}

/** The formula of the output's size, filled in. @param {Sizes} sizes */
export function sizeFormula({ input, kernel, stride, padding, dilation, output }) {
  return `⌊(${input} + 2·${padding} − ${dilation}·(${kernel} − 1) − 1) / ${stride}⌋ + 1 = ${output}`;
}

/** The same of pooling. @param {Sizes} sizes */
export function pooledFormula({ output, window, step, pooled }) {
  return `⌊(${output} − ${window}) / ${step}⌋ + 1 = ${pooled}`;
}

/**
 * How often pixels at a corner, in the middle of an edge, and in the middle are used.
 *
 * @param {ArrayLike<number>} used @param {number} side
 */
export function usesOf(used, side) {
  const middle = Math.floor(side / 2);
  return { corner: used[0] ?? 0, edge: used[middle] ?? 0, middle: used[middle * side + middle] ?? 0 };
}

/**
 * A column and a row whose outer product the kernel is; null where its rank is above 1 (or it is all zeros).
 *
 * @param {ArrayLike<number>} kernel @param {number} side
 * @returns {{ column: number[], row: number[] } | null}
 */
export function separated(kernel, side) {
  let strongest = 0;
  for (let index = 1; index < side * side; index++) {
    if (Math.abs(kernel[index] ?? 0) > Math.abs(kernel[strongest] ?? 0)) strongest = index;
  }
  const peak = kernel[strongest] ?? 0;
  if (peak === 0) return null;
  const [top, left] = [Math.floor(strongest / side), strongest % side];
  const column = Array.from({ length: side }, (_, row) => (kernel[row * side + left] ?? 0) / peak);
  const row = Array.from({ length: side }, (_, place) => kernel[top * side + place] ?? 0);
  for (let index = 0; index < side * side; index++) {
    const product = (column[Math.floor(index / side)] ?? 0) * (row[index % side] ?? 0);
    if (Math.abs(product - (kernel[index] ?? 0)) > 1e-5 * Math.abs(peak)) return null;
  }
  return { column, row };
}

/**
 * The kernel turned half around, as convolution turns it.
 *
 * @param {ArrayLike<number>} kernel @returns {number[]}
 */
export function flipped(kernel) {
  return Array.from(kernel).reverse();
}

/**
 * A kernel of another side around the same middle; zeros come in, numbers at the rim are lost.
 *
 * @param {number[]} kernel @param {number} from @param {number} to
 */
export function resizedKernel(kernel, from, to) {
  const shift = Math.floor(from / 2) - Math.floor(to / 2);
  return Array.from({ length: to * to }, (_, index) => {
    const [row, column] = [Math.floor(index / to) + shift, (index % to) + shift];
    return row >= 0 && column >= 0 && row < from && column < from ? (kernel[row * from + column] ?? 0) : 0;
  });
}

/**
 * A picture of another side, each pixel the nearest.
 *
 * @param {ArrayLike<number>} values @param {number} from @param {number} to
 */
export function resizedPicture(values, from, to) {
  return Array.from({ length: to * to }, (_, index) => {
    const row = Math.floor(((Math.floor(index / to) + 0.5) * from) / to);
    const column = Math.floor((((index % to) + 0.5) * from) / to);
    return values[row * from + column] ?? 0;
  });
}

/**
 * From which side on a way is quicker than another and stays so; null where it never is.
 *
 * @param {ArrayLike<number>} sides ascending @param {ArrayLike<number>} slow @param {ArrayLike<number>} quick
 * seconds, NaN: not known
 */
export function quickerFrom(sides, slow, quick) {
  /** @type {number | null} */
  let from = null;
  for (let index = 0; index < sides.length; index++) {
    const [one, other] = [slow[index] ?? NaN, quick[index] ?? NaN];
    if (Number.isNaN(one) || Number.isNaN(other)) break;
    if (other >= one) from = null;
    else from ??= sides[index] ?? null;
  }
  return from;
}

/**
 * All pixels between two, so that a quick hand draws no dots.
 *
 * @param {[number, number]} from row and column
 * @param {[number, number]} to @returns {[number, number][]}
 */
export function stroke([row, column], [lastRow, lastColumn]) {
  const steps = Math.max(Math.abs(lastRow - row), Math.abs(lastColumn - column), 1);
  return Array.from({ length: steps + 1 }, (_, step) => [
    Math.round(row + ((lastRow - row) * step) / steps),
    Math.round(column + ((lastColumn - column) * step) / steps),
  ]);
}

/** The least and greatest of some numbers. @param {ArrayLike<number>} values */
export function extremes(values) {
  let [low, high] = [Infinity, -Infinity];
  for (let index = 0; index < values.length; index++) {
    low = Math.min(low, values[index] ?? 0);
    high = Math.max(high, values[index] ?? 0);
  }
  return { low, high };
}
