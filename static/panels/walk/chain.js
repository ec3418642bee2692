/** The chain rule of one weight, as a product of named factors with their values. Pure. */

/** @import { DescribedNode, Frame } from "../../types.d.ts" */
/** @import { Placed } from "../../network/layout.js" */

import { texts } from "../../core/texts.js";
import { edgeName, nodeName, unitName } from "../../network/names.js";
import { placesOf, weightName } from "./kernel_chain.js";
import { arrayOf, numberAt } from "./numbers.js";

const TEXTS = texts(import.meta.url, {
  bias: "bias of {unit}",
  byOutput: "∂L/∂a",
  byOutputFull: "The gradient of the loss by what {unit} gives",
  bySum: "∂L/∂z",
  bySumFull: "The gradient of the loss by the sum z of {unit}",
  slope: "∂a/∂z",
  slopeFull: "The slope of {node} at the sum of this unit",
  bySource: "∂z/∂w",
  bySourceFull: "What arrives over this weight: {source}",
  byBias: "∂z/∂b",
  byBiasFull: "A bias is added as it is",
  inputNumber: "input {number}",
  manyWeights: "{node} has too many weights to be written out here.",
  shared: "The weights of {node} take part in many places: their gradient is a sum over all of them.",
  ofKernel: "{unit}: {weight}",
  none: "{node} has no weights.",
});

/** Terms of a sum that are written out, the largest first; the others are added up. */
const MOST_TERMS = 8;

/** How far a product may be from autograd's number, as float32 rounds. */
const TOLERANCE = 1e-4;

/**
 * @typedef {object} EdgeOf
 * @property {string} to the column that the weight leads to
 * @property {number} target its unit
 * @property {number | null} source which of its unit's weights, as they lie in memory: of a dense layer which of the
 *   numbers that it reads; null for the bias
 */

/** @typedef {{ symbol: string, title: string, value: number }} Factor */

/** @typedef {{ name: string, weight: number, gradient: number, product: number }} Path */

/**
 * @typedef {object} Sum
 * @property {Path[]} terms the largest ones
 * @property {number} others how many are added up in `rest`
 * @property {number} rest
 * @property {number} total
 */

/**
 * @typedef {object} Update
 * @property {number} given the gradient that the optimizer is given
 * @property {number} rate
 * @property {number} change
 * @property {number} after
 */

/**
 * @typedef {object} Chain
 * @property {string} name
 * @property {number} weight
 * @property {Factor[]} factors none of a weight that takes part in many places
 * @property {Sum | null} places what each of these adds
 * @property {number} product
 * @property {number} derivative as autograd has it
 * @property {boolean} agrees
 * @property {Sum | null} paths where ∂L/∂a comes from, over the units that read this one; null where it is the loss's
 *   own, or comes through no weights
 * @property {string | null} from the nodes that send ∂L/∂a back where there are no paths; null where the loss does
 * @property {Update | null} update null where no optimizer moves the weight
 */

/**
 * @typedef {object} Network
 * @property {Placed[]} columns
 * @property {DescribedNode[]} nodes
 * @property {string[]} inputs names of what the network gets
 */

/**
 * The chain rule of a weight, or a sentence that says why it is not written out.
 *
 * @param {Frame} frame @param {Network} network @param {EdgeOf} edge @returns {Chain | string | null} null where the
 * network that is drawn has no such weight
 */
export function chainOf(frame, network, edge) {
  const column = network.columns.find(({ name }) => name === edge.to);
  const head = column?.members[0];
  if (!column || !head) return null;
  if (column.folded || head.parameters === 0) return TEXTS.none({ node: nodeName(column.head) });
  const parameter = `${head.name}.${edge.source === null ? "bias" : "weight"}`;
  const weights = arrayOf(frame, "parameter", parameter);
  if (!weights) return TEXTS.manyWeights({ node: nodeName(head.name) });
  const sums = arrayOf(frame, "gradient", head.name);
  const isOfKernel = weights.shape.length === (edge.source === null ? 1 : 4);
  const places = isOfKernel && sums ? placesOf(frame, head, edge) : null;
  if (places) return kernelChain(frame, network, column, edge, places);
  const isProduct = weights.shape.length === (edge.source === null ? 1 : 2) && sums?.shape.length === 1;
  if (!isProduct || weights.shape[0] !== sums.data.length) return TEXTS.shared({ node: nodeName(head.name) });
  const place = edge.source === null ? edge.target : edge.target * (weights.shape[1] ?? 0) + edge.source;
  const [weight, derivative] = [weights.data[place], numberAt(frame, "derivative", parameter, place)];
  if (weight === undefined || derivative === null) return null;
  const factors = factorsOf(frame, network, column, edge);
  const product = factors.reduce((total, { value }) => total * value, 1);
  return {
    name: nameOf(network, column, edge),
    weight,
    factors,
    places: null,
    product,
    derivative,
    agrees: isClose(product, derivative),
    ...beyond(frame, network, column, edge.target),
    update: updateOf(frame, parameter, place, weight),
  };
}

/**
 * The chain rule of a weight of a kernel, or of a map's bias.
 *
 * @param {Frame} frame @param {Network} network @param {Placed} column @param {EdgeOf} edge @param {Path[]} places
 * @returns {Chain | null}
 */
function kernelChain(frame, network, column, edge, places) {
  const head = column.members[0];
  const parameter = `${head?.name}.${edge.source === null ? "bias" : "weight"}`;
  const shape = arrayOf(frame, "parameter", parameter)?.shape ?? [];
  const each = shape.slice(1).reduce((total, size) => total * size, 1);
  const place = edge.target * each + (edge.source ?? 0);
  const weight = numberAt(frame, "parameter", parameter, place);
  const derivative = numberAt(frame, "derivative", parameter, place);
  if (weight === null || derivative === null) return null;
  const sum = summed(places);
  const unit = unitName(column, edge.target, network.inputs);
  return {
    name:
      edge.source === null
        ? TEXTS.bias({ unit })
        : TEXTS.ofKernel({ unit, weight: weightName(shape, edge.source) }),
    weight,
    factors: [],
    places: sum,
    product: sum.total,
    derivative,
    agrees: isClose(sum.total, derivative),
    paths: null,
    from: null,
    update: updateOf(frame, parameter, place, weight),
  };
}

/** @param {number} one @param {number} other */
function isClose(one, other) {
  if (!Number.isFinite(one) || !Number.isFinite(other)) return Object.is(one, other);
  return Math.abs(one - other) <= TOLERANCE * Math.max(1e-12, Math.abs(other));
}

/** @param {Network} network @param {Placed} column @param {EdgeOf} edge */
function nameOf(network, column, { source, target }) {
  const unit = unitName(column, target, network.inputs);
  return source === null ? TEXTS.bias({ unit }) : edgeName(sourceName(network, column, source), unit);
}

/**
 * What the number that arrives over a weight is called.
 *
 * @param {Network} network @param {Placed} column @param {number} source
 */
export function sourceName({ columns, inputs }, column, source) {
  const from = columns.find(({ name }) => name === column.inputs[0]);
  const isUnit = from?.tiled && !from.maps && source < from.units;
  return isUnit ? unitName(from, source, inputs) : TEXTS.inputNumber({ number: source + 1 });
}

/** @param {Frame} frame @param {Network} network @param {Placed} column @param {EdgeOf} edge @returns {Factor[]} */
function factorsOf(frame, network, column, { source, target }) {
  const [head, ...after] = column.members;
  const unit = unitName(column, target, network.inputs);
  const slopes = after.map(({ name }) => ({ name, value: numberAt(frame, "slope", name, target) }));
  const isSplit = slopes.length > 0 && slopes.every(({ value }) => value !== null);
  const from = numberAt(frame, "gradient", isSplit ? column.name : (head?.name ?? ""), target) ?? NaN;
  const symbol = isSplit ? TEXTS.byOutput : TEXTS.bySum;
  const full = isSplit ? TEXTS.byOutputFull : TEXTS.bySumFull;
  const arrives = source === null ? 1 : numberAt(frame, "output", head?.inputs[0] ?? "", source);
  return [
    {
      symbol,
      title: full({ unit }),
      value: from,
    },
    ...(isSplit ? slopes.toReversed().map(({ name, value }) => slopeFactor(name, value ?? NaN)) : []),
    source === null
      ? { symbol: TEXTS.byBias, title: TEXTS.byBiasFull, value: 1 }
      : {
          symbol: TEXTS.bySource,
          title: TEXTS.bySourceFull({ source: sourceName(network, column, source) }),
          value: arrives ?? NaN,
        },
  ];
}

/** @param {string} name @param {number} value @returns {Factor} */
function slopeFactor(name, value) {
  return { symbol: TEXTS.slope, title: TEXTS.slopeFull({ node: nodeName(name) }), value };
}

/**
 * Where the gradient by what a unit gives comes from.
 *
 * @param {Frame} frame @param {Network} network @param {Placed} column @param {number} unit
 * @returns {{ paths: Sum | null, from: string | null }}
 */
function beyond(frame, network, column, unit) {
  const readers = network.nodes.filter(({ inputs }) => inputs.includes(column.name));
  if (readers.length === 0) return { paths: null, from: null };
  const paths = readers.map((reader) => pathsOver(frame, network, reader, unit));
  const known = paths.every((each) => each !== null) ? paths.flat() : null;
  const from = readers.map(({ name }) => nodeName(name)).join(", ");
  return known ? { paths: summed(known), from: null } : { paths: null, from };
}

/**
 * The ways from a unit to each unit of a dense node that reads it; null where it is another kind of node.
 *
 * @param {Frame} frame @param {Network} network @param {DescribedNode} reader @param {number} unit
 * @returns {Path[] | null}
 */
function pathsOver(frame, { columns, inputs }, { name }, unit) {
  const weights = arrayOf(frame, "parameter", `${name}.weight`);
  const gradients = arrayOf(frame, "gradient", name);
  const [units = 0, width = 0] = weights?.shape ?? [];
  if (!weights || weights.shape.length !== 2 || gradients?.shape.length !== 1 || unit >= width) return null;
  const column = columns.find(({ head }) => head === name);
  return Array.from({ length: units }, (_, index) => {
    const [weight, gradient] = [weights.data[index * width + unit] ?? NaN, gradients.data[index] ?? NaN];
    const own = column ? unitName(column, index, inputs) : TEXTS.inputNumber({ number: index + 1 });
    return { name: own, weight, gradient, product: weight * gradient };
  });
}

/** @param {Path[]} paths @returns {Sum} */
function summed(paths) {
  const ordered = paths.toSorted((one, other) => Math.abs(other.product) - Math.abs(one.product));
  const add = (/** @type {Path[]} */ some) => some.reduce((total, { product }) => total + product, 0);
  const [terms, others] = [ordered.slice(0, MOST_TERMS), ordered.slice(MOST_TERMS)];
  return { terms, others: others.length, rest: add(others), total: add(paths) };
}

/**
 * @param {Frame} frame @param {string} parameter @param {number} place @param {number} weight @returns {Update | null}
 */
function updateOf(frame, parameter, place, weight) {
  const change = numberAt(frame, "change", parameter, place);
  if (change === null) return null;
  const [given, rate] = [numberAt(frame, "given", parameter, place), numberAt(frame, "rate", parameter, 0)];
  return { given: given ?? NaN, rate: rate ?? NaN, change, after: weight + change };
}
