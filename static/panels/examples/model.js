/** The samples of a frame of the `examples` probe, as records: tiles of pictures, or a table of values. */

/** @import { Frame, NamedArray } from "../../types.d.ts" */
/** @import { Plane } from "../../draw/bands.js" */

import { percent, shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { planeAt } from "../../draw/signals.js";

const TEXTS = texts(import.meta.url, {
  truly: ", truly {truth}",
  sample: "{caption}{truly}: {set} sample {place}",
  targetsOwnUnits: "In the target's own units",
});

/** Rows of a table, and columns of it that are inputs: more would not fit beside the matrix. */
const MOST_ROWS = 8;
const MOST_INPUTS = 2;

/**
 * @typedef {object} Sample a picture with its answer
 * @property {number} index within its set
 * @property {Plane} picture
 * @property {boolean} wrong whether the answer is another class than the true one
 * @property {string} caption the answer and how sure it is
 * @property {string} label the same with the true class and where the sample is from
 */

/**
 * @typedef {object} Table
 * @property {{ text: string, title?: string }[]} columns
 * @property {string[][]} rows
 */

/** @typedef {{ samples: Sample[] } | { table: Table }} Examples */

/**
 * @typedef {object} Context
 * @property {string} set that the samples are from
 * @property {string[]} classes their names; none where the answer is a value
 * @property {string[]} inputs names of the input's features
 */

/**
 * The samples of a frame: pictures where inputs came as levels, otherwise a table; null while arrays are missing.
 *
 * @param {Frame} frame @param {Context} context @returns {Examples | null}
 */
export function model(frame, context) {
  const [inputs, index] = [frame.arrays.get("inputs"), frame.arrays.get("index")];
  if (!inputs || !index) return null;
  if (!(inputs.data instanceof Uint8Array)) return { table: tableOf(frame, inputs, context) };
  const [, channels = 1] = inputs.shape;
  const samples = Array.from(index.data, (place, at) => ({
    index: place,
    picture: planeAt(inputs, at, channels),
    ...answerOf(frame, at, place, context),
  }));
  return { samples };
}

/**
 * @param {Frame} frame @param {number} at row of the frame @param {number} place within the set
 * @param {Context} context
 */
function answerOf(frame, at, place, { set, classes }) {
  const [truth, answer] = [valueOf(frame, "target", at, classes), valueOf(frame, "prediction", at, classes)];
  const wrong = truth !== answer;
  const caption = `${answer} · ${percent(frame.arrays.get("confidence")?.data[at] ?? NaN)}`;
  return {
    wrong,
    caption,
    label: TEXTS.sample({ caption, truly: wrong ? TEXTS.truly({ truth }) : "", set, place }),
  };
}

/** @param {Frame} frame @param {NamedArray} inputs (samples, features) @param {Context} context @returns {Table} */
function tableOf(frame, inputs, { classes, inputs: names }) {
  const [count = 0, width = 0] = inputs.shape;
  const shown = Math.min(width, MOST_INPUTS);
  const measure = frame.arrays.get(classes.length ? "confidence" : "error.original");
  const rows = Array.from({ length: Math.min(MOST_ROWS, count) }, (_, at) => [
    ...Array.from(inputs.data.subarray(at * width, at * width + shown), (value) => shortNumber(value)),
    valueOf(frame, "target", at, classes),
    valueOf(frame, "prediction", at, classes),
    shortNumber(measure?.data[at] ?? NaN),
  ]);
  const last = classes.length ? { text: "sure", title: "" } : { text: "error", title: TEXTS.targetsOwnUnits };
  const features = names.slice(0, shown).map((name) => ({ text: name, title: name }));
  return { columns: [...features, { text: "true" }, { text: "said" }, last], rows };
}

/**
 * The name of a class, or the value in the target's own units.
 *
 * @param {Frame} frame @param {"target" | "prediction"} array @param {number} at @param {string[]} classes
 */
function valueOf(frame, array, at, classes) {
  const value = frame.arrays.get(classes.length ? array : `${array}.original`)?.data[at] ?? NaN;
  return classes.length ? (classes[value] ?? String(value)) : shortNumber(value);
}
