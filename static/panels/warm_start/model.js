/** What a frame of the study `warm_start` says: a curve of each start over the steps of all its networks. */

/** @import { Frame } from "../../types.d.ts" */

import { shortNumber, wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  cold: "cold start",
  layerWise: "layer-wise pre-training",
  grown: "from a network of half the layers",
  last: "{start} {number}",
  before: "Of the {steps} steps, {before} are pre-training. At the end: {each}.",
});

/** The starts in the study's order, by the names of their arrays. */
const STARTS = [
  { id: "cold", name: TEXTS.cold },
  { id: "layer_wise", name: TEXTS.layerWise },
  { id: "grown", name: TEXTS.grown },
];

/**
 * @typedef {object} Starts
 * @property {{ id: string, name: string, y: Float64Array }[]} curves of those that have begun
 * @property {Float64Array} steps
 * @property {string[]} series what can be shown
 * @property {string} text
 */

/** @param {Pick<Frame, "arrays">} frame @param {string} series @returns {Starts | null} */
export function model({ arrays }, series) {
  const steps = Float64Array.from(arrays.get("steps")?.data ?? []);
  const before = arrays.get("before")?.data[0];
  if (before === undefined) return null;
  const curves = STARTS.flatMap(({ id, name }) => {
    const column = arrays.get(`${id}.${series}`);
    return column ? [{ id, name, y: Float64Array.from(column.data) }] : [];
  });
  const each = curves
    .filter(({ y }) => !Number.isNaN(y.at(-1)))
    .map(({ name, y }) => TEXTS.last({ start: name, number: shortNumber(y.at(-1) ?? NaN) }))
    .join(", ");
  return {
    ...{ curves, steps },
    series: [...arrays.keys()].flatMap((name) => {
      const [start, found = ""] = name.split(".");
      return start === STARTS[0]?.id && arrays.get(name)?.shape.length === 1 ? [found] : [];
    }),
    text: each
      ? TEXTS.before({ steps: wholeNumber(steps.at(-1) ?? 0), before: wholeNumber(Number(before)), each })
      : "",
  };
}
