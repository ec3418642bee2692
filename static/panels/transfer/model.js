/** What a frame of the study `transfer` says: a curve of each way, and which signs of a transfer it has. */

/** @import { Frame } from "../../types.d.ts" */

import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  scratch: "from scratch",
  features: "feature extraction",
  fineTuning: "fine-tuning",
  start: "a better start",
  slope: "a steeper slope",
  asymptote: "a better end",
  beside: "Beside training from scratch: {each}.",
  signs: "{way} has {signs}",
  none: "none of the three signs",
});

/** The ways in the study's order, by the names of their arrays. */
const WAYS = [
  { id: "scratch", name: TEXTS.scratch },
  { id: "features", name: TEXTS.features },
  { id: "fine_tuning", name: TEXTS.fineTuning },
];

/**
 * @typedef {object} Ways
 * @property {{ id: string, name: string, y: Float64Array }[]} curves of those that have begun
 * @property {Float64Array} steps
 * @property {string[]} series what can be shown
 * @property {string} text
 */

/** @param {Pick<Frame, "arrays">} frame @param {string} series @returns {Ways | null} */
export function model({ arrays }, series) {
  const steps = Float64Array.from(arrays.get("steps")?.data ?? []);
  if (steps.length === 0) return null;
  const curves = WAYS.flatMap(({ id, name }) => {
    const column = arrays.get(`${id}.${series}`);
    return column ? [{ id, name, y: Float64Array.from(column.data) }] : [];
  });
  const [scratch, ...others] = curves.filter(({ y }) => !Number.isNaN(y.at(-1)));
  const text = others.map(({ name, y }) => {
    const signs = scratch ? signsOf(y, scratch.y, series) : [];
    return TEXTS.signs({ way: name, signs: signs.join(", ") || TEXTS.none });
  });
  return {
    ...{ curves, steps, text: text.length > 0 ? TEXTS.beside({ each: text.join("; ") }) : "" },
    series: [...arrays.keys()].flatMap((name) => {
      const [way, found] = name.split(".");
      return way === WAYS[0]?.id && found ? [found] : [];
    }),
  };
}

/**
 * The signs of a curve beside one from scratch: at the first evaluation after the start, from there over a
 * quarter of the steps, and in the mean of the last quarter.
 *
 * @param {Float64Array} y @param {Float64Array} scratch @param {string} series
 */
function signsOf(y, scratch, series) {
  const better = series.endsWith("loss") || series.includes("error") ? -1 : 1;
  const quarter = Math.max(2, Math.round(y.length / 4));
  /** @param {Float64Array} each */
  const measures = (each) => {
    const first = each[1] ?? NaN;
    const last = each.slice(-quarter);
    const mean = last.reduce((sum, value) => sum + value, 0) / last.length;
    return [first, (each[quarter] ?? NaN) - first, mean];
  };
  const [own, theirs] = [measures(y), measures(scratch)];
  return [TEXTS.start, TEXTS.slope, TEXTS.asymptote].filter(
    (_, index) => better * ((own[index] ?? NaN) - (theirs[index] ?? NaN)) > 0,
  );
}
