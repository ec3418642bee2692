/** What a frame of the probe `trajectory` says: the path in a plane, shares of variance, and words about both. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Relief } from "../../draw/relief.js" */

import { shortNumber, wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  shownHere: "Shown here",
  sharePathsVariance: "Share of the path's variance along each axis",
  outOfThePlane: "Out of the plane",
  uncertainty: "at most {farthest}",
  pathReachesWithin: "The path reaches {across} within it",
  lossNow: "Loss now",
  points: "Points",
  fromStep: "{steps}, from step {steps2}",
  largeNetworkLeaves: [
    "So large a network leaves sketches of its points, not the points: squared lengths are right to",
    "about {share}, and only the random plane can have its landscape drawn.",
  ],
  anyLongPath: [
    "Any long path looks like this from its own principal plane: compare with the grey bars. Colours",
    "are the true loss of each point, not the loss in the plane.",
  ],
  pathWeightsOver: "The path of the weights over {steps} points, from step {steps2} to {last}",
  firstTwoPrincipal: [
    "The first two principal directions explain {variance} and {variance2}; a random walk's would",
    "{variance3} and {variance4}",
  ],
  stepLossOutPlane: "step {steps}: loss {losses}, {distance} out of the plane",
});

/** @typedef {"pca" | "to_final" | "random"} Plane */

/** Fewer points are no path. */
const LEAST_POINTS = 3;

/** Room around the path, as a share of what it covers. */
const MARGIN = 0.12;

/** How far from a pointer a point of the path is still pointed at, in pixels. */
const REACH = 12;

/**
 * @typedef {object} Trajectory
 * @property {Relief} relief the path, coloured by its losses, in axes that hold it
 * @property {ArrayLike<number>} steps of its points
 * @property {ArrayLike<number>} losses of its points
 * @property {ArrayLike<number>} distance of its points from the plane
 * @property {[name: string, value: string, meaning?: string][]} facts
 * @property {ArrayLike<number>} spectrum shares of variance of the principal directions
 * @property {ArrayLike<number>} chance the same of a random walk of as many points
 * @property {string} note
 * @property {{ path: string, bars: string }} labels
 */

/**
 * The path in one of the planes; null while it has too few points.
 *
 * @param {Pick<Frame, "arrays">} frame @param {Plane} plane @returns {Trajectory | null}
 */
export function model({ arrays }, plane) {
  const data = (/** @type {string} */ name) => arrays.get(name)?.data ?? new Float32Array();
  const [path, steps, losses] = [data(`${plane}/path`), data("steps"), data("losses")];
  if (path.length === 0 || steps.length < LEAST_POINTS) return null;
  const [spectrum, chance] = [data("spectrum"), data("null")];
  const [explained, distance] = [data(`${plane}/explained`), data(`${plane}/distance`)];
  return {
    relief: reliefOf(path, losses, plane),
    steps,
    losses,
    distance,
    facts: factsOf({ path, steps, losses, explained, distance }),
    spectrum,
    chance,
    note: noteOf(data("error")[0] ?? 0),
    labels: { path: pathLabel(steps), bars: barsLabel(spectrum, chance) },
  };
}

/** @param {ArrayLike<number>} path @param {ArrayLike<number>} losses @param {Plane} plane @returns {Relief} */
function reliefOf(path, losses, plane) {
  return {
    ...extentOf(path),
    losses: [],
    paths: [{ places: path, losses, dots: true }],
    axes: plane === "random" ? ["random", "random"] : ["first", "second"],
  };
}

/**
 * @param {Record<"path" | "steps" | "losses" | "explained" | "distance", ArrayLike<number>>} of the path
 * @returns {Trajectory["facts"]}
 */
function factsOf({ path, steps, losses, explained, distance }) {
  const farthest = Math.max(0, ...Array.from(distance));
  const across = Math.max(0, ...Array.from(path, Math.abs));
  return [
    [TEXTS.shownHere, `${variance(explained[0])} + ${variance(explained[1])}`, TEXTS.sharePathsVariance],
    [
      TEXTS.outOfThePlane,
      TEXTS.uncertainty({ farthest: shortNumber(farthest) }),
      TEXTS.pathReachesWithin({ across: shortNumber(across) }),
    ],
    [TEXTS.lossNow, shortNumber(losses[losses.length - 1] ?? NaN, 4)],
    [TEXTS.points, TEXTS.fromStep({ steps: steps.length, steps2: wholeNumber(steps[0] ?? 0) })],
  ];
}

/** @param {number} error of squared lengths, as a share; 0 where the points themselves are known */
function noteOf(error) {
  return error > 0
    ? `${TEXTS.anyLongPath} ${TEXTS.largeNetworkLeaves({ share: variance(error) })}`
    : TEXTS.anyLongPath;
}

/** @param {ArrayLike<number>} steps */
function pathLabel(steps) {
  const last = steps[steps.length - 1];
  return TEXTS.pathWeightsOver({ steps: steps.length, steps2: steps[0] ?? "", last: last ?? "" });
}

/** @param {ArrayLike<number>} spectrum @param {ArrayLike<number>} chance */
function barsLabel(spectrum, chance) {
  return TEXTS.firstTwoPrincipal({
    variance: variance(spectrum[0]),
    variance2: variance(spectrum[1]),
    variance3: variance(chance[0]),
    variance4: variance(chance[1]),
  });
}

/** A share of variance: small ones with a decimal. @param {number | undefined} share */
function variance(share) {
  if (share === undefined || Number.isNaN(share)) return "–";
  return `${(100 * share).toFixed(share < 0.095 ? 1 : 0)} %`;
}

/** Axes that hold a path with some room. @param {ArrayLike<number>} path x, y, x, y, … */
export function extentOf(path) {
  const sides = [0, 1].map((side) => {
    const values = Array.from({ length: path.length / 2 }, (_, index) => path[2 * index + side] ?? 0);
    return [Math.min(...values), Math.max(...values)];
  });
  const widest = Math.max(...sides.map(([low = 0, high = 0]) => high - low), 1e-9);
  const [x, y] = sides.map(([low = 0, high = 0]) => {
    const middle = (low + high) / 2;
    const half = Math.max((high - low) / 2, 0.05 * widest) * (1 + 2 * MARGIN);
    return [middle - half, middle + half];
  });
  return { x: x ?? [0, 1], y: y ?? [0, 1] };
}

/**
 * Words about the point of the path that is nearest to a pointer; nothing where none is near.
 *
 * @param {Trajectory} trajectory @param {{ x: number, y: number }} pointer in pixels
 * @param {{ toX: (x: number) => number, toY: (y: number) => number }} places of the plane, in pixels
 */
export function pointText({ relief, steps, losses, distance }, pointer, { toX, toY }) {
  const places = relief.paths[0]?.places ?? [];
  let [best, least] = [-1, REACH ** 2];
  for (let index = 0; 2 * index < places.length; index++) {
    const [x, y] = [toX(places[2 * index] ?? 0), toY(places[2 * index + 1] ?? 0)];
    const far = (x - pointer.x) ** 2 + (y - pointer.y) ** 2;
    if (far < least) [best, least] = [index, far];
  }
  if (best < 0) return "";
  return TEXTS.stepLossOutPlane({
    steps: wholeNumber(steps[best] ?? NaN),
    losses: shortNumber(losses[best] ?? NaN, 4),
    distance: shortNumber(distance[best] ?? NaN),
  });
}
