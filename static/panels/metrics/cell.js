/** The cell of the confusion matrix whose samples are shown, or none: then they are the surest mistakes. */

/** @import { JsonObject } from "../../types.d.ts" */
/** @import { Cell } from "../confusion_matrix/model.js" */

import { wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  largestErrors: "Largest errors",
  noMistakes: "No mistakes",
  surestMistakesOf: "Surest mistakes, of {count}",
  samples: { one: "{number} sample", other: "{number} samples" },
  wronglyTakenFor: "Wrongly taken for {name}: {samples}",
  ofClass: "Class {name}: {samples}",
  takenFor: "{name} taken for {other}: {samples}",
});

/** No cell: the surest mistakes of all classes. @type {Cell} */
export const ANY = { truth: null, predicted: null };

/**
 * Whether what was asked of the probe is the cell that is wanted.
 *
 * @param {JsonObject} asked @param {string} set @param {Cell} cell
 */
export function isAnswer(asked, set, { truth, predicted }) {
  return (
    asked["set"] === set && (asked["truth"] ?? null) === truth && (asked["predicted"] ?? null) === predicted
  );
}

/**
 * What the samples are, and how many there are of them.
 *
 * @param {Cell} cell @param {string[]} classes none where the answer is a value @param {number} count
 */
export function titleOf({ truth, predicted }, classes, count) {
  const samples = TEXTS.samples({ count, number: wholeNumber(count) });
  const nameOf = (/** @type {number} */ index) => classes[index] ?? "";
  if (classes.length === 0) return TEXTS.largestErrors;
  if (truth === null && predicted === null)
    return count === 0 ? TEXTS.noMistakes : TEXTS.surestMistakesOf({ count: wholeNumber(count) });
  if (truth === null) return TEXTS.wronglyTakenFor({ name: nameOf(predicted ?? 0), samples });
  return predicted === null
    ? TEXTS.ofClass({ name: nameOf(truth), samples })
    : TEXTS.takenFor({ name: nameOf(truth), other: nameOf(predicted), samples });
}
