/** The checkpoints of a run in words: what each is, where it was, what was measured of it. */

/** @import { Checkpoint } from "../../core/api.js" */

import { shortNumber, wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  latest: "Latest",
  latestIs: "What the run goes on from when it has had no worker, or the server has restarted.",
  best: "Best",
  bestIs:
    "The least loss of the validation set so far, or of the training set where nothing is kept for validation.",
  bestOfStop: "Best of a stop",
  bestOfStopIs: "The best reading of early stopping, which goes back to it.",
  finite: "Last finite",
  finiteIs: "The newest state in which all numbers were finite, from before the run diverged.",
  leastRate: "Least rate, cycle {number}",
  leastRateIs: "The rate was least here, at the end of a cycle: with warm restarts, the model to keep.",
  beforeReset: "Before starting over",
  beforeResetIs: "What the run had come to when it was reset.",
  beforeRewind: "Before going back",
  beforeRewindIs: "What the run had come to when it went back to a checkpoint, or a stop did.",
  race: "Of a race",
  raceIs: "What a variant came to.",
  byHandIs: "Kept by hand, under this name.",
  place: "step {step}, epoch {epoch}",
  loss: "loss",
  accuracy: "accuracy",
  train: "train",
  validation: "validation",
  test: "test",
  valueOnSet: "{set} {value}",
});

/** Names as the engine gives them, what they are called, and what they are; the first that matches. */
/** @type {[RegExp, string, string][]} */
const KINDS = [
  [/^latest$/, TEXTS.latest, TEXTS.latestIs],
  [/^best$/, TEXTS.best, TEXTS.bestIs],
  [/^best-\d+$/, TEXTS.bestOfStop, TEXTS.bestOfStopIs],
  [/^last_finite$/, TEXTS.finite, TEXTS.finiteIs],
  [/^before_reset(_\d+)?$/, TEXTS.beforeReset, TEXTS.beforeResetIs],
  [/^before_rewind(_\d+)?$/, TEXTS.beforeRewind, TEXTS.beforeRewindIs],
  [/^race/, TEXTS.race, TEXTS.raceIs],
];

/** What the rows call a metric and a set, and what they are called here. @type {[string, string][]} */
const METRICS = [
  ["loss", TEXTS.loss],
  ["accuracy", TEXTS.accuracy],
];
/** @type {[string, string][]} */
const SETS = [
  ["train", TEXTS.train],
  ["validation", TEXTS.validation],
  ["test", TEXTS.test],
];

/** @typedef {{ name: string, label: string, words: string, place: string, measured: string }} Row */

/**
 * A row for each checkpoint, the newest first.
 *
 * @param {Checkpoint[]} checkpoints @returns {Row[]}
 */
export function rowsOf(checkpoints) {
  return checkpoints
    .toSorted((one, other) => (other.life ?? 0) - (one.life ?? 0) || other.step - one.step)
    .map(({ name, step, epoch, metrics }) => ({
      name,
      ...kindOf(name),
      place: TEXTS.place({ step: wholeNumber(step), epoch: shortNumber(epoch) }),
      measured: measuredOf(metrics),
    }));
}

/** @param {string} name @returns {{ label: string, words: string }} */
function kindOf(name) {
  const cycle = /^least_rate_(\d+)$/.exec(name);
  if (cycle) return { label: TEXTS.leastRate({ number: String(cycle[1]) }), words: TEXTS.leastRateIs };
  const [, label, words] = KINDS.find(([pattern]) => pattern.test(name)) ?? [];
  return { label: label ?? name.replaceAll("_", " "), words: words ?? TEXTS.byHandIs };
}

/**
 * The loss and the accuracy of each set, as far as they were measured.
 *
 * @param {Record<string, number>} metrics
 */
function measuredOf(metrics) {
  return METRICS.map(([metric, said]) => {
    const values = SETS.flatMap(([set, name]) => {
      const value = metrics[`${set}_${metric}`];
      return value === undefined ? [] : [TEXTS.valueOnSet({ set: name, value: shortNumber(value) })];
    });
    return values.length > 0 ? `${said}: ${values.join(", ")}` : "";
  })
    .filter(Boolean)
    .join(" · ");
}
