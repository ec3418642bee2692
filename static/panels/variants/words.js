/** What the race says. */

import { texts } from "../../core/texts.js";

export const TEXTS = texts(import.meta.url, {
  noSampleKept: [
    "No sample is kept for validation in all of them: who leads, and who is dropped, is told by the",
    "training loss, which favours those that overfit. Set a validation share to choose by samples",
    "that are not trained on. The test set has no say.",
  ],
  leaderCriterion: [
    "Who leads, and who is dropped, is told by the validation loss; the test set has no say, so its",
    "loss is a test of the winner.",
  ],
  lossesOfAllVariants: "Losses of all variants",
  forkRunHere: [
    "Fork the run here into variants that differ in a few settings. They start with the same weights,",
    "take the same batches, and train side by side.",
  ],
  forkAndRace: "Fork and race",
  raceOn: "Race on",
  addAVariant: "Add a variant",
  curve: "Curve",
  trainLoss: "train loss",
  validationLoss: "validation loss",
  testLoss: "test loss",
  race: "Race",
  steps: "Steps",
  stepsThatEachTakes: "Steps that each takes",
  seeds: "Seeds",
  trainingsEachBand: "Trainings of each, for a band",
  logAxis: "log axis",
  dropLosers: "drop losers",
  afterQuarterAfter: [
    "After a quarter and after half of the way, the worse half by validation loss; by training loss",
    "where no sample is kept for validation",
  ],
  stepsAfterTheFork: "{cursor} steps after the fork",
  mostVariantsRaceTogether: "At most {most} variants race together",
  forkAnew: "Fork anew",
  trainingLoss: "Training loss",
  validationLoss2: "Validation loss",
  meanOverSeeds: "{loss}, the mean over the seeds",
  ofVariantsOverSteps: "{curve} of {variants} variants over {steps} steps",
  takeOver: "go on with {name}",
});
