/**
 * What one number of a feature map is made of, term by term. Pure: a frame of the `arithmetic` probe in,
 * numbers out.
 */

/** @import { Frame, Tensor } from "../types.d.ts" */

/** @typedef {{ height: number, width: number, data: Tensor }} Grid one map */

/**
 * @typedef {object} Arithmetic
 * @property {Grid[]} input the channels that are read; a dense node reads one row
 * @property {number} first the number of the first of them
 * @property {Grid} output
 * @property {{ data: Tensor, rows: number, columns: number } | null} kernel of which places take turns
 * @property {{ data: Tensor, rows: number, columns: number } | null} bias
 * @property {[number, number]} size rows, columns
 * @property {[number, number]} stride
 * @property {[number, number]} padding above, left
 * @property {[number, number]} dilation
 * @property {boolean} transposed
 * @property {"sum" | "largest" | "mean" | "mean_inside"} how
 * @property {{ name: string, map: Grid }[]} after
 * @property {{ logits: Tensor, shares: Tensor } | null} softmax
 */

/**
 * @typedef {object} Term
 * @property {number} channel of those that are read
 * @property {number} row within the kernel
 * @property {number} column within the kernel
 * @property {number} y of the input
 * @property {number} x of the input
 * @property {boolean} padded whether there is no input: the zeros around it
 * @property {number} value
 * @property {number} weight 1 for pooling
 * @property {number} product
 */

const HOW = /** @type {const} */ (["largest", "mean", "mean_inside"]);

/** @param {Frame} frame @returns {Arithmetic | null} */
export function readArithmetic({ arrays }) {
  const [input, output] = [arrays.get("input"), arrays.get("output")];
  if (!input || !output) return null;
  const pair = (/** @type {string} */ name, /** @type {[number, number]} */ missing) => {
    const found = arrays.get(name)?.data;
    return /** @type {[number, number]} */ (found ? [found[0] ?? 0, found[1] ?? 0] : missing);
  };
  const [width = 1, height = 1, channels = 1] = [...input.shape].reverse();
  const each = width * height;
  const [kernel, bias, mean] = [arrays.get("kernel"), arrays.get("bias"), arrays.get("mean")];
  const [logits, shares] = [arrays.get("logits"), arrays.get("shares")];
  return {
    input: Array.from({ length: channels }, (_, index) => ({
      height,
      width,
      data: input.data.subarray(index * each, (index + 1) * each),
    })),
    first: arrays.get("first")?.data[0] ?? 0,
    output: grid(output),
    kernel: kernel
      ? {
          data: kernel.data,
          rows: kernel.shape.length > 1 ? (kernel.shape[0] ?? 1) : 1,
          columns: kernel.shape.length > 1 ? (kernel.shape[1] ?? 1) : 1,
        }
      : null,
    bias: bias ? { data: bias.data, rows: bias.shape[0] ?? 1, columns: bias.shape[1] ?? 1 } : null,
    size: pair("size", [1, width]),
    stride: pair("stride", [1, 1]),
    padding: pair("padding", [0, 0]),
    dilation: pair("dilation", [1, 1]),
    transposed: arrays.get("transposed")?.data[0] === 1,
    how: mean ? (HOW[mean.data[0] ?? 0] ?? "largest") : "sum",
    after: [...arrays]
      .filter(([name]) => name.startsWith("after/"))
      .map(([name, array]) => ({ name: name.slice("after/".length), map: grid(array) })),
    softmax: logits && shares ? { logits: logits.data, shares: shares.data } : null,
  };
}

/** @param {{ shape: number[], data: Tensor }} array @returns {Grid} */
function grid({ shape, data }) {
  const [width = 1, height = 1] = [...shape].reverse();
  return { height, width, data };
}

/** @param {Grid} map @param {number} y @param {number} x */
export function at({ data, width }, y, x) {
  return data[y * width + x] ?? NaN;
}

/**
 * The terms that make the number of the output at a place, channel by channel, each row by row.
 *
 * @param {Arithmetic} arithmetic @param {number} y @param {number} x
 * @returns {Term[]}
 */
export function termsAt({ input, kernel, size, stride, padding, dilation, transposed }, y, x) {
  const [rows, columns] = size;
  /** @type {Term[]} */
  const terms = [];
  const turn = kernel
    ? ((y % kernel.rows) * kernel.columns + (x % kernel.columns)) * input.length * rows * columns
    : 0;
  input.forEach((map, channel) => {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let down = y * stride[0] - padding[0] + row * dilation[0];
        let right = x * stride[1] - padding[1] + column * dilation[1];
        if (transposed) {
          // The other way round: which input lays this number of its copy of the kernel down here.
          [down, right] = [
            (y + padding[0] - row * dilation[0]) / stride[0],
            (x + padding[1] - column * dilation[1]) / stride[1],
          ];
          if (!Number.isInteger(down) || !Number.isInteger(right)) continue;
        }
        const padded = down < 0 || right < 0 || down >= map.height || right >= map.width;
        const value = padded ? 0 : at(map, down, right);
        const weight = kernel ? (kernel.data[turn + (channel * rows + row) * columns + column] ?? 0) : 1;
        terms.push({
          channel,
          row,
          column,
          y: down,
          x: right,
          padded,
          value,
          weight,
          product: value * weight,
        });
      }
    }
  });
  return terms;
}

/**
 * The bias of a place; 0 where there is none.
 *
 * @param {Arithmetic} arithmetic @param {number} y @param {number} x
 */
function biasAt({ bias }, y, x) {
  return bias ? (bias.data[(y % bias.rows) * bias.columns + (x % bias.columns)] ?? 0) : 0;
}

/**
 * What the terms come to: for each channel, and with the bias.
 *
 * @param {Arithmetic} arithmetic @param {Term[]} terms @param {number} y @param {number} x
 * @returns {{ channels: number[], bias: number, result: number, largest: Term | null, count: number }}
 */
export function resultOf(arithmetic, terms, y, x) {
  const channels = arithmetic.input.map(() => 0);
  for (const { channel, product } of terms) channels[channel] = (channels[channel] ?? 0) + product;
  const sum = channels.reduce((total, each) => total + each, 0);
  const bias = biasAt(arithmetic, y, x);
  const inside = terms.filter(({ padded }) => !padded);
  switch (arithmetic.how) {
    case "sum":
      return { channels, bias, result: sum + bias, largest: null, count: terms.length };
    case "largest": {
      const largest = inside.reduce(
        (/** @type {Term | null} */ most, term) => (most && most.value >= term.value ? most : term),
        null,
      );
      return { channels, bias, result: largest?.value ?? NaN, largest, count: inside.length };
    }
    default: {
      // A window that reaches over the padding is divided by what of it is there.
      const count =
        arithmetic.how === "mean_inside"
          ? inside.length
          : terms.filter((term) => withinPadding(arithmetic, term)).length;
      return { channels, bias, result: sum / count, largest: null, count };
    }
  }
}

/** @param {Arithmetic} arithmetic @param {Term} term */
function withinPadding({ input, padding }, { y, x }) {
  const { height, width } = input[0] ?? { height: 0, width: 0 };
  return y < height + padding[0] && x < width + padding[1];
}

/**
 * Softmax in three steps: exponentials (of differences to the largest, which change nothing and cannot
 * overflow), their sum, quotients.
 *
 * @param {ArrayLike<number>} logits
 * @returns {{ most: number, exponentials: number[], sum: number, shares: number[] }}
 */
export function softmaxSteps(logits) {
  const most = Array.from(logits).reduce((largest, each) => Math.max(largest, each), -Infinity);
  const exponentials = Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = exponentials.reduce((total, each) => total + each, 0);
  return { most, exponentials, sum, shares: exponentials.map((each) => each / sum) };
}
