/** Transfer: weights learned on another task, fixed or trained further, against training from scratch. */

/** @import { RunControl } from "../run/run.js" */

import { texts } from "../core/texts.js";
import { ComparedTrainings } from "../widgets/compared_trainings.js";
import { model } from "./transfer/model.js";

const TEXTS = texts(import.meta.url, {
  compare: "Compare transfer",
  empty: [
    "Trains from scratch, on fixed features of another task, and by fine-tuning them. The other task is the first half",
    "of the classes, or what the run's weights of a file or a run were learned on.",
  ],
  pretraining: "Steps on the other task",
  samples: "Samples",
  steps: "Compared steps",
  ways: "Ways",
  about:
    "Each way's training, over its steps: a transfer that helps starts better, is steeper, or ends better.",
});

/** @param {RunControl} run */
export function panel(run) {
  return new ComparedTrainings(run, {
    kind: "transfer",
    label: TEXTS.compare,
    empty: TEXTS.empty,
    name: TEXTS.ways,
    about: TEXTS.about,
    first: "test_accuracy",
    options: [
      { option: "pretraining", label: TEXTS.pretraining, value: 400, min: 1, max: 100_000 },
      { option: "samples", label: TEXTS.samples, value: 40, min: 2, max: 100_000 },
      { option: "steps", label: TEXTS.steps, value: 100, min: 1, max: 1_000_000 },
    ],
    model,
  }).element;
}
