/** A node's maps of a frame as a record: which are shown, in which order, on which scale, and what is said of them. */

/** @import { Catalog, Description, Frame, JsonObject } from "../../types.d.ts" */
/** @import { Range, Scope } from "../../draw/maps.js" */
/** @import { Pictures } from "../../draw/surface.js" */

import { nodeName } from "../../network/names.js";
import { nodeItem } from "../../catalog/catalog.js";
import { roundedTo, shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { isSigned, scaleOf, shapeCaption } from "../../draw/maps.js";
import { LEVELS, pictureAt, picturesOf, rangeAt, valueIn } from "../../draw/surface.js";

const TEXTS = texts(import.meta.url, {
  whatTheNetworkGets: "What the network gets",
  mapsTo: "{name}: {shown} maps, {low} to {high}",
  theFirst: "the first {strength}",
  silent: "{silent} silent",
  noneIs: "none is {filter}",
  noneDeadEach: "none is dead: each says something of some test sample",
  lookingTestSet: "looking at the test set …",
  toInThe: "{low} to {high} in the {where}",
  mostOfEach: "most of each",
  to: "{low} to {high}",
  mapRowColumn: "{nodeName}, map {index}, row {row}, column {column}: {value} ({range})",
  mapPlace: "{nodeName}, map {index}, number {column}: {value} ({range})",
  yourDrawing: "your drawing",
  yourPicture: "your picture",
  class: ", class {classes}",
  sample: "{set} sample {index}{truth}",
});

/** @typedef {"index" | "strength"} Order */

/**
 * Silent maps are zero for this picture; dead ones for every picture of the test set.
 *
 * @typedef {"all" | "active" | "silent" | "dead"} Filter
 */

/** @typedef {{ scope: Scope, order: Order, filter: Filter }} Options */

/**
 * @typedef {object} Context
 * @property {Description | null} description
 * @property {Catalog} catalog
 * @property {Frame | undefined} peaks the most that each map gives over the test set, once it is known
 * @property {Range} network its range over all nodes
 * @property {Options} options
 * @property {number} depth at which volumes are shown, as a share
 * @property {number[] | null} kept the order as it was, where maps are not to be sorted anew
 */

/**
 * @typedef {object} LayerMaps
 * @property {string} name
 * @property {string} title what kind of node it is
 * @property {string} shape
 * @property {string} count how many are left out, and how many are silent
 * @property {Pictures} pictures
 * @property {boolean} line whether they are signals, drawn as lines
 * @property {boolean} picture whether they are the channels of what the network gets, seen as a picture
 * @property {number[]} shown indices of maps, in their order
 * @property {string} none what stands where no map is shown
 * @property {Scale} scale
 * @property {string} label
 */

/**
 * @typedef {{ signed: boolean, low: string, high: string, title: string }} Scale its ends in words; signed: zero is in
 *   the middle
 */

/**
 * The names of the nodes whose maps are in a frame, in the order of the network.
 *
 * @param {Frame} frame @param {Description | null} description
 */
export function layerNames({ arrays }, description) {
  const nodes = description ? [description.input, ...description.nodes] : [];
  return nodes.map(({ name }) => name).filter((name) => arrays.has(`maps/${name}`));
}

/**
 * The maps of a node; null where the frame has none.
 *
 * @param {Frame} frame @param {string} name @param {Context} context @returns {LayerMaps | null}
 */
export function model(frame, name, { description, catalog, peaks, network, options, depth, kept }) {
  const pictures = picturesOf(frame, `maps/${name}`, depth);
  if (!pictures) return null;
  const { count, height, width } = pictures;
  const whole = Array.from(frame.arrays.get(`maps/${name}.shape`)?.data ?? [count, height, width]);
  const strength = strengths(pictures);
  const shown = kept?.every((index) => index < count)
    ? kept
    : chosenMaps(strength, options.order, options.filter, peaks?.arrays.get(`peak/${name}`)?.data);
  const node = description?.nodes.find((each) => each.name === name);
  const range = scaleOf(pictures, options.scope, network);
  return {
    name,
    title: node ? (nodeItem(catalog, node.kind)?.label ?? node.kind) : TEXTS.whatTheNetworkGets,
    shape: shapeCaption(whole),
    count: countText(whole[0] ?? 0, strength),
    pictures,
    line: (node ?? description?.input)?.shape?.length === 2,
    picture: name === description?.input.name,
    shown,
    none: noneText(options.filter, peaks !== undefined),
    scale: scaleText(range, options.scope),
    label: TEXTS.mapsTo({
      name: nodeName(name),
      shown: shown.length,
      low: shortNumber(range.low),
      high: shortNumber(range.high),
    }),
  };
}

/**
 * How strong each map of a node is: the mean of its absolute values, from levels and ranges.
 *
 * @param {Pictures} pictures
 * @returns {number[]}
 */
export function strengths(pictures) {
  return Array.from({ length: pictures.count }, (_, index) => {
    const [low, high] = rangeAt(pictures, index);
    const levels = pictureAt(pictures, index);
    let sum = 0;
    for (const level of levels) sum += Math.abs(low + ((high - low) * level) / LEVELS);
    return sum / Math.max(1, levels.length);
  });
}

/**
 * The maps of a node that are shown, in their order.
 *
 * @param {number[]} strength of each @param {Order} order @param {Filter} filter
 * @param {ArrayLike<number>} [peaks] the most that each gives over a set
 * @returns {number[]}
 */
export function chosenMaps(strength, order, filter, peaks) {
  const kept = (/** @type {number} */ index) => {
    const silent = (strength[index] ?? 0) === 0;
    if (filter === "dead") return peaks !== undefined && (peaks[index] ?? 1) <= 0;
    return filter === "all" || (filter === "silent") === silent;
  };
  const all = strength.map((_, index) => index).filter(kept);
  return order === "index" ? all : all.sort((one, other) => (strength[other] ?? 0) - (strength[one] ?? 0));
}

/** @param {number} whole maps that the node has @param {number[]} strength of those in the frame */
function countText(whole, strength) {
  const silent = strength.filter((each) => each === 0).length;
  return [
    whole > strength.length && TEXTS.theFirst({ strength: strength.length }),
    silent > 0 && TEXTS.silent({ silent }),
  ]
    .filter(Boolean)
    .join(", ");
}

/** @param {Filter} filter @param {boolean} known whether the test set has been looked at */
function noneText(filter, known) {
  if (filter !== "dead") return TEXTS.noneIs({ filter });
  return known ? TEXTS.noneDeadEach : TEXTS.lookingTestSet;
}

/** @param {Range} range @param {Scope} scope @returns {Scale} */
function scaleText({ low, high }, scope) {
  const signed = isSigned({ low, high });
  const size = Math.max(Math.abs(low), Math.abs(high));
  const where = scope === "network" ? "network" : "layer";
  const title = TEXTS.toInThe({ low: shortNumber(low), high: shortNumber(high), where });
  if (scope === "map") return { signed, title, low: signed ? "least" : "0", high: TEXTS.mostOfEach };
  return {
    signed,
    title,
    low: shortNumber(signed ? -size : Math.min(0, low)),
    high: shortNumber(signed ? size : high),
  };
}

/**
 * The value at a place of a map, in words.
 *
 * @param {LayerMaps} maps @param {number} index @param {number} x @param {number} y shares of the map's sides
 */
export function valueText({ name, pictures, line }, index, x, y) {
  const [low, high] = rangeAt(pictures, index);
  const [row, column] = [Math.floor(y * pictures.height) + 1, Math.floor(x * pictures.width) + 1];
  const value = roundedTo((high - low) / LEVELS, valueIn(pictures, index, x, y));
  const range = TEXTS.to({ low: shortNumber(low), high: shortNumber(high) });
  if (line) return TEXTS.mapPlace({ nodeName: nodeName(name), index: index + 1, column, value, range });
  return TEXTS.mapRowColumn({ nodeName: nodeName(name), index: index + 1, row, column, value, range });
}

/**
 * What the maps are of.
 *
 * @param {JsonObject} input that the network was shown @param {number | null} target its class, where it is known
 * @param {string[]} classes
 */
export function sampleText({ kind, set, index }, target, classes) {
  if (kind !== "sample") return kind === "values" ? TEXTS.yourDrawing : TEXTS.yourPicture;
  const truth = target === null ? "" : TEXTS.class({ classes: classes[target] ?? target });
  return TEXTS.sample({ set: String(set), index: String(index), truth });
}

/**
 * The sample some places further in its set, after the last the first; from an own picture the test set's first.
 *
 * @param {JsonObject} input @param {Record<string, number>} sets how many samples each has @param {number} by
 * @returns {JsonObject}
 */
export function sampleBeside({ kind, set, index }, sets, by) {
  if (kind !== "sample") return { kind: "sample", set: "test", index: 0 };
  const count = sets[String(set)] ?? 1;
  return { kind, set: String(set), index: (Number(index) + by + count) % count };
}
