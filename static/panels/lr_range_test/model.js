/**
 * What a frame of the learning rate range test says: numbers and words, and nothing beyond what was measured.
 */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Scale } from "../../draw/ticks.js" */
/** @import { Try } from "./tries.js" */

import { nearest } from "../../draw/plot.js";
import { extent } from "../../draw/ticks.js";
import { shortNumber, steadyNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { goodRateText, listTries, triesOf } from "./tries.js";

const TEXTS = texts(import.meta.url, {
  accuracyPeaks: "accuracy peaks",
  maxLrByAccuracy: "max_lr by accuracy: beyond it fewer answers are right",
  thirdOfPeak: "a third of that",
  baseLrByAccuracy: "base_lr by accuracy",
  quarterOfPeak: "a quarter of that",
  baseLrCareful: "base_lr by accuracy, more carefully",
  accuracyAt: "rate {rates}: loss {loss}{spread}, accuracy {accuracy}",
  beginsToFall: "begins to fall",
  baseLrFrom: "base_lr: from here on it falls by more than its noise",
  aGoodRate: "a good rate",
  isLeast: "is least",
  maxLrFrom: "max_lr: from here on it stalls or rises in this sweep",
  whereItDiverges: "diverges",
  lossNotTrainable: "the loss left what can be trained in this sweep",
  rateLossNoNumber: "rate {rates}: the loss is no number",
  rateLoss: "rate {rates}: loss {loss}{spread}",
  meanOfSweeps: "mean of {sweeps} sweeps",
  runningMean: "running mean",
  fallsFastestAt: " Falls fastest at {rounded}.",
  greyEachBatch: "Grey: each batch. Line: {line}, ± its standard error.{fallsFastestAt}",
  noRate: "no rate",
  at: "{title} at {noRate}",
  lossAgainstLearningRate: "Loss against learning rate; {places}",
});

/** The marks that are listed; those that can be trained with come with a button. */
export const MARKS = [
  {
    id: "falls",
    title: TEXTS.beginsToFall,
    description: TEXTS.baseLrFrom,
    usable: true,
  },
  { id: "good", title: TEXTS.aGoodRate, description: "", usable: true },
  {
    id: "least",
    title: TEXTS.isLeast,
    description: TEXTS.maxLrFrom,
    usable: true,
  },
  {
    id: "diverges",
    title: TEXTS.whereItDiverges,
    description: TEXTS.lossNotTrainable,
    usable: false,
  },
  { id: "peak", title: TEXTS.accuracyPeaks, description: TEXTS.maxLrByAccuracy, usable: true },
  { id: "third", title: TEXTS.thirdOfPeak, description: TEXTS.baseLrByAccuracy, usable: true },
  { id: "quarter", title: TEXTS.quarterOfPeak, description: TEXTS.baseLrCareful, usable: true },
];

/**
 * What is said where a mark is not: of each, no more than that it was not seen.
 *
 * @type {Record<string, string>}
 */
const UNSEEN = texts(import.meta.url, {
  falls: "the loss does not fall by more than its noise",
  least: "the loss does not fall by more than its noise",
  diverges: "not in this range of rates",
  peak: "the accuracy does not rise by more than its noise",
});

/**
 * Losses above so many times the median of the first steps do not widen the axis: one wild batch would squash
 * the curve.
 */
const [FIRST, WILD] = [20, 2];

/**
 * @typedef {object} Mark
 * @property {string} id
 * @property {number} rate where it is drawn; NaN where it is not
 * @property {number} use what a button sets
 * @property {string} text the rate in words
 * @property {string} description what was measured, or why there is no rate
 */
/**
 * @typedef {object} Picture
 * @property {Float64Array} rates
 * @property {Float64Array} losses
 * @property {Float64Array} smoothed
 * @property {Float64Array} error
 * @property {{ low: Float64Array, high: Float64Array }} band
 * @property {[number, number] | null} extent of the losses that are drawn
 * @property {{ rates: Float64Array, values: Float64Array } | null} accuracy null where no classes are told apart
 * @property {Mark[]} marks in the order they are drawn
 * @property {Try[]} tried
 * @property {string} legend
 * @property {string} label the picture in words
 */

/** @param {Frame} frame @param {boolean} running whether the study still goes on @returns {Picture} */
export function model(frame, running) {
  const column = (/** @type {string} */ name) =>
    Float64Array.from(frame.arrays.get(name)?.data ?? [], Number);
  const curve = {
    rates: column("rates"),
    losses: column("losses"),
    smoothed: column("smoothed"),
    error: column("error"),
  };
  const [falls = NaN, good = NaN, least = NaN, diverges = NaN] = column("marks");
  const steepest = column("steepest")[0] ?? NaN;
  const tries = triesOf(column, frame.arrays.has("tried/rates"));
  const marks = [
    mark("falls", falls),
    { id: "steepest", rate: steepest, use: NaN, text: "", description: "" },
    goodMark(good, goodRateText(good, steepest, tries, running)),
    mark("least", least),
    mark("diverges", diverges),
  ];
  const accuracy = frame.arrays.has("accuracy/rates")
    ? { rates: column("accuracy/rates"), values: column("accuracy/values") }
    : null;
  if (accuracy) marks.push(...accuracyMarks(column("accuracy/marks")));
  return {
    ...curve,
    accuracy,
    band: bandOf(curve),
    extent: extent([usual(curve.smoothed, curve.smoothed), usual(curve.losses, curve.smoothed)], false),
    marks,
    tried: tries ? listTries(tries, good) : [],
    legend: legendOf(column("sweeps")[0] ?? 1, steepest),
    label: labelOf(marks),
  };
}

/** Where the accuracy peaks, and what is read off from that. @param {Float64Array} rates @returns {Mark[]} */
function accuracyMarks([quarter = NaN, third = NaN, peak = NaN]) {
  const below = { third, quarter };
  const marks = Object.entries(below).map(([id, rate]) => ({ ...mark(id, rate), rate: NaN }));
  return [mark("peak", peak), ...marks];
}

/** One standard error to each side. @param {{ smoothed: Float64Array, error: Float64Array }} curve */
function bandOf({ smoothed, error }) {
  return {
    low: smoothed.map((loss, place) => loss - (error[place] ?? NaN)),
    high: smoothed.map((loss, place) => loss + (error[place] ?? NaN)),
  };
}

/**
 * The axis of the rates: those that are asked for, and further where the picture goes further.
 *
 * @param {Picture | null} picture @param {{ low: number, high: number }} asked @returns {Scale}
 */
export function rateScale(picture, { low, high }) {
  const [first, last] = [picture?.rates[0] ?? low, picture?.rates.at(-1) ?? high];
  return { low: Math.min(low, first), high: Math.max(high, last), log: true };
}

/** Presses of an arrow key from one end of the curve to the other. */
const PRESSES = 60;

/**
 * The rate beside a cursor; from the last one where there is no cursor yet.
 *
 * @param {Float64Array} rates @param {number | null} cursor @param {-1 | 1} direction
 * @returns {number | null} null where there is no rate
 */
export function rateBeside(rates, cursor, direction) {
  const last = rates.length - 1;
  const place = cursor === null ? last : nearest(rates, cursor);
  const next = place + direction * Math.ceil(rates.length / PRESSES);
  return rates[Math.min(last, Math.max(0, next))] ?? null;
}

/**
 * The rate and loss under a cursor, or the last ones.
 *
 * @param {Picture} picture @param {number | null} cursor
 */
export function underCursor({ rates, smoothed, error, accuracy }, cursor) {
  const place = cursor === null ? rates.length - 1 : nearest(rates, cursor);
  const [loss, spread] = [smoothed[place] ?? NaN, error[place] ?? NaN];
  if (!Number.isFinite(loss)) return TEXTS.rateLossNoNumber({ rates: shortNumber(rates[place] ?? NaN) });
  const read = {
    rates: shortNumber(rates[place] ?? NaN),
    loss: steadyNumber(loss, 3),
    spread: Number.isFinite(spread) ? ` ± ${shortNumber(spread, 2)}` : "",
  };
  const share = accuracy && accuracy.values[nearest(accuracy.rates, rates[place] ?? NaN)];
  return share ? TEXTS.accuracyAt({ ...read, accuracy: steadyNumber(share, 2) }) : TEXTS.rateLoss(read);
}

/** A rate as a person would write it: two digits that count. @param {number} rate */
export function rounded(rate) {
  return Number(rate.toPrecision(2));
}

/**
 * The experiment with another rate in every optimizer.
 *
 * @template {{ training: { updates: { optimizer: object }[] } }} E
 * @param {E} experiment @param {number} rate
 * @returns {E}
 */
export function withRate(experiment, rate) {
  const updates = experiment.training.updates.map((update) => ({
    ...update,
    optimizer: { ...update.optimizer, learning_rate: rate },
  }));
  return { ...experiment, training: { ...experiment.training, updates } };
}

/** A mark of the curve. @param {string} id @param {number} rate @returns {Mark} */
function mark(id, rate) {
  const seen = Number.isFinite(rate);
  const description = MARKS.find((one) => one.id === id)?.description ?? "";
  return {
    id,
    rate,
    use: seen ? rounded(rate) : NaN,
    text: seen ? shortNumber(rounded(rate)) : "–",
    description: seen ? description : (UNSEEN[id] ?? ""),
  };
}

/**
 * The mark of the rate that was trained with: that very number, and not rounded.
 *
 * @param {number} rate @param {string} description @returns {Mark}
 */
function goodMark(rate, description) {
  const text = Number.isFinite(rate) ? shortNumber(rate) : "–";
  return { ...mark("good", rate), use: rate, text, description };
}

/** @param {number} sweeps @param {number} steepest */
function legendOf(sweeps, steepest) {
  const line = sweeps > 1 ? TEXTS.meanOfSweeps({ sweeps }) : TEXTS.runningMean;
  return TEXTS.greyEachBatch({
    line,
    fallsFastestAt: Number.isFinite(steepest)
      ? TEXTS.fallsFastestAt({ rounded: shortNumber(rounded(steepest)) })
      : "",
  });
}

/** @param {Mark[]} marks */
function labelOf(marks) {
  const seen = MARKS.filter(({ id }) => marks.some((one) => one.id === id));
  const places = seen.map(({ id, title }) => {
    const text = marks.find((one) => one.id === id)?.text;
    return TEXTS.at({ title, noRate: text === "–" || !text ? TEXTS.noRate : text });
  });
  return TEXTS.lossAgainstLearningRate({ places: places.join(", ") });
}

/**
 * The losses that are not wild by how the smoothed curve begins.
 *
 * @param {Float64Array} losses @param {Float64Array} smoothed
 */
function usual(losses, smoothed) {
  const first = smoothed.subarray(0, FIRST).filter(Number.isFinite).sort();
  const most = WILD * (first[first.length >> 1] ?? Infinity);
  return losses.filter((loss) => loss <= most);
}
