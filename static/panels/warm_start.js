/** Warm starts: layer-wise pre-training, and a smaller network's weights, against a cold start. */

/** @import { RunControl } from "../run/run.js" */

import { texts } from "../core/texts.js";
import { ComparedTrainings } from "../widgets/compared_trainings.js";
import { model } from "./warm_start/model.js";

const TEXTS = texts(import.meta.url, {
  compare: "Compare starts",
  empty: [
    "Trains the network from its first weights, after training its layers one by one, and from the weights of a",
    "network with half of its layers: all with as many steps.",
  ],
  pretraining: "Steps a layer",
  steps: "Steps after",
  starts: "Starts",
  about: "Each start's whole network, over the steps of all networks that it took: pre-training counts.",
});

/** @param {RunControl} run */
export function panel(run) {
  return new ComparedTrainings(run, {
    kind: "warm_start",
    label: TEXTS.compare,
    empty: TEXTS.empty,
    name: TEXTS.starts,
    about: TEXTS.about,
    first: "train_loss",
    options: [
      { option: "pretraining", label: TEXTS.pretraining, value: 100, min: 1, max: 100_000 },
      { option: "steps", label: TEXTS.steps, value: 300, min: 1, max: 1_000_000 },
    ],
    model,
  }).element;
}
