/** The pictures of a frame of the `pixel_classes` probe as records, and the legend of its classes. */

/** @import { Frame, NamedArray } from "../../types.d.ts" */

import { setName } from "../../core/metric_names.js";
import { percent } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { category } from "../../draw/colors.js";
import { NO_CLASS } from "../../draw/masks.js";

const TEXTS = texts(import.meta.url, {
  caption: "{share} right",
  label: "{set} sample {place}: {share} of the pixels right, mean IoU {overlap}",
});

/** What is drawn over the pictures. @typedef {"answer" | "truth" | "mistakes"} View */

/**
 * @typedef {object} Marked a picture with its masks
 * @property {number} index within its set
 * @property {Uint8Array} levels (channels, h, w)
 * @property {Uint8Array} mask the class of each pixel, as the network says @property {Uint8Array} truth
 * @property {Uint8Array} certainty
 * @property {string} caption @property {string} label
 */

/** @typedef {{ name: string, color: string | null, overlap: string }} LegendEntry */

/**
 * @typedef {object} PixelClasses
 * @property {number} width @property {number} height
 * @property {Marked[]} pictures
 */

/**
 * @param {Pick<Frame, "arrays">} frame @param {string} set
 * @returns {PixelClasses | null} null while arrays are missing
 */
export function model({ arrays }, set) {
  const levels = bytes(arrays.get("pictures"));
  const [mask, truth, certainty] = ["mask", "truth", "certainty"].map((name) => bytes(arrays.get(name)));
  const [index, overlaps] = [arrays.get("index"), arrays.get("iou")];
  if (!levels || !mask || !truth || !certainty || !index || !overlaps) return null;
  const [, height = 1, width = 1] = mask.shape;
  const [count, pixels] = [index.data.length, height * width];
  const channels = levels.data.length / (count * pixels);
  const part = (/** @type {Uint8Array} */ all, /** @type {number} */ at, /** @type {number} */ size) =>
    all.subarray(at * size, (at + 1) * size);
  const pictures = Array.from(index.data, (place, at) => {
    const said = part(mask.data, at, pixels);
    const right = part(truth.data, at, pixels);
    const share = percent(shareRight(said, right));
    const overlap = percent(meanOf(overlaps, at));
    return {
      index: place,
      levels: part(levels.data, at, channels * pixels),
      mask: said,
      truth: right,
      certainty: part(certainty.data, at, pixels),
      caption: TEXTS.caption({ share }),
      label: TEXTS.label({ set: setName(set), place, share, overlap }),
    };
  });
  return { width, height, pictures };
}

/**
 * The classes with the colours that they are drawn in, and the overlap of each over the whole set.
 *
 * @param {string[]} classes @param {(name: string) => Float64Array | number[]} values of a series, row by row
 * @param {string} set @param {number | null} [scrubbed] the step that is shown; null: the newest
 * @returns {LegendEntry[]}
 */
export function legendOf(classes, values, set, scrubbed = null) {
  const row = scrubbed === null ? -1 : rowAt(values("step"), scrubbed);
  return classes.map((name, index) => {
    const overlap = values(`${set}_iou_${index}`).at(row) ?? NaN;
    return {
      name,
      color: index === 0 ? null : category(index),
      overlap: Number.isFinite(overlap) ? percent(overlap) : "–",
    };
  });
}

/**
 * The last row at or before a step, as what was known then; where there is none, beyond all rows.
 *
 * @param {Float64Array | number[]} steps ascending @param {number} step
 */
function rowAt(steps, step) {
  for (let row = steps.length - 1; row >= 0; row--) if ((steps[row] ?? NaN) <= step) return row;
  return steps.length;
}

/** @param {Uint8Array} mask @param {Uint8Array} truth the share of the pixels that are right, of those that count */
export function shareRight(mask, truth) {
  let [right, known] = [0, 0];
  for (let index = 0; index < mask.length; index++) {
    if (truth[index] === NO_CLASS) continue;
    known++;
    if (truth[index] === mask[index]) right++;
  }
  return known > 0 ? right / known : NaN;
}

/** The mean overlap of the classes of a picture. @param {NamedArray} overlaps (pictures, classes) @param {number} at */
function meanOf({ data, shape }, at) {
  const classes = shape[1] ?? 0;
  const known = Array.from({ length: classes }, (_, index) => data[at * classes + index] ?? NaN);
  const there = known.filter((overlap) => !Number.isNaN(overlap));
  return there.reduce((sum, overlap) => sum + overlap, 0) / there.length;
}

/** @param {NamedArray | undefined} array @returns {{ data: Uint8Array, shape: number[] } | null} */
function bytes(array) {
  return array?.data instanceof Uint8Array ? { data: array.data, shape: array.shape } : null;
}
