/** Texts that describe the unit or edge below the pointer, with its numbers of the newest frames. Pure. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Link, Placed, Unit } from "../../network/layout.js" */

import { roundedTo, shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { LEVELS, picturesOf, rangeAt, valueIn } from "../../draw/surface.js";
import { edgeWeights, weightPlace } from "../../draw/weights.js";
import { edgeName, nodeName, unitName } from "../../network/names.js";

const TEXTS = texts(import.meta.url, {
  network: "The network: {parts}",
  units: { one: "{name} {count} unit", other: "{name} {count} units" },
  maps: { one: "{name} {count} map", other: "{name} {count} maps" },
  input: "input",
  weight: "{ends}: weight {weight}",
  map: "{unit} of {units}",
  inTheMap: "in the map",
  overThePlane: "over the plane",
  bias: ", bias {bias}",
  range: ": {low} to {high} {where}",
  value: ": {value} here, {low} to {high} {where}",
});

/** @typedef {{ x: number, y: number }} Place shares of a tile's sides */
/** @typedef {{ link: Link, source: Unit, target: Unit }} Edge */

/**
 * The newest frames of the probes that the drawing shows.
 *
 * @typedef {object} NewestFrames
 * @property {Frame} [weights]
 * @property {Frame} [surface] left out where units are no functions over the plane
 * @property {Frame} [maps]
 */

/**
 * The drawing in words: its columns from left to right, and how many units each has.
 *
 * @param {{ columns: Placed[] }} layout
 */
export function networkLabel({ columns }) {
  const parts = columns.map(({ name, data, tiled, maps, units }) => {
    const own = data ? TEXTS.input : nodeName(name);
    return tiled ? (maps ? TEXTS.maps : TEXTS.units)({ count: units, name: own }) : own;
  });
  return TEXTS.network({ parts: parts.join(", ") });
}

/**
 * An edge's two units and its weight; empty before the weight is known.
 *
 * @param {Edge} edge @param {NewestFrames} frames @param {string[]} inputs names of what the network gets
 */
export function edgeHint({ link, source, target }, { weights }, inputs) {
  const known = edgeWeights(weights, link);
  if (!known) return "";
  const weight = known.values[weightPlace(known, link.from, source.index, target.index)] ?? NaN;
  const ends = edgeName(unitName(link.from, source.index, inputs), unitName(link.to, target.index, inputs));
  return TEXTS.weight({ ends, weight: shortNumber(weight) });
}

/**
 * A unit's name, its value at a place of its picture, and its bias.
 *
 * @param {Placed} column @param {number} unit @param {Place | null} place @param {NewestFrames} frames
 * @param {string[]} inputs names of what the network gets
 */
export function unitHint(column, unit, place, { weights, surface, maps }, inputs) {
  const { name, head, units } = column;
  const title = unitName(column, unit, inputs);
  if (column.maps)
    return (
      (column.data ? title : TEXTS.map({ unit: title, units })) +
      valueText(maps, `maps/${name}`, unit, place, TEXTS.inTheMap)
    );
  const bias = weights?.arrays.get(`${head}.bias`)?.data[unit];
  const over = valueText(surface, `unit/${name}`, unit, place, TEXTS.overThePlane);
  return `${title}${over}${bias === undefined ? "" : TEXTS.bias({ bias: shortNumber(bias) })}`;
}

/**
 * Whether the frames hold a unit's picture, so that its hint has the picture's range.
 *
 * @param {Placed} column @param {number} unit @param {NewestFrames} frames
 */
export function isPictured({ name, maps: ofMaps }, unit, { surface, maps }) {
  const frame = ofMaps ? maps : surface;
  const pictures = frame && picturesOf(frame, `${ofMaps ? "maps" : "unit"}/${name}`);
  return unit < (pictures?.count ?? 0);
}

/**
 * The value at a place of a picture, and between which it lies.
 *
 * @param {Frame | undefined} frame @param {string} name @param {number} index @param {Place | null} place
 * @param {string} where
 */
function valueText(frame, name, index, place, where) {
  const pictures = frame && picturesOf(frame, name);
  if (!pictures || index >= pictures.count) return "";
  const [low, high] = rangeAt(pictures, index);
  const ends = { low: shortNumber(low), high: shortNumber(high), where };
  if (!place) return TEXTS.range(ends);
  const value = roundedTo((high - low) / LEVELS, valueIn(pictures, index, place.x, place.y));
  return TEXTS.value({ value, ...ends });
}
