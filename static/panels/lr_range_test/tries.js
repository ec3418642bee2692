/** What was tried to find a good rate: trainings at rates a factor of two apart, and words about their losses. */

import { shortNumber, wholeNumber } from "../../core/format.js";

/** @typedef {{ rate: string, loss: string, state: "good" | "now" | "" }} Try */

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
export function triesOf(column, begun) {
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
 * What was tried to find the good rate, or why it is withheld.
 *
 * @param {number} good @param {number} steepest @param {Tries | null} tries @param {boolean} running
 */
export function goodRateText(good, steepest, tries, running) {
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
    lossText(losses[rates.findIndex((tried) => Math.abs(tried / rate - 1) < 1e-6)] ?? NaN);
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

/** The tries as a list. @param {Tries} tries @param {number} good the rate that was found @returns {Try[]} */
export function listTries({ rates, losses }, good) {
  return rates.map((rate, place) => oneTry(rate, losses[place] ?? NaN, good));
}

/** @param {number} rate @param {number} loss @param {number} good @returns {Try} */
function oneTry(rate, loss, good) {
  return {
    rate: shortNumber(rate),
    loss: Number.isNaN(loss) ? "…" : lossText(loss),
    state: rate === good ? "good" : Number.isNaN(loss) ? "now" : "",
  };
}

/** @param {number} loss */
function lossText(loss) {
  return loss === Infinity ? "diverges" : shortNumber(loss);
}
