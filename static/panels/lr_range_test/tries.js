/** What was tried to find a good rate: trainings at rates a factor of two apart, and words about their losses. */

import { shortNumber, wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  triedWhenSweep: "tried when the sweep is over, by training at rates",
  noRateWasTried: "no rate was tried",
  endedWhileTrying: "ended while trying",
  withAnotherSeed: " with another seed",
  withheld: "withheld: {whyWithheld}",
  trainedStepsEach: [
    "trained {steps} steps each: {good} → {lossAt}, half {lossAt2}, double {lossAt3}; {agree} of",
    "{asked} seeds agree",
  ],
  lossDoesNot: "the loss does not fall by more than its noise",
  trainEndEach: [
    "to train to the end at each rate takes too long here, and less would not tell (or it is under 50",
    "steps)",
  ],
  ratesTriedNone: "of {rates} rates tried, none is better than both its half and its double",
  hardlyAnythingLearned: "hardly anything is learned at the rates tried",
  seedsDisagreeOf: "seeds disagree: {agree} of {asked}",
});

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
  if (!tries) return running ? TEXTS.triedWhenSweep : TEXTS.noRateWasTried;
  if (Number.isFinite(good)) return measured(good, tries);
  if (Number.isFinite(tries.now))
    return (
      `${running ? "trying" : TEXTS.endedWhileTrying} ` +
      `${shortNumber(tries.now)}${tries.seed > 0 ? TEXTS.withAnotherSeed : ""}${running ? " …" : ""}`
    );
  return TEXTS.withheld({ whyWithheld: whyWithheld(steepest, tries) });
}

/** @param {number} good @param {Tries} tries */
function measured(good, { rates, losses, steps, agree: [agree, asked] }) {
  const lossAt = (/** @type {number} */ rate) =>
    lossText(losses[rates.findIndex((tried) => Math.abs(tried / rate - 1) < 1e-6)] ?? NaN);
  return TEXTS.trainedStepsEach({
    steps: wholeNumber(steps),
    good: shortNumber(good),
    lossAt: lossAt(good),
    lossAt2: lossAt(good / 2),
    lossAt3: lossAt(good * 2),
    agree,
    asked,
  });
}

/** @param {number} steepest @param {Tries} tries */
function whyWithheld(steepest, { rates, steps, agree: [agree, asked] }) {
  if (!Number.isFinite(steepest)) return TEXTS.lossDoesNot;
  if (steps === 0) return TEXTS.trainEndEach;
  if (asked === 0) return TEXTS.ratesTriedNone({ rates: rates.length });
  if (agree === 0) return TEXTS.hardlyAnythingLearned;
  return TEXTS.seedsDisagreeOf({ agree, asked });
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
