/** The strongest projection of a map at moments of the past, as recorded frames have it. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Card } from "./model.js" */

import { wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { wallOf } from "../../draw/signals.js";
import { imageOf, nameOf, valueOf } from "./model.js";

const TEXTS = texts(import.meta.url, {
  step: "step {step}",
  strongestProjectionStep: "The strongest projection at step {step}",
  itsPatchOfPicture: "Its patch of picture {image}",
  strongestActivationOverTime: [
    "The strongest activation as it was, recorded since this map was first watched at step {step}.",
    "Where the picture stays the same, the map has converged. A moment chosen here is the one the",
    "whole page shows.",
  ],
});

/** Moments that stand beside each other, as in the paper's figure 4. */
export const MOMENTS = 8;

/** @typedef {Pick<Frame, "metadata" | "arrays">} Moment */

/** @param {Moment} frame */
export function stepOf({ metadata }) {
  return Number(metadata["step"] ?? 0);
}

/**
 * At most eight of the frames, evenly spread, the first and the last among them.
 *
 * @template T @param {T[]} frames @returns {T[]}
 */
export function spread(frames) {
  const count = Math.min(MOMENTS, frames.length);
  if (count < 2) return frames;
  return Array.from({ length: count }, (_, index) => Math.round((index * (frames.length - 1)) / (count - 1)))
    .map((index) => frames[index])
    .filter((frame) => frame !== undefined);
}

/**
 * The strongest projection of a moment; null where no picture was known.
 *
 * @param {Frame} frame @param {string[]} classes @returns {Card | null}
 */
export function momentCard(frame, classes) {
  const wall = wallOf(frame);
  const image = wall ? imageOf(wall, 0) : -1;
  if (!wall || image < 0) return null;
  return {
    wall,
    entry: 0,
    name: nameOf(wall, 0, classes),
    value: valueOf(wall, 0),
    step: TEXTS.step({ step: wholeNumber(stepOf(frame)) }),
    title: null,
    signalLabel: TEXTS.strongestProjectionStep({ step: String(frame.metadata["step"]) }),
    patchLabel: TEXTS.itsPatchOfPicture({ image }),
  };
}

/** What the moments are. @param {Moment | undefined} first recorded */
export function momentsText(first) {
  return TEXTS.strongestActivationOverTime({ step: wholeNumber(first ? stepOf(first) : 0) });
}

/**
 * The last moment that is not after a step; −1 where there is none, or the page shows what is live.
 *
 * @param {Moment[]} moments @param {number | null} step that the page shows; null for live
 */
export function momentAt(moments, step) {
  return step === null ? -1 : moments.findLastIndex((moment) => stepOf(moment) <= step);
}

/**
 * All moments in one document: each array's name begins with its step. Undefined where there is none.
 *
 * @param {Moment[]} moments @returns {Moment | undefined}
 */
export function joined(moments) {
  const [first] = moments;
  if (!first) return undefined;
  const arrays = moments.flatMap(({ metadata, arrays: own }) =>
    [...own].map(([name, array]) => /** @type {const} */ ([`${metadata["step"]}/${name}`, array])),
  );
  const step = moments.map(({ metadata }) => metadata["step"]).join(", ");
  return { metadata: { ...first.metadata, step }, arrays: new Map(arrays) };
}
