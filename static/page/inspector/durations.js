/** How long what a tab computes takes, about: from what the network costs, or how fast it trains. Pure. */

/** @import { Description, Experiment } from "../../types.d.ts" */

import { wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  lossesOfSamples: "1,681 losses of {samples} samples",
  sweepsTrainingsTryRates: "12 sweeps, and 9 trainings to try rates",
  sweepsOfSteps: "12 sweeps of 300 steps",
  variantsOverStepsEach: "4 variants over 1,000 steps each",
});

/**
 * @typedef {object} Cost
 * @property {Description | null} description
 * @property {Experiment | null} experiment
 * @property {number | undefined} rate samples a second that it trains with; undefined where it has not trained
 * @property {number} stepsPerEpoch
 */

/**
 * What is computed, in words, and how many samples go through the network: forward and back, or forward alone.
 *
 * @typedef {{ computes: string, passes: number, back: boolean }} Work
 */

/** A training pass is about three passes forward. */
const BACK = 3;

/** Multiply-adds a second of one core of a small machine, where nothing is known; and the most samples a second. */
const [MACS, MOST_SAMPLES] = [1e9, 500_000];

/** What the studies do with their defaults. @type {Record<string, (cost: Cost) => Work>} */
const WORKS = {
  landscape: ({ description }) => {
    const samples = Math.min(500, description?.data?.sets["train"] ?? 500);
    return {
      computes: TEXTS.lossesOfSamples({ samples: wholeNumber(samples) }),
      passes: 1681 * samples,
      back: false,
    };
  },
  lr_range_test: ({ experiment, stepsPerEpoch }) => {
    const batch = experiment?.training.batch_size ?? 1;
    const whole = stepsPerEpoch * (experiment?.training.epochs ?? 1);
    const tries = whole >= 50 && whole <= 20_000 ? 9 * whole : 0;
    const computes = tries ? TEXTS.sweepsTrainingsTryRates : TEXTS.sweepsOfSteps;
    return { computes, passes: batch * (12 * 300 + tries), back: true };
  },
  variants: ({ experiment }) => {
    const batch = experiment?.training.batch_size ?? 1;
    return { computes: TEXTS.variantsOverStepsEach, passes: 4 * 1000 * batch, back: true };
  },
};

/**
 * What a tab computes, and the seconds it takes; null where it computes nothing of its own.
 *
 * @param {string} id @param {Cost} cost @returns {{ computes: string, seconds: number } | null}
 */
export function durationOf(id, cost) {
  const work = WORKS[id]?.(cost);
  if (!work || !cost.description) return null;
  const macs = Math.max(1, cost.description.totals.macs);
  const forward = cost.rate ? BACK * cost.rate : Math.min(MOST_SAMPLES, MACS / macs);
  return { computes: work.computes, seconds: (work.passes * (work.back ? BACK : 1)) / forward };
}

/** Seconds in words, rounded to what such an estimate is worth. @param {number} seconds */
export function aboutTime(seconds) {
  if (seconds < 2) return "≈1 s";
  const [value, unit] =
    seconds < 90 ? [seconds, "s"] : seconds < 5400 ? [seconds / 60, "min"] : [seconds / 3600, "h"];
  const digits = 10 ** Math.floor(Math.log10(value));
  const steps = [1, 2, 3, 5, 10].map((each) => each * digits);
  const nearest = steps.reduce((best, each) =>
    Math.abs(each - value) < Math.abs(best - value) ? each : best,
  );
  return `≈${nearest} ${unit}`;
}
