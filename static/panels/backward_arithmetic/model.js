/** One gradient of a convolution or a pooling as a record: pictures, products, sums, and what autograd has. Pure. */

/** @import { Grid } from "../../network/window_arithmetic.js" */
/** @import { Channel, Sum } from "../arithmetic/model.js" */
/** @import { Cell, DenseTerms } from "../arithmetic/products.js" */
/** @import { Backward, BackTerm, Place } from "./sums.js" */

import { fullNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { unitName } from "../../network/names.js";
import { at } from "../../network/window_arithmetic.js";
import { placeWithin } from "../arithmetic/place.js";
import { largestMagnitude, productOf } from "../arithmetic/products.js";
import { written } from "../arithmetic/written.js";
import { cellTerms, kernelPlace, pixelTerms, placesOf, totalOf } from "./sums.js";

const TEXTS = texts(import.meta.url, {
  pixelSays: [
    "Each output that read this pixel sends its gradient back through the weight that it read it with:",
    "the gradient of the map, passed through the flipped kernel.",
  ],
  transposedSays:
    "This pixel laid the kernel down on the map: the gradients below it come back through the same weights.",
  poolSays:
    "Each output that read this pixel sends its gradient back: all of it to the largest, or each its share.",
  cellSays: [
    "A weight counts at every place of the map: its gradient is the sum of gradient × what the weight read there,",
    "a correlation of the input and the map's gradient.",
  ],
  biasSays: "A bias is added at every place of the map: its gradient is the sum of the map's gradient.",
  flipped: "Gradient × flipped kernel",
  plain: "Gradient × kernel",
  window: "Gradient × share",
  everyPlace: "Gradient × input, the largest first",
  every: "The map's gradient, the largest first",
  pixel: "row {row}, column {column} of channel {channel}",
  cell: "weight at row {row}, column {column}, channel {channel}",
  bias: "bias of map {map}",
  outputAt: "output row {row}, column {column}",
  outside: "beside the map",
  placeName: "row {row}, column {column}",
  map: "map {map}",
  sum: "sum",
  agrees: "= {number}, as autograd has it",
  differs: "The sum is {sum}, autograd has {number}.",
  channel: "Channel {channel}",
});

/** Terms that are listed; the others are added up. */
const MOST_TERMS = 8;
/** Rows and columns of a kernel that are shown. */
const MOST_CELLS = 11;
/** How far a sum may be from autograd's number, as float32 rounds: a share of the terms. */
const TOLERANCE = 1e-5;

/** @typedef {"pixel" | "kernel" | "bias"} Part whose gradient is written out */

/**
 * @typedef {object} Context
 * @property {Part} part
 * @property {number} map of the node
 * @property {number} channel of those of the group
 * @property {Place | null} pixel of the input; null: its middle
 * @property {{ row: number, column: number }} cell of the kernel
 * @property {string} node
 * @property {boolean} [picture] whether what it reads is the picture itself
 */

/** @typedef {{ weight: string, gradient: string, title: string, chosen: boolean }} KernelCell */

/**
 * @typedef {object} Reading
 * @property {string} title
 * @property {Part} part
 * @property {Part[]} parts that there are
 * @property {string} says what the sum is, in a sentence
 * @property {string} about which number it is
 * @property {{ map: Grid | null, window: Place[], picture: boolean }} input
 * @property {{ map: Grid | null, window: Place[] }} gradient of the map
 * @property {{ map: Grid | null, window: Place[] }} back the gradient of the input
 * @property {Channel[]} channels
 * @property {KernelCell[][]} kernel none for pooling
 * @property {string} productsTitle
 * @property {{ cells: (Cell | null)[][] } | { dense: DenseTerms }} products
 * @property {Sum[]} sums
 * @property {{ text: string, sum: number, autograd: number, agrees: boolean }} result
 */

/** @param {Backward} backward @param {Context} context @returns {Reading} */
export function model(backward, context) {
  const parts = partsOf(backward);
  const part = parts.includes(context.part) ? context.part : "pixel";
  const map = Math.max(0, Math.min(backward.gradient.length - 1, context.map - backward.firstMap));
  const channel = Math.max(0, Math.min(backward.input.length - 1, context.channel));
  const cell = cellWithin(backward, context.cell);
  const chosen = { map, channel, cell, pixel: pixelOf(backward, channel, context.pixel) };
  const own = { pixel: ofPixel, kernel: ofCell, bias: ofBias }[part](backward, chosen);
  return {
    title: unitName({ name: context.node, maps: true, data: false, tiled: true }, context.map, []),
    part,
    parts,
    ...own,
    input: { map: backward.input[channel] ?? null, window: own.pixels, picture: context.picture ?? false },
    gradient: { map: backward.gradient[map] ?? null, window: own.outputs },
    back: { map: backward.back[channel] ?? null, window: part === "pixel" ? [chosen.pixel] : [] },
    channels: backward.input.map((_, index) => ({
      label: String(backward.first + index + 1),
      title: TEXTS.channel({ channel: backward.first + index + 1 }),
      chosen: index === channel,
    })),
    kernel: kernelCells(backward, chosen, part === "kernel"),
  };
}

/** @param {Backward} backward @returns {Part[]} */
function partsOf({ kernel, biasGradient }) {
  return [
    "pixel",
    ...(kernel ? /** @type {const} */ (["kernel"]) : []),
    ...(biasGradient ? /** @type {const} */ (["bias"]) : []),
  ];
}

/** @param {Backward} backward @param {{ row: number, column: number }} cell */
function cellWithin({ size }, { row, column }) {
  return { row: Math.min(size[0] - 1, row), column: Math.min(size[1] - 1, column) };
}

/** @param {Backward} backward @param {number} channel @param {Place | null} pixel @returns {Place} */
function pixelOf({ input }, channel, pixel) {
  const map = input[channel] ?? { height: 1, width: 1, data: new Float32Array(1) };
  return placeWithin(map, pixel ?? { y: map.height >> 1, x: map.width >> 1 });
}

/** @typedef {{ map: number, channel: number, cell: { row: number, column: number }, pixel: Place }} Chosen */

/** The gradient of a pixel of the input, map by map. @param {Backward} backward @param {Chosen} chosen */
function ofPixel(backward, { map, channel, pixel }) {
  const maps = backward.gradient.map((_, index) => pixelTerms(backward, index, channel, pixel));
  const terms = maps[map] ?? [];
  const sum = maps.reduce((total, each) => total + totalOf(each), 0);
  const back = backward.back[channel];
  const size = maps.flat().reduce((total, { product }) => total + Math.abs(product), 0);
  return {
    says: saysOf(backward),
    about: TEXTS.pixel({ row: pixel.y + 1, column: pixel.x + 1, channel: backward.first + channel + 1 }),
    productsTitle: !backward.kernel ? TEXTS.window : backward.transposed ? TEXTS.plain : TEXTS.flipped,
    products: { cells: flippedCells(backward, terms) },
    outputs: terms.filter(({ outside }) => !outside).map(({ output }) => output),
    pixels: [pixel],
    sums: [
      ...maps.map((each, index) =>
        sumOf(TEXTS.map({ map: backward.firstMap + index + 1 }), totalOf(each), "channel"),
      ),
      sumOf(TEXTS.sum, sum, "total"),
    ],
    result: comparison(sum, back ? at(back, pixel.y, pixel.x) : NaN, size),
  };
}

/** @param {Backward} backward */
function saysOf({ kernel, transposed }) {
  if (!kernel) return TEXTS.poolSays;
  return transposed ? TEXTS.transposedSays : TEXTS.pixelSays;
}

/** The gradient of one weight of the kernel. @param {Backward} backward @param {Chosen} chosen */
function ofCell(backward, { map, channel, cell }) {
  const terms = cellTerms(backward, map, channel, cell);
  const place = kernelPlace(backward, map, channel, cell.row, cell.column);
  return {
    says: TEXTS.cellSays,
    about: TEXTS.cell({ row: cell.row + 1, column: cell.column + 1, channel: backward.first + channel + 1 }),
    productsTitle: TEXTS.everyPlace,
    products: { dense: listed(terms, true) },
    outputs: terms.filter(({ outside }) => !outside).map(({ output }) => output),
    pixels: terms.filter(({ outside }) => !outside).map(({ input }) => input),
    ...outcome(totalOf(terms), backward.kernelGradient?.[place] ?? NaN, terms),
  };
}

/** The gradient of the bias. @param {Backward} backward @param {Chosen} chosen */
function ofBias(backward, { map }) {
  const gradient = backward.gradient[map];
  const terms = gradient ? placesOf(gradient).map((place) => biasTerm(gradient, place)) : [];
  return {
    says: TEXTS.biasSays,
    about: TEXTS.bias({ map: backward.firstMap + map + 1 }),
    productsTitle: TEXTS.every,
    products: { dense: listed(terms, false) },
    outputs: terms.map(({ output }) => output),
    pixels: /** @type {Place[]} */ ([]),
    ...outcome(totalOf(terms), backward.biasGradient?.[map] ?? NaN, terms),
  };
}

/** @param {Grid} gradient @param {Place} place @returns {BackTerm} */
function biasTerm(gradient, place) {
  const value = at(gradient, place.y, place.x);
  return { row: 0, column: 0, output: place, input: place, outside: false, value, weight: 1, product: value };
}

/** @param {number} sum @param {number} autograd @param {BackTerm[]} terms */
function outcome(sum, autograd, terms) {
  const size = terms.reduce((total, { product }) => total + Math.abs(product), 0);
  return { sums: [sumOf(TEXTS.sum, sum, "total")], result: comparison(sum, autograd, size) };
}

/** @param {number} sum @param {number} autograd @param {number} size of the terms @returns {Reading["result"]} */
function comparison(sum, autograd, size) {
  const agrees = Math.abs(sum - autograd) <= TOLERANCE * size + 1e-30 || Object.is(sum, autograd);
  const number = written(autograd);
  const text = agrees ? TEXTS.agrees({ number }) : TEXTS.differs({ sum: written(sum), number });
  return { text, sum, autograd, agrees };
}

/** @param {string} name @param {number} value @param {Sum["kind"]} kind @returns {Sum} */
function sumOf(name, value, kind) {
  return { name, value, kind };
}

/**
 * The terms of a pixel in the order of the outputs, which is that of the flipped kernel; null where the stride leaves a
 * weight out.
 *
 * @param {Backward} backward @param {BackTerm[]} terms @returns {(Cell | null)[][]}
 */
function flippedCells({ size: [rows, columns], transposed }, terms) {
  const byTap = new Map(terms.map((term) => [term.row * columns + term.column, term]));
  const most = largestMagnitude(terms);
  const turned = (/** @type {number} */ index, /** @type {number} */ count) =>
    transposed ? index : count - 1 - index;
  return Array.from({ length: Math.min(rows, MOST_CELLS) }, (_, row) =>
    Array.from({ length: Math.min(columns, MOST_CELLS) }, (__, column) => {
      const term = byTap.get(turned(row, rows) * columns + turned(column, columns));
      return term ? cellOf(term, most) : null;
    }),
  );
}

/** @param {BackTerm} term @param {number} most @returns {Cell} */
function cellOf(term, most) {
  const { output, outside, value, weight, product } = term;
  const common = productOf(term, most);
  const from = outside ? TEXTS.outside : TEXTS.outputAt({ row: output.y + 1, column: output.x + 1 });
  const title = `${from}: ${common.title} = ${fullNumber(product)}`;
  const factors = `${written(value)} × ${written(weight)}`;
  return { ...common, padded: outside, largest: false, title, factors };
}

/**
 * The largest terms of a sum over all places, and the others added up.
 *
 * @param {BackTerm[]} terms @param {boolean} weighted whether each has a second factor @returns {DenseTerms}
 */
function listed(terms, weighted) {
  const order = terms.toSorted((one, other) => Math.abs(other.product) - Math.abs(one.product));
  const [first, others] = [order.slice(0, MOST_TERMS), order.slice(MOST_TERMS)];
  const most = largestMagnitude(first);
  return {
    terms: first.map((term) => ({
      ...productOf(term, most),
      name: TEXTS.placeName({ row: term.output.y + 1, column: term.output.x + 1 }),
      arrives: weighted ? written(term.value) : "",
      weighs: weighted ? `× ${written(term.weight)}` : "",
    })),
    rest:
      others.length > 0
        ? { count: others.length, sum: totalOf(others), text: written(totalOf(others)) }
        : null,
  };
}

/**
 * The kernel that leads from the channel to the map, each weight with its gradient.
 *
 * @param {Backward} backward @param {Chosen} chosen @param {boolean} marks whether the chosen cell is marked
 * @returns {KernelCell[][]}
 */
function kernelCells(backward, { map, channel, cell }, marks) {
  const { kernel, kernelGradient, size } = backward;
  if (!kernel || !kernelGradient) return [];
  return Array.from({ length: Math.min(size[0], MOST_CELLS) }, (_, row) =>
    Array.from({ length: Math.min(size[1], MOST_CELLS) }, (__, column) => {
      const place = kernelPlace(backward, map, channel, row, column);
      const [weight, gradient] = [kernel[place] ?? NaN, kernelGradient[place] ?? NaN];
      const about = TEXTS.cell({ row: row + 1, column: column + 1, channel: backward.first + channel + 1 });
      return {
        weight: written(weight),
        gradient: written(gradient),
        title: `${about}: ${fullNumber(weight)}, ∂L/∂w ${fullNumber(gradient)}`,
        chosen: marks && row === cell.row && column === cell.column,
      };
    }),
  );
}
