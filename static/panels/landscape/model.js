/** What frames of the study `landscape` say: the relief to draw, and facts beside it. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Relief } from "../../draw/relief.js" */

import { profileOf, summary } from "../../draw/profile.js";
import { lossAt } from "../../draw/relief.js";
import { shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  lossHere: "Loss here",
  stepOverSameSamples: "At step {step}, over the same samples",
  sharpness: "Sharpness",
  largestEigenvalueHessian:
    "The largest eigenvalue of the Hessian: how sharply the loss bends in the steepest direction",
  plainGradientDescent: "Plain gradient descent with a rate of η is stable only below it",
  varianceShown: "Variance shown",
  pathAlongEachAxis: "Of the path, along each axis",
  aRandomWalks: "A random walk's",
  principalPlane: "What the principal plane of as many random steps would show",
  lossAt: "Loss at 0, {name}",
  lossAt2: "Loss at 1, {name}",
  barrier: "Barrier, {name}",
  lossBarrier: "How far the loss rises above the straight way from one end to the other",
  lossAt3: "loss {loss} at {x}, {y}",
});

/** @typedef {[name: string, value: string, meaning?: string]} Fact */

/** What a frame of the study shows. @param {Frame} frame @param {string} directions @returns {Relief} */
export function reliefOf({ arrays }, directions) {
  const data = (/** @type {string} */ name) => arrays.get(name)?.data ?? new Float32Array();
  const path = arrays.get("path");
  const centre = arrays.get("centre")?.data[0];
  const ofPath = path?.shape[1] === 2 ? [{ places: path.data, losses: data("path.losses"), dots: true }] : [];
  return {
    x: data("x"),
    y: data("y"),
    losses: data("losses"),
    paths: ofPath,
    marks: [
      { x: 0, y: 0, text: ofPath.length ? "now" : "here", ...(centre === undefined ? {} : { loss: centre }) },
    ],
    axes: directions === "path" ? ["first", "second"] : ["α", "β"],
  };
}

/** Facts about a plane. @param {Pick<Frame, "arrays">} frame @param {number} step of it @returns {Fact[]} */
export function planeFacts({ arrays }, step) {
  const at = (/** @type {string} */ name, index = 0) => arrays.get(name)?.data[index] ?? NaN;
  /** @type {Fact[]} */
  const found = [[TEXTS.lossHere, shortNumber(at("centre"), 4), TEXTS.stepOverSameSamples({ step })]];
  if (arrays.has("sharpness"))
    found.push(
      [TEXTS.sharpness, shortNumber(at("sharpness")), TEXTS.largestEigenvalueHessian],
      ["2/η", shortNumber(at("limit")), TEXTS.plainGradientDescent],
    );
  const both = (/** @type {string} */ name) =>
    [0, 1].map((axis) => `${Math.round(100 * at(name, axis))} %`).join(" + ");
  if (arrays.has("explained"))
    found.push(
      [TEXTS.varianceShown, both("explained"), TEXTS.pathAlongEachAxis],
      [TEXTS.aRandomWalks, both("null"), TEXTS.principalPlane],
    );
  return found;
}

/**
 * Facts about a line, of the training set first.
 *
 * @param {Map<string, Pick<Frame, "arrays">>} along frames by set @returns {Fact[]}
 */
export function lineFacts(along) {
  return [...along]
    .sort()
    .reverse()
    .flatMap(([name, frame]) => {
      const { start, end, barrier } = summary(profileOf(frame));
      return /** @type {Fact[]} */ ([
        [TEXTS.lossAt({ name }), shortNumber(start, 4)],
        [TEXTS.lossAt2({ name }), shortNumber(end, 4)],
        [TEXTS.barrier({ name }), shortNumber(barrier, 3), TEXTS.lossBarrier],
      ]);
    });
}

/** The loss at a place of the plane; nothing beside it. @param {Relief} relief @param {number} x @param {number} y */
export function lossText(relief, x, y) {
  const loss = lossAt(relief, x, y);
  return Number.isNaN(loss)
    ? ""
    : TEXTS.lossAt3({ loss: shortNumber(loss, 4), x: shortNumber(x), y: shortNumber(y) });
}
