/** What a frame of the study `descent_kinds` says, up to some epoch. Pure. */

/** @import { Relief } from "../../draw/relief.js" */

import { category } from "../../draw/colors.js";
import { shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  leastSquares: "least squares",
  updatesAnEpoch: "Updates an epoch",
  lossInTheEnd: "Loss in the end",
  meanNoise: "Mean noise",
  timeOfUpdating: "Time of updating",
  ms: "{time} ms",
  timeOfAnUpdate: "Time of an update",
});

export const KINDS = /** @type {const} */ (["batch", "mini_batch", "stochastic"]);
/** @type {Record<string, string>} */
export const NAMES = texts(import.meta.url, {
  batch: "Batch",
  mini_batch: "Mini-batch",
  stochastic: "Stochastic",
});
/** @type {Record<string, string>} */
export const COLORS = { batch: category(1), mini_batch: category(2), stochastic: category(0) };

/** Those drawn last lie on top: the smoothest. */
const DRAWN = [...KINDS].reverse();

/** @typedef {(name: string) => ArrayLike<number>} Data arrays of a frame by their names */

/**
 * How many places of a path lie within so many epochs: at least its start.
 *
 * @param {ArrayLike<number>} epochs of the places @param {number} shown
 */
export function placesWithin(epochs, shown) {
  let count = 1;
  while (count < epochs.length && (epochs[count] ?? 0) <= shown + 1e-6) count++;
  return Math.min(count, epochs.length);
}

/** The surface with the paths so far. @param {Data} data @param {number} shown epochs @returns {Relief} */
export function reliefOf(data, shown) {
  const best = data("best");
  return {
    x: data("m"),
    y: data("b"),
    losses: data("surface"),
    paths: DRAWN.map((kind) => {
      const count = placesWithin(data(`${kind}/epochs`), shown);
      return {
        places: Array.from(data(`${kind}/path`)).slice(0, 2 * count),
        losses: Array.from(data(`${kind}/losses`)).slice(0, count),
        color: COLORS[kind],
      };
    }),
    marks: [{ x: best[0] ?? 0, y: best[1] ?? 0, text: TEXTS.leastSquares }],
    axes: ["slope m", "intercept b"],
  };
}

/** The line of each kind as it is now. @param {Data} data @param {number} shown epochs */
export function fittedLines(data, shown) {
  return DRAWN.map((kind) => {
    const path = data(`${kind}/path`);
    const last = 2 * (placesWithin(data(`${kind}/epochs`), shown) - 1);
    return { slope: path[last] ?? NaN, intercept: path[last + 1] ?? NaN, color: COLORS[kind] ?? "" };
  });
}

/**
 * The curve of each kind so far, all values that there are to come, and where they end.
 *
 * @param {Data} data @param {"losses" | "noise"} name @param {"epochs" | "updates"} by @param {number} shown epochs
 * @param {number} epochs of the whole descent
 */
export function curvesOf(data, name, by, shown, epochs) {
  const lines = DRAWN.map((kind) => {
    const count = placesWithin(data(`${kind}/epochs`), shown) - (name === "noise" ? 1 : 0);
    return {
      name: NAMES[kind] ?? kind,
      x: Float64Array.from(data(`${kind}/${by}`)).subarray(0, count),
      y: Float64Array.from(data(`${kind}/${name}`)).subarray(0, count),
      color: COLORS[kind] ?? "",
      width: kind === "stochastic" ? 1 : 1.75,
    };
  });
  const updates = KINDS.map((kind) => Array.from(data(`${kind}/updates`)).at(-1) ?? 1);
  const all = KINDS.map((kind) => Float64Array.from(data(`${kind}/${name}`)));
  return { lines, all, end: Math.max(1, by === "epochs" ? epochs : Math.max(...updates)) };
}

/**
 * Rows of the table: what is compared, and how each kind does.
 *
 * @param {Data} data @param {number} epochs of the whole descent @returns {[string, string[]][]}
 */
export function tableOf(data, epochs) {
  const of = (/** @type {string} */ name) => KINDS.map((_, index) => data(name)[index] ?? NaN);
  const [perEpoch, diverged, spread, seconds] = ["per_epoch", "diverged", "spread", "seconds"].map(of);
  const losses = KINDS.map((kind) => Array.from(data(`${kind}/losses`)).at(-1) ?? NaN);
  const updates = perEpoch?.map((count) => Math.max(1, epochs * (count || 1))) ?? [];
  return [
    [TEXTS.updatesAnEpoch, perEpoch?.map((count) => (Number.isNaN(count) ? "" : String(count))) ?? []],
    [
      TEXTS.lossInTheEnd,
      losses.map((loss, index) => (diverged?.[index] ? "diverged" : shortNumber(loss, 4))),
    ],
    [TEXTS.meanNoise, spread?.map((noise) => (noise < 1e-9 ? "0" : shortNumber(noise))) ?? []],
    [TEXTS.timeOfUpdating, seconds?.map((time) => TEXTS.ms({ time: shortNumber(1000 * time) })) ?? []],
    [
      TEXTS.timeOfAnUpdate,
      seconds?.map((time, index) => `${shortNumber((1e6 * time) / (updates[index] ?? 1))} µs`) ?? [],
    ],
  ];
}
