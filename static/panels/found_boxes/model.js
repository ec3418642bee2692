/** The pictures of a frame of the `found_boxes` probe as records. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Plane } from "../../draw/bands.js" */

import { overlap } from "../../core/boxes.js";
import { setName } from "../../core/metric_names.js";
import { texts } from "../../core/texts.js";
import { planeAt } from "../../draw/signals.js";

const TEXTS = texts(import.meta.url, {
  caption: "{found} of {objects}",
  captionWrong: "{found} of {objects}, {wrong} wrong",
  label: "{set} sample {place}: {found} of {objects} objects found, {wrong} wrong answers",
});

/**
 * @typedef {object} FoundBox
 * @property {[number, number, number, number]} corners in pixels of the picture
 * @property {number} class @property {number} score 1 for an object
 * @property {"right" | "wrong" | "missed"} state
 * @property {FoundBox["corners"] | null} start the cell or the anchor that an answer started from
 */

/**
 * @typedef {object} Scene
 * @property {number} index within its set
 * @property {Plane} picture
 * @property {FoundBox[]} boxes the answers that are sure, and the objects that they miss
 * @property {string} caption @property {string} label
 */

/**
 * What is missed follows from the answers that are sure, not from the frame, which was asked for before: all numbers of
 * a picture are of one threshold, also while a hand moves it.
 *
 * @param {Pick<Frame, "arrays">} frame @param {string} set
 * @param {number} sure the score from which a box is an answer
 * @returns {Scene[] | null} null while arrays are missing
 */
export function model({ arrays }, set, sure) {
  const [pictures, index] = [arrays.get("pictures"), arrays.get("index")];
  const [found, right, truth] = [arrays.get("found"), arrays.get("right"), arrays.get("truth")];
  const starts = arrays.get("starts");
  if (!pictures || !index || !found || !right || !truth) return null;
  const [, channels = 1] = pictures.shape;
  const [most = 0, objects = 0] = [found.shape[1], truth.shape[1]];
  return Array.from(index.data, (place, at) => {
    const from = starts ? rowsOf(starts.data, at, most, 4) : [];
    const answers = rowsOf(found.data, at, most, 6)
      .map((row, rank) => {
        const state = right.data[at * most + rank] ? "right" : "wrong";
        return boxOf(row, row[4] ?? 0, row[5] ?? -1, state, from[rank]);
      })
      .filter((box) => box.class >= 0 && box.score >= sure);
    const there = rowsOf(truth.data, at, objects, 5)
      .map((row) => boxOf(row, 1, row[4] ?? -1, "missed"))
      .filter((box) => box.class >= 0);
    const missed = missedOf(there, answers);
    const wrong = answers.filter(({ state }) => state === "wrong").length;
    const counts = { found: there.length - missed.length, objects: there.length, wrong };
    return {
      index: place,
      picture: planeAt(pictures, at, channels),
      boxes: [...missed, ...answers],
      caption: wrong ? TEXTS.captionWrong(counts) : TEXTS.caption(counts),
      label: TEXTS.label({ set: setName(set), place, ...counts }),
    };
  });
}

/**
 * The objects that no right answer has found: each finds the one of its class that it overlaps most, as average
 * precision counts it.
 *
 * @param {FoundBox[]} objects @param {FoundBox[]} answers
 */
function missedOf(objects, answers) {
  const found = new Set(
    answers.filter(({ state }) => state === "right").map((answer) => mostOverlapped(objects, answer)),
  );
  return objects.filter((object) => !found.has(object));
}

/** @param {FoundBox[]} objects @param {FoundBox} answer @returns {FoundBox | undefined} of the answer's class */
function mostOverlapped(objects, answer) {
  const shares = objects.map((object) =>
    object.class === answer.class ? overlap(cornersOf(object), cornersOf(answer)) : -1,
  );
  return objects[shares.indexOf(Math.max(...shares))];
}

/** @param {FoundBox} box */
const cornersOf = ({ corners: [left, top, right, bottom] }) => ({ left, top, right, bottom });

/** @param {ArrayLike<number>} data @param {number} at @param {number} count @param {number} width */
function rowsOf(data, at, count, width) {
  return Array.from({ length: count }, (_, row) =>
    Array.from({ length: width }, (_, column) => data[(at * count + row) * width + column] ?? NaN),
  );
}

/**
 * @param {number[]} row @param {number} score @param {number} kind @param {FoundBox["state"]} state
 * @param {number[]} [start] @returns {FoundBox}
 */
function boxOf(row, score, kind, state, start) {
  return { corners: corners(row), score, class: kind, state, start: start ? corners(start) : null };
}

/** @param {number[]} row @returns {FoundBox["corners"]} */
const corners = ([left = 0, top = 0, right = 0, bottom = 0]) => [left, top, right, bottom];
