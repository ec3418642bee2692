/** A dense network of two layers, walked in plain loops: a frame as the engine sends it, and its drawing. */

/** @import { Description, Frame } from "../../../../static/types.d.ts" */
/** @import { Layout } from "../../../../static/network/layout.js" */

import { foldColumns } from "../../../../static/network/columns.js";
import { placeColumns } from "../../../../static/network/layout.js";

const X = [0.5, -1];
const WEIGHTS = [
  [0.3, -0.2],
  [0.7, 0.4],
  [-0.6, 0.1],
];
const BIASES = [0.1, 0, -0.3];
const LAST = [0.8, -0.5, 0.25];
const [TARGET, RATE] = [1, 0.1];

/** @param {string} name @param {string} kind @param {string} from @param {number} units @param {number} parameters */
const node = (name, kind, from, units, parameters) => ({
  ...{
    name,
    kind,
    role: kind === "linear" ? "dense" : null,
    size_option: null,
    transposed: false,
    slides: false,
  },
  ...{ followed: true, inputs: [from], shape: [units], parameters, pointer: `/network/${name}` },
});

export const DESCRIPTION = /** @type {Description} */ (
  /** @type {unknown} */ ({
    input: { name: "input", shape: [2] },
    nodes: [
      node("linear1", "linear", "input", 3, 9),
      node("tanh1", "tanh", "linear1", 3, 0),
      node("output", "linear", "tanh1", 1, 3),
    ],
    outputs: ["output"],
    totals: { parameters: 12 },
    data: { classes: null, sets: { train: 5, test: 5 } },
  })
);

/** @param {number} width @param {number} height @returns {Layout} */
export function layoutOf(width = 740, height = 300) {
  const columns = foldColumns(DESCRIPTION, (kind) => kind === "tanh");
  return placeColumns(columns, { width, height, foot: 78 });
}

/**
 * The loss, where one weight of the first layer is moved.
 *
 * @param {number} unit @param {number} source @param {number} by
 */
export function lossWith(unit, source, by) {
  const hidden = WEIGHTS.map((row, index) => {
    const moved = row.map((weight, place) => weight + (index === unit && place === source ? by : 0));
    return Math.tanh(dot(moved, X) + (BIASES[index] ?? 0));
  });
  return 0.5 * (dot(LAST, hidden) - TARGET) ** 2;
}

/** @param {number[]} one @param {number[]} other */
const dot = (one, other) => one.reduce((total, each, index) => total + each * (other[index] ?? 0), 0);

/** @param {Record<string, number[]>} [changed] @param {string[]} [without] @returns {Frame} */
export function walked(changed = {}, without = []) {
  const z = WEIGHTS.map((row, unit) => dot(row, X) + (BIASES[unit] ?? 0));
  const a = z.map(Math.tanh);
  const said = dot(LAST, a);
  const error = said - TARGET;
  const slopes = a.map((each) => 1 - each ** 2);
  const byOutput = LAST.map((weight) => weight * error);
  const bySum = byOutput.map((each, unit) => each * (slopes[unit] ?? 0));
  const derivatives = bySum.flatMap((each) => X.map((x) => each * x));
  const last = a.map((each) => each * error);
  const updates = (/** @type {number[]} */ gradient) => gradient.map((each) => -RATE * each);
  /** @type {Record<string, [number[], number[]]>} */
  const arrays = {
    "output/input": [X, [2]],
    "output/linear1": [z, [3]],
    "output/tanh1": [a, [3]],
    "output/output": [[said], [1]],
    "gradient/input": [
      X.map((_, source) =>
        dot(
          bySum,
          WEIGHTS.map((row) => row[source] ?? 0),
        ),
      ),
      [2],
    ],
    "gradient/linear1": [bySum, [3]],
    "gradient/tanh1": [byOutput, [3]],
    "gradient/output": [[error], [1]],
    "slope/tanh1": [slopes, [3]],
    "parameter/linear1.weight": [WEIGHTS.flat(), [3, 2]],
    "parameter/linear1.bias": [BIASES, [3]],
    "parameter/output.weight": [LAST, [1, 3]],
    "derivative/linear1.weight": [derivatives, [3, 2]],
    "derivative/linear1.bias": [bySum, [3]],
    "derivative/output.weight": [last, [1, 3]],
    "given/linear1.weight": [derivatives, [3, 2]],
    "change/linear1.weight": [updates(derivatives), [3, 2]],
    "change/linear1.bias": [updates(bySum), [3]],
    "change/output.weight": [updates(last), [1, 3]],
    "rate/linear1.weight": [[RATE], []],
    loss: [[0.5 * error ** 2], []],
    penalty: [[0], []],
    target: [[TARGET], [1]],
  };
  const named = Object.entries(arrays)
    .filter(([name]) => !without.includes(name))
    .map(([name, [data, shape]]) => [name, { data: Float32Array.from(changed[name] ?? data), shape }]);
  return /** @type {any} */ ({ metadata: { step: "3" }, arrays: new Map(/** @type {any} */ (named)) });
}
