/** Networks of every shape the drawing has to cope with, and the engine's opinion of them. */

import { python } from "./support.js";

/** @import { Catalog, Description, Experiment } from "../../static/types.d.ts" */

const PLAN = `
import json, sys
from glassnet.engine.errors import GlassnetError
from glassnet.engine.network import planner
from glassnet.engine.experiment.experiment import Experiment

answers = []
for document in json.load(sys.stdin):
    try:
        experiment = Experiment.parse(document)
        answers.append({"experiment": experiment.document(), "description": planner.plan(experiment).describe()})
    except GlassnetError as error:
        answers.append({"refused": str(error)})
print(json.dumps(answers))
`;

/** @typedef {{ experiment: Experiment, description: Description, refused?: string }} Planned */

/**
 * What the engine makes of documents: each with its defaults, described; or why it refuses it.
 *
 * @param {unknown[]} documents @returns {Planned[]}
 */
export function planned(documents) {
  return python(PLAN, documents);
}

/** @param {string} name @param {object} [more] */
const linear = (name, more = {}) => ({ kind: "linear", name, units: 4, ...more });
/** @param {string} kind @param {object} [more] */
const plain = (kind, more = {}) => ({ kind, name: `${kind}1`, ...more });
const output = { kind: "linear", name: "output", units: null };

const digits = { kind: "digits" };

/** @type {Record<string, { data?: object, network: object[] }>} */
const NETWORKS = {
  bare: { network: [output] },
  chain: {
    network: [
      linear("linear1"),
      plain("tanh"),
      linear("linear2"),
      plain("batch_norm"),
      plain("relu"),
      plain("dropout"),
      output,
    ],
  },
  wide: { network: [linear("linear1", { units: 300 }), plain("tanh"), output] },
  branches: {
    network: [
      linear("left", { inputs: ["input"] }),
      plain("tanh"),
      linear("right", { inputs: ["input"], units: 3 }),
      plain("relu"),
      { kind: "concatenate", name: "both", inputs: ["tanh1", "relu1"] },
      output,
    ],
  },
  shared: {
    network: [
      linear("linear1"),
      plain("tanh", { inputs: ["linear1"] }),
      { kind: "add", name: "sum", inputs: ["linear1", "tanh1"] },
      output,
    ],
  },
  residual: {
    network: [
      linear("linear1"),
      { kind: "residual", name: "residual1", body: [linear("linear1"), plain("tanh"), linear("linear2")] },
      plain("relu"),
      output,
    ],
  },
  projected: {
    network: [
      linear("linear1"),
      { kind: "residual", name: "residual1", body: [linear("linear1", { units: 6 }), plain("tanh")] },
      output,
    ],
  },
  nested: {
    network: [
      linear("linear1"),
      {
        kind: "residual",
        name: "outer",
        body: [linear("linear1"), { kind: "residual", name: "inner", body: [linear("linear1")] }],
      },
      output,
    ],
  },
  images: {
    data: digits,
    network: [
      { kind: "conv2d", name: "conv2d1", filters: 4 },
      plain("relu"),
      plain("max_pool2d", { kernel: 2 }),
      plain("flatten"),
      plain("dropout"),
      output,
    ],
  },
};

/** @returns {Record<string, Planned>} */
export function examples() {
  const documents = Object.values(NETWORKS).map(({ data = { kind: "spiral" }, network }) => ({
    data,
    network,
  }));
  const answers = planned(documents);
  Object.keys(NETWORKS).forEach((name, index) => {
    if (answers[index]?.refused) throw new Error(`${name}: ${answers[index].refused}`);
  });
  return Object.fromEntries(
    Object.keys(NETWORKS).map((name, index) => [name, /** @type {Planned} */ (answers[index])]),
  );
}

/** The catalogue, as the server gives it. @returns {Catalog} */
export function catalogue() {
  return python(
    "import json; from glassnet.engine.reference import reference; print(json.dumps(reference()))",
  );
}

/** What the catalog says of kinds, for the tests. @param {string} kind */
export const isActivation = (kind) =>
  ["identity", "relu", "leaky_relu", "sigmoid", "tanh", "silu"].includes(kind);

/** @param {string} kind */
export const folds = (kind) => isActivation(kind) || ["batch_norm", "dropout"].includes(kind);
