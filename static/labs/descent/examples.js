/** The known troubles of going downhill, each a click away; and what the lab opens with. */

/** @import { JsonObject } from "../../types.d.ts" */

/** @typedef {{ label?: string | null, optimizer: JsonObject, schedule?: JsonObject }} Entry */

/**
 * @typedef {{ surface: JsonObject, start: [number, number] | null, entries: Entry[], steps: number }} Setup
 */

/** @typedef {{ title: string, description: string, setup: Setup }} Example */

/** @param {number} rate @param {JsonObject} [more] @returns {JsonObject} */
const sgd = (rate, more = {}) => ({ kind: "sgd", learning_rate: rate, ...more });

/** @param {string} kind @param {number} rate @param {JsonObject} [more] @returns {JsonObject} */
const by = (kind, rate, more = {}) => ({ kind, learning_rate: rate, ...more });

/** @type {Example[]} */
export const EXAMPLES = [
  {
    title: "Six on Beale",
    description: "Same start, six ways down: the steps each needs to come within 0.01 of the minimum.",
    setup: {
      surface: { kind: "beale" },
      start: [1, 1.5],
      entries: [
        { optimizer: sgd(0.01) },
        { label: "SGD, momentum 0.9", optimizer: sgd(0.001, { momentum: 0.9 }) },
        { label: "SGD, Nesterov 0.9", optimizer: sgd(0.001, { momentum: 0.9, nesterov: true }) },
        { optimizer: by("adagrad", 0.5) },
        { optimizer: by("rmsprop", 0.01) },
        { optimizer: by("adam", 0.05) },
      ],
      steps: 1300,
    },
  },
  {
    title: "Ravine",
    description:
      "Steep across, gentle along. The largest rate the walls allow is too small for the floor; " +
      "momentum cancels the swings.",
    setup: {
      surface: { kind: "ravine", condition: 40 },
      start: [-2.6, 0.8],
      entries: [
        { optimizer: sgd(0.047) },
        { label: "SGD, momentum 0.8", optimizer: sgd(0.03, { momentum: 0.8 }) },
        { optimizer: by("adagrad", 0.6) },
        { optimizer: by("adam", 0.12) },
      ],
      steps: 200,
    },
  },
  {
    title: "Overshoot",
    description:
      "Across this valley λ = 5, and plain descent shrinks by |1 − ηλ| a step: below 1/λ it creeps, " +
      "above it jumps to and fro, beyond 2/λ it flies off.",
    setup: {
      surface: { kind: "ravine", condition: 5 },
      start: [-2.6, 0.9],
      entries: [
        { label: "SGD, η = 0.2/λ", optimizer: sgd(0.04) },
        { label: "SGD, η = 1/λ", optimizer: sgd(0.2) },
        { label: "SGD, η = 1.85/λ", optimizer: sgd(0.37) },
        { label: "SGD, η = 2.02/λ", optimizer: sgd(0.404) },
        { label: "SGD, momentum 0.9", optimizer: sgd(0.04, { momentum: 0.9 }) },
      ],
      steps: 80,
    },
  },
  {
    title: "Saddle",
    description:
      "Started next to the ridge, plain descent slides to the saddle point and seems done. Who " +
      "divides by the gradient's size leaves early.",
    setup: {
      surface: { kind: "saddle" },
      start: [-1.6, 0.001],
      entries: [
        { optimizer: sgd(0.02) },
        { label: "SGD, momentum 0.9", optimizer: sgd(0.02, { momentum: 0.9 }) },
        { optimizer: by("rmsprop", 0.02) },
        { optimizer: by("adam", 0.02) },
        { optimizer: { kind: "adadelta", learning_rate: 1 } },
      ],
      steps: 250,
    },
  },
  {
    title: "Plateau",
    description:
      "Where the slope is next to nothing, steps in proportion to it are, too. Adaptive rates walk on.",
    setup: {
      surface: { kind: "plateau" },
      start: [-2.8, 2.3],
      entries: [
        { optimizer: sgd(0.5) },
        { label: "SGD, momentum 0.9", optimizer: sgd(0.5, { momentum: 0.9 }) },
        { optimizer: by("adagrad", 0.3) },
        { optimizer: by("rmsprop", 0.02) },
        { optimizer: by("adam", 0.05) },
      ],
      steps: 400,
    },
  },
  {
    title: "Local minima",
    description:
      "Every dent of Rastrigin's egg carton holds who comes slowly. A rate that first leaps and then " +
      "falls ends in a low one; with warm restarts, in the lowest.",
    setup: {
      surface: { kind: "rastrigin" },
      start: [-3.7, 3.3],
      entries: [
        { optimizer: sgd(0.002) },
        { label: "SGD, momentum 0.9", optimizer: sgd(0.002, { momentum: 0.9 }) },
        { optimizer: by("adam", 0.1) },
        { label: "SGD, cosine", optimizer: sgd(0.015), schedule: { kind: "cosine" } },
        {
          label: "SGD, warm restarts",
          optimizer: sgd(0.015),
          schedule: { kind: "warm_restarts", first: 50, growth: 1 },
        },
      ],
      steps: 400,
    },
  },
  {
    title: "Rosenbrock's valley",
    description: "Found in ten steps, followed for a thousand. A rate of 0.01 explodes at step 9.",
    setup: {
      surface: { kind: "rosenbrock" },
      start: [-1.5, 2],
      entries: [
        { label: "SGD, 0.001", optimizer: sgd(0.001) },
        { label: "SGD, 0.01", optimizer: sgd(0.01) },
        { label: "SGD, momentum 0.9", optimizer: sgd(0.001, { momentum: 0.9 }) },
        { label: "SGD, Nesterov 0.9", optimizer: sgd(0.001, { momentum: 0.9, nesterov: true }) },
        { optimizer: by("adam", 0.05) },
      ],
      steps: 1500,
    },
  },
  {
    title: "Noisy slopes",
    description:
      "As if each step saw another batch: a constant rate never comes to rest, a falling one does.",
    setup: {
      surface: { kind: "bowl", curvature: 1, noise: 2 },
      start: [-2.4, 1.6],
      entries: [
        { label: "SGD, constant", optimizer: sgd(0.3) },
        { label: "SGD, cosine", optimizer: sgd(0.3), schedule: { kind: "cosine" } },
        { label: "SGD, exponential", optimizer: sgd(0.3), schedule: { kind: "exponential", gamma: 0.97 } },
        { label: "Mean momentum 0.95", optimizer: by("momentum", 0.3, { beta: 0.95 }) },
      ],
      steps: 200,
    },
  },
  {
    title: "A line's cost",
    description:
      "The mean squared error of y = mx + b over m and b. Press in the data to add points; far from " +
      "zero they make a ravine.",
    setup: {
      surface: { kind: "regression" },
      start: null,
      entries: [
        { optimizer: sgd(0.1) },
        { label: "SGD, momentum 0.9", optimizer: sgd(0.02, { momentum: 0.9 }) },
        { optimizer: by("adam", 0.1) },
      ],
      steps: 200,
    },
  },
  {
    title: "Your own formula",
    description: "Write any f of x and y: + − * / **, sin, cos, exp, log, sqrt, abs, tanh, min, max …",
    setup: {
      surface: { kind: "formula", text: "sin(3*x) + cos(3*y) + 0.3*(x**2 + y**2)" },
      start: [-2.1, 1.8],
      entries: [
        { optimizer: sgd(0.02) },
        { label: "SGD, momentum 0.9", optimizer: sgd(0.02, { momentum: 0.9 }) },
        { optimizer: by("adam", 0.05) },
      ],
      steps: 300,
    },
  },
];
