/** The cell of the confusion matrix whose samples are shown, or none: then they are the surest mistakes. */

/** @import { JsonObject } from "../../types.d.ts" */
/** @import { Cell } from "../confusion_matrix/model.js" */

import { wholeNumber } from "../../core/format.js";

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
  const number = `${wholeNumber(count)} ${count === 1 ? "sample" : "samples"}`;
  if (classes.length === 0) return "Largest errors";
  if (truth === null && predicted === null)
    return count === 0 ? "No mistakes" : `Surest mistakes, of ${wholeNumber(count)}`;
  if (truth === null) return `Wrongly taken for ${classes[predicted ?? 0]}: ${number}`;
  return predicted === null
    ? `Class ${classes[truth]}: ${number}`
    : `${classes[truth]} taken for ${classes[predicted]}: ${number}`;
}
