/**
 * What a frame of the learning rate range test says: numbers and words, and nothing beyond what was measured.
 */

/** @import { Frame } from "../types.d.ts" */

import { nearest } from "../draw/plot.js";
import { extent } from "../draw/ticks.js";
import { shortNumber, steadyNumber, wholeNumber } from "../core/format.js";

/** The marks that are listed; those that can be trained with come with a button. */
export const MARKS = [
  {
    id: "falls",
    title: "begins to fall",
    words: "base_lr: from here on it falls by more than its noise",
    usable: true,
  },
  { id: "good", title: "a good rate", words: "", usable: true },
  {
    id: "least",
    title: "is least",
    words: "max_lr: from here on it stalls or rises in this sweep",
    usable: true,
  },
  {
    id: "diverges",
    title: "diverges",
    words: "the loss left what can be trained in this sweep",
    usable: false,
  },
];

/**
 * What is said where a mark is not: of each, no more than that it was not seen. @type {Record<string,
 * string>}
 */
const UNSEEN = {
  falls: "the loss does not fall by more than its noise",
  least: "the loss does not fall by more than its noise",
  diverges: "not in this range of rates",
};

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
 * @property {string} words what was measured, or why there is no rate
 */
/** @typedef {{ rate: string, loss: string, state: "good" | "now" | "" }} Try */
/**
 * @typedef {object} Picture
 * @property {Float64Array} rates
 * @property {Float64Array} losses
 * @property {Float64Array} smoothed
 * @property {Float64Array} error
 * @property {{ low: Float64Array, high: Float64Array }} band
 * @property {[number, number] | null} extent of the losses that are drawn
 * @property {Mark[]} marks in the order they are drawn
 * @property {Try[]} tried
 * @property {string} legend
 * @property {string} said for who cannot see it
 */

/** @param {Frame} frame @param {boolean} running whether the study still goes on @returns {Picture} */
export function model(frame, running) {
  const column = (/** @type {string} */ name) =>
    Float64Array.from(frame.arrays.get(name)?.data ?? [], Number);
  const [rates, losses, smoothed, error, found] = ["rates", "losses", "smoothed", "error", "marks"].map(
    column,
  );
  const [falls = NaN, good = NaN, least = NaN, diverges = NaN] = found ?? [];
  const steepest = column("steepest")[0] ?? NaN;
  const curve = {
    rates: rates ?? column(""),
    losses: losses ?? column(""),
    smoothed: smoothed ?? column(""),
    error: error ?? column(""),
  };
  const tries = triesOf(column, frame.arrays.has("tried/rates"));
  const marks = [
    mark("falls", falls),
    { id: "steepest", rate: steepest, use: NaN, text: "", words: "" },
    {
      ...mark("good", good),
      use: good,
      text: Number.isFinite(good) ? shortNumber(good) : "–",
      words: goodWords(good, steepest, tries, running),
    },
    mark("least", least),
    mark("diverges", diverges),
  ];
  return {
    ...curve,
    band: {
      low: curve.smoothed.map((loss, place) => loss - (curve.error[place] ?? NaN)),
      high: curve.smoothed.map((loss, place) => loss + (curve.error[place] ?? NaN)),
    },
    extent: extent([usual(curve.smoothed, curve.smoothed), usual(curve.losses, curve.smoothed)], false),
    marks,
    tried: tries ? tries.rates.map((rate, place) => oneTry(rate, tries.losses[place] ?? NaN, good)) : [],
    legend: legendOf(column("sweeps")[0] ?? 1, steepest),
    said:
      "Loss against learning rate; " +
      `${MARKS.map(({ id, title }) => saidOf(title, marks.find((one) => one.id === id)?.text)).join(", ")}`,
  };
}

/**
 * The rate and loss under a cursor, or the last ones. @param {Picture} picture @param {number | null} cursor
 */
export function underCursor({ rates, smoothed, error }, cursor) {
  const place = cursor === null ? rates.length - 1 : nearest(rates, cursor);
  const [loss, spread] = [smoothed[place] ?? NaN, error[place] ?? NaN];
  if (!Number.isFinite(loss)) return `rate ${shortNumber(rates[place] ?? NaN)}: the loss is no number`;
  return (
    `rate ${shortNumber(rates[place] ?? NaN)}: loss ` +
    `${steadyNumber(loss, 3)}${Number.isFinite(spread) ? ` ± ${shortNumber(spread, 2)}` : ""}`
  );
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
  const words = MARKS.find((one) => one.id === id)?.words ?? "";
  return {
    id,
    rate,
    use: seen ? rounded(rate) : NaN,
    text: seen ? shortNumber(rounded(rate)) : "–",
    words: seen ? words : (UNSEEN[id] ?? ""),
  };
}

/**
 * @typedef {object} Tries
 * @property {number[]} rates ascending, a factor of two apart
 * @property {number[]} losses
 * @property {number} steps of each; 0 where none can be tried
 * @property {number} now the rate under way; NaN where none is
 * @property {number} seed how far its seed lies from the experiment's own
 * @property {[number, number]} agree
 */

/** @param {(name: string) => Float64Array} column @param {boolean} begun @returns {Tries | null} */
function triesOf(column, begun) {
  if (!begun) return null;
  const [now = NaN, seed = NaN] = column("tried/now");
  const [agree = 0, asked = 0] = column("tried/agree");
  return {
    rates: [...column("tried/rates")],
    losses: [...column("tried/losses")],
    steps: column("tried/steps")[0] ?? 0,
    now,
    seed,
    agree: [agree, asked],
  };
}

/**
 * What was tried to find the good rate, or why it is withheld. @param {number} good @param {number} steepest
 * @param {Tries | null} tries @param {boolean} running
 */
function goodWords(good, steepest, tries, running) {
  if (!tries) return running ? "tried when the sweep is over, by training at rates" : "no rate was tried";
  if (Number.isFinite(good)) return measured(good, tries);
  if (Number.isFinite(tries.now))
    return (
      `${running ? "trying" : "ended while trying"} ` +
      `${shortNumber(tries.now)}${tries.seed > 0 ? " with another seed" : ""}${running ? " …" : ""}`
    );
  return `withheld: ${whyWithheld(steepest, tries)}`;
}

/** @param {number} good @param {Tries} tries */
function measured(good, { rates, losses, steps, agree: [agree, asked] }) {
  const lossAt = (/** @type {number} */ rate) =>
    lossWords(losses[rates.findIndex((tried) => Math.abs(tried / rate - 1) < 1e-6)] ?? NaN);
  return (
    `trained ${wholeNumber(steps)} steps each: ${shortNumber(good)} → ${lossAt(good)}, half ` +
    `${lossAt(good / 2)}, double ${lossAt(good * 2)}; ${agree} of ${asked} seeds agree`
  );
}

/** @param {number} steepest @param {Tries} tries */
function whyWithheld(steepest, { rates, steps, agree: [agree, asked] }) {
  if (!Number.isFinite(steepest)) return "the loss does not fall by more than its noise";
  if (steps === 0)
    return "to train to the end at each rate takes too long here, and less would not tell (or it is under 50 steps)";
  if (asked === 0) return `of ${rates.length} rates tried, none is better than both its half and its double`;
  if (agree === 0) return "hardly anything is learned at the rates tried";
  return `seeds disagree: ${agree} of ${asked}`;
}

/** @param {number} rate @param {number} loss @param {number} good @returns {Try} */
function oneTry(rate, loss, good) {
  return {
    rate: shortNumber(rate),
    loss: Number.isNaN(loss) ? "…" : lossWords(loss),
    state: rate === good ? "good" : Number.isNaN(loss) ? "now" : "",
  };
}

/** @param {number} loss */
function lossWords(loss) {
  return loss === Infinity ? "diverges" : shortNumber(loss);
}

/** @param {number} sweeps @param {number} steepest */
function legendOf(sweeps, steepest) {
  const line = sweeps > 1 ? `mean of ${sweeps} sweeps` : "running mean";
  return (
    `Grey: each batch. Line: ${line}, ± its standard ` +
    `error.${Number.isFinite(steepest) ? ` Falls fastest at ${shortNumber(rounded(steepest))}.` : ""}`
  );
}

/** @param {string} title @param {string | undefined} text */
function saidOf(title, text) {
  return `${title} at ${text === "–" || !text ? "no rate" : text}`;
}

/**
 * The losses that are not wild by how the smoothed curve begins. @param {Float64Array} losses @param
 * {Float64Array} smoothed
 */
function usual(losses, smoothed) {
  const first = smoothed.subarray(0, FIRST).filter(Number.isFinite).sort();
  const most = WILD * (first[first.length >> 1] ?? Infinity);
  return losses.filter((loss) => loss <= most);
}
