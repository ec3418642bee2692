/** What a frame of the probe `gradient_flow` says of each layer: its size now, and through training. Pure. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Scale } from "../../draw/ticks.js" */

import { fullNumber, shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { extent, scaleFor, shareOf } from "../../draw/ticks.js";
import { nodeName } from "../../network/names.js";

const TEXTS = texts(import.meta.url, {
  vanishes: [
    "The gradient of {first} is {times} of that of {last}: it vanishes on the way down, and {first}",
    "hardly learns.",
  ],
  explodes: "The gradient of {first} is {times} times that of {last}: it explodes on the way down.",
  even: "The gradients of {first} and {last} are of similar size: the signal reaches every layer.",
  flat: "No gradient reaches {first}: it learns nothing.",
  usual: "Usual is about 0.001. Far below, a layer hardly learns; far above, each step overwrites it.",
  updates: "What the last step changed in each layer; all that acts on weights is in it.",
  weights: "How large the weights of each layer are.",
  nothing: "Gradients come with the next step.",
});

/** @typedef {"gradient" | "ratio" | "update" | "weight"} Measure */

/**
 * @typedef {object} LayerSize
 * @property {string} node
 * @property {string} name
 * @property {number} value NaN where there is none
 * @property {string} text
 * @property {string} full
 * @property {number} share of the way from the least to the greatest of all layers, by magnitude: 0 to 1
 */

/** @typedef {{ name: string, depth: number, x: Float64Array, y: Float64Array }} LayerCurve `depth`: 0 to 1 */

/**
 * @typedef {object} Flow
 * @property {LayerSize[]} layers in the order of the network
 * @property {LayerCurve[]} curves at most as many as can be told apart
 * @property {{ x: Scale, y: Scale }} scales
 * @property {string} summary
 */

/** So many curves can be told apart. */
const MOST_CURVES = 7;

/** A first layer's gradient below this share of the last layer's vanishes; above its inverse it explodes. */
const VANISHED = 1e-3;

/**
 * @param {Pick<Frame, "arrays">} frame @param {{ name: string }[]} nodes of the description @param {Measure} measure
 * @returns {Flow | null} null before the first row, or where the frame is of another network
 */
export function model({ arrays }, nodes, measure) {
  const numbers = (/** @type {string} */ name) => Float64Array.from(arrays.get(name)?.data ?? []);
  const [indices, steps] = [numbers("nodes"), numbers("steps")];
  const names = Array.from(indices, (index) => nodes[index]?.name);
  if (steps.length === 0 || names.some((name) => name === undefined)) return null;
  const values = valuesOf(measure, numbers);
  const columns = names.map((_, layer) => columnOf(values, layer, names.length));
  const scale = scaleFor(extent(columns, true), true);
  const layers = columns.map((column, layer) => layerSize(names[layer] ?? "", column.at(-1) ?? NaN, scale));
  return {
    layers,
    curves: chosen(names.length).map((layer) => ({
      name: nodeName(names[layer] ?? ""),
      depth: names.length > 1 ? layer / (names.length - 1) : 0,
      x: steps,
      y: columns[layer] ?? new Float64Array(),
    })),
    scales: { x: stepsScale(steps), y: scale },
    summary: summaryOf(measure, layers),
  };
}

/** @param {Measure} measure @param {(name: string) => Float64Array} numbers */
function valuesOf(measure, numbers) {
  if (measure !== "ratio") return numbers(measure);
  const weights = numbers("weight");
  return numbers("update").map((update, index) => update / (weights[index] || NaN));
}

/** @param {Float64Array} values rows of `count` @param {number} layer @param {number} count */
function columnOf(values, layer, count) {
  return values.filter((_, index) => index % count === layer);
}

/** @param {string} node @param {number} value @param {Scale} scale @returns {LayerSize} */
function layerSize(node, value, scale) {
  const share = value > 0 ? Math.min(1, Math.max(0, shareOf(scale, value))) : 0;
  const known = !Number.isNaN(value);
  return {
    node,
    name: nodeName(node),
    value,
    text: known ? shortNumber(value) : "–",
    full: known ? fullNumber(value) : "",
    share,
  };
}

/** The layers whose curves are drawn, the first and the last among them. @param {number} count */
export function chosen(count) {
  const shown = Math.min(count, MOST_CURVES);
  return Array.from({ length: shown }, (_, place) =>
    shown === 1 ? 0 : Math.round((place * (count - 1)) / (shown - 1)),
  );
}

/** @param {Float64Array} steps @returns {Scale} */
function stepsScale(steps) {
  const first = steps[0] ?? 0;
  return { low: first, high: Math.max(steps.at(-1) ?? 0, first + 1), log: false };
}

/** @param {Measure} measure @param {LayerSize[]} layers */
function summaryOf(measure, layers) {
  if (measure === "ratio") return TEXTS.usual;
  if (measure === "update") return TEXTS.updates;
  if (measure === "weight") return TEXTS.weights;
  const moved = layers.filter(({ value }) => !Number.isNaN(value));
  const [first, last] = [moved[0], moved.at(-1)];
  if (!first || !last) return TEXTS.nothing;
  if (first.value === 0) return TEXTS.flat({ first: first.name });
  const times = first.value / last.value;
  const names = { first: first.name, last: last.name };
  if (times < VANISHED) return TEXTS.vanishes({ ...names, times: shortNumber(times) });
  if (times > 1 / VANISHED) return TEXTS.explodes({ ...names, times: shortNumber(times) });
  return TEXTS.even(names);
}
