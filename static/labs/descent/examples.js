/** The known troubles of going downhill, each a click away; and what the lab opens with. */

/** @import { JsonObject } from "../../types.d.ts" */

import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  sixOnBeale: "Six on Beale",
  sameStartSix: "Same start, six ways down: the steps each needs to come within 0.01 of the minimum.",
  sgdMomentum: "SGD, momentum 0.9",
  sgdNesterov: "SGD, Nesterov 0.9",
  ravine: "Ravine",
  steepAcrossGentle: [
    "Steep across, gentle along. The largest rate the walls allow is too small for the floor;",
    "momentum cancels the swings.",
  ],
  sgdMomentum2: "SGD, momentum 0.8",
  overshoot: "Overshoot",
  acrossValleyPlain: [
    "Across this valley λ = 5, and plain descent shrinks by |1 − ηλ| a step: below 1/λ it creeps,",
    "above it jumps to and fro, beyond 2/λ it flies off.",
  ],
  saddle: "Saddle",
  startedNextRidge: [
    "Started next to the ridge, plain descent slides to the saddle point and seems done. Who divides",
    "by the gradient's size leaves early.",
  ],
  plateau: "Plateau",
  smallSlope:
    "Where the slope is next to nothing, steps in proportion to it are, too. Adaptive rates walk on.",
  localMinima: "Local minima",
  everyDentRastrigins: [
    "Every dent of Rastrigin's egg carton holds who comes slowly. A rate that first leaps and then",
    "falls ends in a low one; with warm restarts, in the lowest.",
  ],
  sgdCosine: "SGD, cosine",
  sgdWarmRestarts: "SGD, warm restarts",
  rosenbrocksValley: "Rosenbrock's valley",
  foundTenSteps: "Found in ten steps, followed for a thousand. A rate of 0.01 explodes at step 9.",
  noisySlopes: "Noisy slopes",
  ifEachStep: "As if each step saw another batch: a constant rate never comes to rest, a falling one does.",
  sgdConstant: "SGD, constant",
  sgdExponential: "SGD, exponential",
  meanMomentum: "Mean momentum 0.95",
  aLinesCost: "A line's cost",
  meanSquaredError: [
    "The mean squared error of y = mx + b over m and b. Press in the data to add points; far from",
    "zero they make a ravine.",
  ],
  yourOwnFormula: "Your own formula",
  writeAnyF: "Write any f of x and y: + − * / **, sin, cos, exp, log, sqrt, abs, tanh, min, max …",
});

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
    title: TEXTS.sixOnBeale,
    description: TEXTS.sameStartSix,
    setup: {
      surface: { kind: "beale" },
      start: [1, 1.5],
      entries: [
        { optimizer: sgd(0.01) },
        { label: TEXTS.sgdMomentum, optimizer: sgd(0.001, { momentum: 0.9 }) },
        { label: TEXTS.sgdNesterov, optimizer: sgd(0.001, { momentum: 0.9, nesterov: true }) },
        { optimizer: by("adagrad", 0.5) },
        { optimizer: by("rmsprop", 0.01) },
        { optimizer: by("adam", 0.05) },
      ],
      steps: 1300,
    },
  },
  {
    title: TEXTS.ravine,
    description: TEXTS.steepAcrossGentle,
    setup: {
      surface: { kind: "ravine", condition: 40 },
      start: [-2.6, 0.8],
      entries: [
        { optimizer: sgd(0.047) },
        { label: TEXTS.sgdMomentum2, optimizer: sgd(0.03, { momentum: 0.8 }) },
        { optimizer: by("adagrad", 0.6) },
        { optimizer: by("adam", 0.12) },
      ],
      steps: 200,
    },
  },
  {
    title: TEXTS.overshoot,
    description: TEXTS.acrossValleyPlain,
    setup: {
      surface: { kind: "ravine", condition: 5 },
      start: [-2.6, 0.9],
      entries: [
        { label: "SGD, η = 0.2/λ", optimizer: sgd(0.04) },
        { label: "SGD, η = 1/λ", optimizer: sgd(0.2) },
        { label: "SGD, η = 1.85/λ", optimizer: sgd(0.37) },
        { label: "SGD, η = 2.02/λ", optimizer: sgd(0.404) },
        { label: TEXTS.sgdMomentum, optimizer: sgd(0.04, { momentum: 0.9 }) },
      ],
      steps: 80,
    },
  },
  {
    title: TEXTS.saddle,
    description: TEXTS.startedNextRidge,
    setup: {
      surface: { kind: "saddle" },
      start: [-1.6, 0.001],
      entries: [
        { optimizer: sgd(0.02) },
        { label: TEXTS.sgdMomentum, optimizer: sgd(0.02, { momentum: 0.9 }) },
        { optimizer: by("rmsprop", 0.02) },
        { optimizer: by("adam", 0.02) },
        { optimizer: { kind: "adadelta", learning_rate: 1 } },
      ],
      steps: 250,
    },
  },
  {
    title: TEXTS.plateau,
    description: TEXTS.smallSlope,
    setup: {
      surface: { kind: "plateau" },
      start: [-2.8, 2.3],
      entries: [
        { optimizer: sgd(0.5) },
        { label: TEXTS.sgdMomentum, optimizer: sgd(0.5, { momentum: 0.9 }) },
        { optimizer: by("adagrad", 0.3) },
        { optimizer: by("rmsprop", 0.02) },
        { optimizer: by("adam", 0.05) },
      ],
      steps: 400,
    },
  },
  {
    title: TEXTS.localMinima,
    description: TEXTS.everyDentRastrigins,
    setup: {
      surface: { kind: "rastrigin" },
      start: [-3.7, 3.3],
      entries: [
        { optimizer: sgd(0.002) },
        { label: TEXTS.sgdMomentum, optimizer: sgd(0.002, { momentum: 0.9 }) },
        { optimizer: by("adam", 0.1) },
        { label: TEXTS.sgdCosine, optimizer: sgd(0.015), schedule: { kind: "cosine" } },
        {
          label: TEXTS.sgdWarmRestarts,
          optimizer: sgd(0.015),
          schedule: { kind: "warm_restarts", first: 50, growth: 1 },
        },
      ],
      steps: 400,
    },
  },
  {
    title: TEXTS.rosenbrocksValley,
    description: TEXTS.foundTenSteps,
    setup: {
      surface: { kind: "rosenbrock" },
      start: [-1.5, 2],
      entries: [
        { label: "SGD, 0.001", optimizer: sgd(0.001) },
        { label: "SGD, 0.01", optimizer: sgd(0.01) },
        { label: TEXTS.sgdMomentum, optimizer: sgd(0.001, { momentum: 0.9 }) },
        { label: TEXTS.sgdNesterov, optimizer: sgd(0.001, { momentum: 0.9, nesterov: true }) },
        { optimizer: by("adam", 0.05) },
      ],
      steps: 1500,
    },
  },
  {
    title: TEXTS.noisySlopes,
    description: TEXTS.ifEachStep,
    setup: {
      surface: { kind: "bowl", curvature: 1, noise: 2 },
      start: [-2.4, 1.6],
      entries: [
        { label: TEXTS.sgdConstant, optimizer: sgd(0.3) },
        { label: TEXTS.sgdCosine, optimizer: sgd(0.3), schedule: { kind: "cosine" } },
        { label: TEXTS.sgdExponential, optimizer: sgd(0.3), schedule: { kind: "exponential", gamma: 0.97 } },
        { label: TEXTS.meanMomentum, optimizer: by("momentum", 0.3, { beta: 0.95 }) },
      ],
      steps: 200,
    },
  },
  {
    title: TEXTS.aLinesCost,
    description: TEXTS.meanSquaredError,
    setup: {
      surface: { kind: "regression" },
      start: null,
      entries: [
        { optimizer: sgd(0.1) },
        { label: TEXTS.sgdMomentum, optimizer: sgd(0.02, { momentum: 0.9 }) },
        { optimizer: by("adam", 0.1) },
      ],
      steps: 200,
    },
  },
  {
    title: TEXTS.yourOwnFormula,
    description: TEXTS.writeAnyF,
    setup: {
      surface: { kind: "formula", text: "sin(3*x) + cos(3*y) + 0.3*(x**2 + y**2)" },
      start: [-2.1, 1.8],
      entries: [
        { optimizer: sgd(0.02) },
        { label: TEXTS.sgdMomentum, optimizer: sgd(0.02, { momentum: 0.9 }) },
        { optimizer: by("adam", 0.05) },
      ],
      steps: 300,
    },
  },
];
