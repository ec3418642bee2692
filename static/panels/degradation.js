/** Degradation: the network with and without its shortcuts, as deep as it is and shallower. */

/** @import { RunControl } from "../run/run.js" */

import { texts } from "../core/texts.js";
import { ComparedTrainings } from "../widgets/compared_trainings.js";
import { model } from "./degradation/model.js";

const TEXTS = texts(import.meta.url, {
  compare: "Compare depths",
  empty: [
    "Trains the network with and without its shortcuts, and, where it repeats layers, shallower ones of both: same",
    "data, batches and steps.",
  ],
  steps: "Compared steps",
  networks: "Networks",
  about: [
    "Each network's training loss, over its steps: where the deeper plain network has the higher one, that is",
    "degradation.",
  ],
});

/** @param {RunControl} run */
export function panel(run) {
  return new ComparedTrainings(run, {
    kind: "degradation",
    label: TEXTS.compare,
    empty: TEXTS.empty,
    name: TEXTS.networks,
    about: TEXTS.about,
    first: "loss",
    log: true,
    options: [{ option: "steps", label: TEXTS.steps, value: 176, min: 1, max: 1_000_000 }],
    model,
  }).element;
}
