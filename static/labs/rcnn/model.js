/** R-CNN and Fast R-CNN as records: their stages, and what a frame of the study says of one scene. Pure. */

/** @import { NamedArray } from "../../types.d.ts" */

import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  segments: "Segments",
  segmentsAbout: [
    "Neighbouring pixels are joined from the most alike on, as long as they differ no more than what each segment",
    "already holds. Selective search starts from these.",
  ],
  proposals: "Proposals",
  proposalsAbout: [
    "The two neighbours that are most alike become one, until one is left; every region on the way gives a box.",
    "No class is asked for. What no box meets is lost for all that follows.",
  ],
  warp: "Warp",
  warpAbout: [
    "Each proposal is cut out with a little ground and stretched to 24 × 24 pixels, whatever its form: the network",
    "takes one size only.",
  ],
  features: "Features",
  featuresAbout: [
    "A network that was fine-tuned on regions (objects from an overlap of one half) turns each warped region into 64",
    "numbers. It runs once for each proposal: this is what makes R-CNN slow.",
  ],
  svm: "One SVM a class",
  svmAbout: [
    "A linear machine for each class says on which side of its border the features lie, and how far. It learned from",
    "true boxes against what overlaps them by less than 0.3; what lies between is left out.",
  ],
  result: "Boxes",
  resultAbout: [
    "Suppression leaves the best of those that overlap by more than 0.3; a regression for each class then moves the",
    "box by what the features say. ✗: no object of the class is met by one half.",
  ],
  map: "One map",
  mapAbout: [
    "The convolutions run once for the whole picture: 32 maps of 16 × 16. All proposals are read from them, where",
    "R-CNN computed each anew.",
  ],
  pool: "RoI pooling",
  poolAbout: [
    "The cells below a proposal are cut into 4 × 4 bins, and the greatest number of each bin is kept: every proposal,",
    "of whatever size, gives as many numbers.",
  ],
  answer: "Answers",
  answerAbout: [
    "One network answers with the classes and the ground as probabilities, and with the offsets of the box: both are",
    "learned together, with a loss that asks for boxes of objects only.",
  ],
  propose: "Proposals",
  boxes: "Suppression and boxes",
  svms: "SVMs",
  all: "All",
});

/** @typedef {"rcnn" | "fast"} Method */

/**
 * @typedef {"segments" | "proposals" | "warp" | "features" | "svm" | "map" | "pool" | "answer" | "result"
 * } StageName
 */

/** @typedef {{ name: StageName, title: string, about: string, needs: string }} Stage */

/** @param {StageName} name @param {string} needs the array without which there is nothing to show @returns {Stage} */
const stage = (name, needs) => ({
  name,
  title: TEXTS[name],
  about: TEXTS[/** @type {"warpAbout"} */ (`${name}About`)],
  needs,
});

/** @type {Record<Method, Stage[]>} */
export const STAGES = {
  rcnn: [
    stage("segments", "segments"),
    stage("proposals", "proposals"),
    stage("warp", "rcnn/warps"),
    stage("features", "rcnn/features"),
    stage("svm", "rcnn/scores"),
    stage("result", "rcnn/found"),
  ],
  fast: [
    stage("segments", "segments"),
    stage("proposals", "proposals"),
    stage("map", "fast/map"),
    stage("pool", "fast/pooled"),
    stage("answer", "fast/scores"),
    stage("result", "fast/found"),
  ],
};

/** The parts of the time of each, as the study has them. @type {Record<Method, string[]>} */
const PARTS = {
  rcnn: [TEXTS.propose, TEXTS.warp, TEXTS.features, TEXTS.svms, TEXTS.boxes],
  fast: [TEXTS.propose, TEXTS.map, TEXTS.pool, TEXTS.answer],
};

/** The names of the classes. @param {Arrays} arrays */
export const classesOf = (arrays) =>
  new TextDecoder().decode(/** @type {Uint8Array} */ (arrays.get("classes")?.data)).split("\n");

/** @typedef {[number, number, number, number]} Corners */

/**
 * @typedef {object} Proposal
 * @property {Corners} corners
 * @property {number} overlap with the best object
 */

/** @typedef {{ corners: Corners, score: number, class: number, right: boolean }} Found */

/** @typedef {Map<string, NamedArray>} Arrays */

/**
 * Part of an array for one scene, or for one of its regions; empty where there is none.
 *
 * @param {NamedArray | undefined} array @param {...number} at
 */
export function part(array, ...at) {
  if (!array) return [];
  let [from, size] = [0, array.data.length];
  at.forEach((place, axis) => {
    size /= array.shape[axis] ?? 1;
    from += place * size;
  });
  return Array.from(/** @type {Float32Array} */ (array.data).subarray(from, from + size));
}

/** @param {number[]} numbers @param {number} width @returns {number[][]} */
function rows(numbers, width) {
  return Array.from({ length: numbers.length / width }, (_, row) =>
    numbers.slice(row * width, (row + 1) * width),
  );
}

/** @param {number[]} row @returns {Corners} */
const corners = ([left = 0, top = 0, right = 0, bottom = 0]) => [left, top, right, bottom];

/** The proposals of a scene. @param {Arrays} arrays @param {number} scene @returns {Proposal[]} */
export function proposalsOf(arrays, scene) {
  const overlaps = part(arrays.get("overlaps"), scene);
  return rows(part(arrays.get("proposals"), scene), 4)
    .map((row, index) => ({ corners: corners(row), overlap: overlaps[index] ?? 0 }))
    .filter(({ corners: [, , right] }) => right >= 0);
}

/** The objects of a scene. @param {Arrays} arrays @param {number} scene */
export function objectsOf(arrays, scene) {
  return rows(part(arrays.get("truth"), scene), 5)
    .map((row) => ({ corners: corners(row), class: row[4] ?? -1 }))
    .filter((object) => object.class >= 0);
}

/**
 * What is left of a scene that a detector is sure of.
 *
 * @param {Arrays} arrays @param {number} scene @param {Method} method @returns {Found[]}
 */
export function foundOf(arrays, scene, method) {
  const right = part(arrays.get(`${method}/right`), scene);
  // A distance from the border of an SVM, or a probability.
  const sure = method === "rcnn" ? 0 : 0.5;
  return rows(part(arrays.get(`${method}/found`), scene), 6)
    .map((row, index) => ({
      corners: corners(row),
      score: row[4] ?? -Infinity,
      class: row[5] ?? -1,
      right: right[index] === 1,
    }))
    .filter(({ class: kind, score }) => kind >= 0 && score >= sure);
}

/** The proposal to look at first: the one that meets an object best. @param {Proposal[]} proposals */
export function bestOf(proposals) {
  const overlaps = proposals.map(({ overlap }) => overlap);
  return Math.max(0, overlaps.indexOf(Math.max(...overlaps)));
}

/**
 * The smallest proposal around a place; null where there is none.
 *
 * @param {Proposal[]} proposals @param {number} x @param {number} y @returns {number | null}
 */
export function proposalAt(proposals, x, y) {
  const area = (/** @type {Corners} */ [left, top, right, bottom]) => (right - left) * (bottom - top);
  const around = proposals
    .map(({ corners: box }, index) => ({ box, index }))
    .filter(({ box: [left, top, right, bottom] }) => x >= left && x < right && y >= top && y < bottom)
    .sort((one, other) => area(one.box) - area(other.box));
  return around[0]?.index ?? null;
}

/**
 * The times of both, with their sums: rows of a table, milliseconds.
 *
 * @param {Arrays} arrays @param {Method} method @returns {[string, number][]} empty while it is not known
 */
export function timesOf(arrays, method) {
  const times = part(arrays.get(`${method}/times`));
  if (times.length === 0) return [];
  const parts = /** @type {[string, number][]} */ (
    PARTS[method].map((name, index) => [name, times[index] ?? NaN])
  );
  return [...parts, [TEXTS.all, times.reduce((sum, time) => sum + time, 0)]];
}
