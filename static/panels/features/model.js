/** Frames of the probes `features` and `projection` as records: cards of one map, tiles of a layer, a projection. */

/** @import { Frame, NamedArray } from "../../types.d.ts" */
/** @import { Plane } from "../../draw/bands.js" */
/** @import { Wall } from "../../draw/signals.js" */

import { shortNumber, wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { isSignal } from "../../draw/bands.js";
import { planeAt } from "../../draw/signals.js";

const TEXTS = texts(import.meta.url, {
  picturesOfTheSet: "{all} pictures of the {set} set",
  searchedOfSoFar: "Searched {searched} of {pictures} so far.",
  strongestSomeSearched: "The strongest of {pictures}; some are searched anew at each look.",
  step: "Step {number}. {search}",
  step2: "step {data}",
  pictureActivation: [
    "Picture {image} ({name}): activation {value}, which sees {field}; among the strongest since it",
    "was searched at {step}",
  ],
  projection: "Projection {index}: {title}",
  patch: "Patch {index}",
  picture: "picture {image}",
  rowsColumns: "rows {top} to {bottom} and columns {left} to {right}",
  numbers: "numbers {left} to {right}",
  activationUpTo: ", activation up to {strongest}",
  mapStrongestProjections: "Map {channel}: its strongest projections beside their patches{state}",
  strongestActivationSees: "The strongest activation is {strongest}; it sees {field}.",
  pictureDoesNot: "This picture does not excite the map.",
});

/**
 * @typedef {object} Card one strong activation: a projection, and the patch that it stands for
 * @property {Wall} wall
 * @property {number} entry of the wall
 * @property {string} name the picture's class, or its number
 * @property {string} value of the activation
 * @property {string} step since when it is known
 * @property {string | null} title
 * @property {string} signalLabel
 * @property {string} patchLabel
 */

/**
 * How far the search has come.
 *
 * @param {Frame} frame @param {string} set that is searched
 */
export function searchText({ arrays, metadata }, set) {
  const [searched = 0, all = 0] = arrays.get("seen")?.data ?? [];
  const pictures = TEXTS.picturesOfTheSet({ all: wholeNumber(all), set });
  const search =
    searched < all
      ? TEXTS.searchedOfSoFar({ searched: wholeNumber(searched), pictures })
      : TEXTS.strongestSomeSearched({ pictures });
  return TEXTS.step({ number: wholeNumber(Number(metadata["step"] ?? 0)), search });
}

/**
 * The cards of one map, the strongest first, null where no picture is known yet; and whether no picture excites it.
 *
 * @param {Wall} wall @param {number} row of the map @param {string[]} classes
 * @returns {{ cards: (Card | null)[], dead: boolean }}
 */
export function mapCards(wall, row, classes) {
  const entries = Array.from({ length: wall.count }, (_, index) => row * wall.count + index);
  const alive = entries.some((entry) => imageOf(wall, entry) >= 0 && (wall.values.data[entry] ?? 0) > 0);
  return {
    cards: entries.map((entry, index) => mapCard(wall, entry, index, classes)),
    dead: !alive && imageOf(wall, row * wall.count) >= 0,
  };
}

/**
 * @param {Wall} wall @param {number} entry @param {number} index among those of the map @param {string[]} classes
 * @returns {Card | null}
 */
function mapCard(wall, entry, index, classes) {
  const image = imageOf(wall, entry);
  if (image < 0) return null;
  const [name, value] = [nameOf(wall, entry, classes), valueOf(wall, entry)];
  const step = TEXTS.step2({ data: wholeNumber(wall.steps.data[entry] ?? 0) });
  const title = TEXTS.pictureActivation({
    image,
    name,
    value,
    field: fieldText(wall.boxes, 4 * entry, isSignal(wall)),
    step,
  });
  const labels = {
    signalLabel: TEXTS.projection({ index: index + 1, title }),
    patchLabel: TEXTS.patch({ index: index + 1 }),
  };
  return { wall, entry, name, value, step, title, ...labels };
}

/** The picture of an entry; −1 while there is none. @param {Wall} wall @param {number} entry */
export function imageOf({ images }, entry) {
  return images.data[entry] ?? -1;
}

/** @param {Wall} wall @param {number} entry @param {string[]} classes */
export function nameOf(wall, entry, classes) {
  return classes[wall.targets.data[entry] ?? -1] ?? TEXTS.picture({ image: imageOf(wall, entry) });
}

/** @param {Wall} wall @param {number} entry */
export function valueOf({ values }, entry) {
  return shortNumber(values.data[entry] ?? 0);
}

/**
 * Which pixels an activation sees.
 *
 * @param {NamedArray} boxes @param {number} start of its box @param {boolean} signal whether samples are signals
 */
function fieldText({ data }, start, signal) {
  const [top = 0, left = 0, bottom = 0, right = 0] = data.subarray(start, start + 4);
  if (signal) return TEXTS.numbers({ left, right: right - 1 });
  return TEXTS.rowsColumns({ top, bottom: bottom - 1, left, right: right - 1 });
}

/**
 * The maps of a layer, one for each row of the wall.
 *
 * @param {Wall} wall @returns {{ text: string, label: string, dead: boolean }[]}
 */
export function layerTiles(wall) {
  return Array.from(wall.channels.data, (channel, row) => {
    const strongest = wall.values.data[row * wall.count] ?? NaN;
    const dead = imageOf(wall, row * wall.count) >= 0 && !(strongest > 0);
    const state = dead ? "; dead" : TEXTS.activationUpTo({ strongest: shortNumber(strongest) });
    return {
      text: `${channel + 1}${dead ? " dead" : ""}`,
      label: TEXTS.mapStrongestProjections({ channel: channel + 1, state }),
      dead,
    };
  });
}

/**
 * The chosen picture, what in it excites the map, and how much; null while arrays are missing.
 *
 * @param {Map<string, NamedArray>} arrays
 * @returns {{ input: Plane, range: { low: number, high: number }, projection: Plane, text: string } | null}
 */
export function projectionOf(arrays) {
  const [input, projection] = [arrays.get("input"), arrays.get("projection")];
  const [value, box] = [arrays.get("value"), arrays.get("box")];
  if (!input || !projection || !value || !box) return null;
  const strongest = value.data[0] ?? 0;
  const seen = planeAt(input, 0, input.shape[0] ?? 1);
  const [low = 0, high = 1] = arrays.get("input.range")?.data ?? [];
  return {
    input: seen,
    range: { low, high },
    projection: planeAt(projection, 0, projection.shape[0] ?? 1),
    text:
      strongest > 0
        ? TEXTS.strongestActivationSees({
            strongest: shortNumber(strongest),
            field: fieldText(box, 0, isSignal(seen)),
          })
        : TEXTS.pictureDoesNot,
  };
}
