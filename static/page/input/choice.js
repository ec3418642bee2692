/** Which sample is chosen, and what is asked of it: for pictures and for rows of numbers; of a plane nothing. */

/** @import { JsonObject } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { State } from "../../run/state.js" */

import { dataset } from "../../catalog/catalog.js";
import { sampleRate } from "../../run/picture_rates.js";

/** @type {JsonObject} */
const FIRST_SAMPLE = { kind: "sample", set: "test", index: 0 };

/** More fields than this are no form any more. */
const MOST = 40;

/** Whether the samples are drawn: pictures, signals, volumes. @param {Pick<State, "catalog" | "experiment">} state */
export function takesPictures({ catalog, experiment }) {
  const form = experiment && dataset(catalog, experiment)?.form;
  return Boolean(form) && form !== "values";
}

/** Whether the samples are rows of numbers that one can type. @param {State} state */
export function takesRows({ catalog, experiment, description }) {
  const item = experiment ? dataset(catalog, experiment) : undefined;
  return Boolean(
    item &&
    !item.plane &&
    !takesPictures({ catalog, experiment }) &&
    description?.input.shape.length === 1 &&
    (description.input.shape[0] ?? 0) <= MOST,
  );
}

/** What a panel about the chosen sample asks the run for. @param {State} state @returns {JsonObject[]} */
export function predictionDemand(state) {
  return state.description?.data ? [{ kind: "prediction", input: state.input, hz: sampleRate() }] : [];
}

/** The first sample is chosen where what was chosen fits the data no more. @param {RunControl} run */
export function chooseAnew(run) {
  run.store.watch(formOf, () => run.store.set({ input: FIRST_SAMPLE }));
}

/** Where this changes, what was chosen fits no more. @param {State} state */
function formOf({ run, description, experiment }) {
  return JSON.stringify([run?.id, experiment?.data.kind, description?.input.shape, description?.data?.sets]);
}
