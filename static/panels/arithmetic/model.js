/** One number of a feature map or of a unit as a record: window, products, sums, result and softmax. */

/** @import { Arithmetic, Grid, Term } from "../../network/window_arithmetic.js" */
/** @import { Place } from "./place.js" */
/** @import { Cell, DenseTerms } from "./products.js" */
/** @import { Softmax } from "./softmax.js" */

import { texts } from "../../core/texts.js";
import { nodeName, unitName } from "../../network/names.js";
import { at, resultOf, termsAt } from "../../network/window_arithmetic.js";
import { denseTerms, windowCells } from "./products.js";
import { softmaxOf } from "./softmax.js";
import { written } from "./written.js";

const TEXTS = texts(import.meta.url, {
  inputs: "{terms} inputs",
  channelAdds: "Channel {first}: adds {written}",
  inputWeightLargestFirst: "Input × weight, the largest first",
  windowKernel: "Window × kernel",
  window: "Window",
  rowColumn: "row {y}, column {x}",
  kernel: "kernel {size}",
  stride: "stride {pair}",
  padding: "padding {pair}",
  dilation: "dilation {pair}",
  channel: "channel {first}",
  shownAs: ", shown as {written}",
  sumNetworkSays: "The sum is {written}, the network says {written2}.",
});

/** How far sums of the page and of the network may differ, as float32 rounds: a share of the number. */
const TOLERANCE = 1e-4;

/**
 * @typedef {object} Context
 * @property {Place} place of the output
 * @property {number} channel of the input that is shown
 * @property {string | null} node whose number it is; null while none is selected
 * @property {number} unit that is selected
 * @property {string[]} classes
 * @property {boolean} [picture] whether what it reads is the picture itself
 * @property {string[]} [names] of the numbers that it reads: features, units
 */

/** @typedef {{ label: string, title: string, chosen: boolean }} Channel */

/** @typedef {{ name: string, value: number, kind: "" | "channel" | "total" | "after" }} Sum */

/**
 * @typedef {object} Reading
 * @property {boolean} dense a unit that reads a vector, and has no window
 * @property {string} title
 * @property {string} settings place and geometry of the window, or how many inputs there are
 * @property {boolean} movable whether there is more than one place
 * @property {{ map: Grid | null, window: Term[], largest: Term | null, picture: boolean }} input the channel that is
 *   shown; `picture`: in greys
 * @property {{ map: Grid, window: Place[] }} output what the network shows: after the activation
 * @property {Channel[]} channels
 * @property {string} productsTitle
 * @property {{ cells: (Cell | null)[][] } | { dense: DenseTerms }} products
 * @property {Sum[]} sums
 * @property {{ output: number, shown: number, text: string }} result
 * @property {Softmax | null} softmax
 */

/** @param {Arithmetic} arithmetic a frame, read @param {Context} context @returns {Reading} */
export function model(arithmetic, { place, channel, node, unit, classes, picture = false, names = [] }) {
  const { input, first, output, kernel } = arithmetic;
  const terms = termsAt(arithmetic, place.y, place.x);
  const result = resultOf(arithmetic, terms, place.y, place.x);
  const window = terms.filter((term) => term.channel === channel);
  const dense = isDense(arithmetic);
  return {
    dense,
    title: node === null ? "" : unitName({ name: node, maps: !dense, data: false, tiled: true }, unit, []),
    settings: dense ? TEXTS.inputs({ terms: terms.length }) : settingsText(arithmetic, place),
    movable: output.height * output.width > 1,
    input: { map: input[channel] ?? null, window, largest: result.largest, picture },
    output: { map: arithmetic.after.at(-1)?.map ?? output, window: [place] },
    channels: input.map((_, index) => ({
      label: String(first + index + 1),
      title: TEXTS.channelAdds({ first: first + index + 1, written: written(result.channels[index] ?? 0) }),
      chosen: index === channel,
    })),
    productsTitle: dense ? TEXTS.inputWeightLargestFirst : kernel ? TEXTS.windowKernel : TEXTS.window,
    products: dense
      ? { dense: denseTerms(terms, names) }
      : { cells: windowCells(arithmetic, window, result.largest) },
    sums: sumsOf(arithmetic, result, place, dense),
    result: comparison(arithmetic, result.result, place),
    softmax: arithmetic.softmax && softmaxOf(arithmetic.softmax.logits, classes, unit),
  };
}

/** @param {Arithmetic} arithmetic */
function isDense({ size, output, how }) {
  return size[0] === 1 && output.data.length === 1 && how === "sum";
}

/** @param {Arithmetic} arithmetic @param {Place} place */
function settingsText({ size, stride, padding, dilation, transposed }, { y, x }) {
  const pair = (/** @type {[number, number]} */ [down, right]) =>
    down === right ? `${down}` : `${down}×${right}`;
  const parts = [
    TEXTS.rowColumn({ y: y + 1, x: x + 1 }),
    TEXTS.kernel({ size: size.join("×") }),
    TEXTS.stride({ pair: pair(stride) }),
    TEXTS.padding({ pair: pair(padding) }),
  ];
  if (dilation[0] !== 1 || dilation[1] !== 1) parts.push(TEXTS.dilation({ pair: pair(dilation) }));
  if (transposed) parts.push("transposed");
  return parts.join(" · ");
}

/**
 * What the terms come to, step by step, and what the following nodes make of it.
 *
 * @param {Arithmetic} arithmetic @param {ReturnType<typeof resultOf>} result @param {Place} place
 * @param {boolean} dense @returns {Sum[]}
 */
function sumsOf(arithmetic, result, { y, x }, dense) {
  const after = arithmetic.after.map(({ name, map }) => sum(`→ ${nodeName(name)}`, at(map, y, x), "after"));
  return [...windowSums(arithmetic, result, dense), ...after];
}

/** @param {Arithmetic} arithmetic @param {ReturnType<typeof resultOf>} result @param {boolean} dense */
function windowSums({ how, first, bias }, { channels, bias: added, result, count }, dense) {
  if (how === "largest") return [sum("largest", result, "total")];
  if (how !== "sum") {
    const all = channels.reduce((total, each) => total + each, 0);
    return [sum("sum", all), sum(`÷ ${count}`, result, "total")];
  }
  const products = dense
    ? [sum("products", channels[0] ?? 0)]
    : channels.map((each, index) => sum(TEXTS.channel({ first: first + index + 1 }), each, "channel"));
  return [...products, ...(bias ? [sum("bias", added)] : []), sum("sum", result, "total")];
}

/** @param {string} name @param {number} value @param {Sum["kind"]} [kind] @returns {Sum} */
function sum(name, value, kind = "") {
  return { name, value, kind };
}

/**
 * What the network itself computed at a place, beside what the terms come to.
 *
 * @param {Arithmetic} arithmetic @param {number} value @param {Place} place @returns {Reading["result"]}
 */
function comparison({ output: map, after }, value, { y, x }) {
  const output = at(map, y, x);
  const last = after.at(-1);
  const shown = last ? at(last.map, y, x) : output;
  const agrees = Math.abs(output - value) <= TOLERANCE * Math.max(1, Math.abs(output));
  const text = agrees
    ? `= ${written(output)}${last ? TEXTS.shownAs({ written: written(shown) }) : ""}`
    : TEXTS.sumNetworkSays({ written: written(value), written2: written(output) });
  return { output, shown, text };
}
