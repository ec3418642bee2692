import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { foldColumns } from "../../static/network/columns.js";
import { removeColumn, removeNode } from "../../static/network/graph.js";
import {
  addInput,
  cut,
  inputsAt,
  insertOnWire,
  replaceInput,
  referenceTo,
  resized,
  wireRefusal,
} from "../../static/network/wiring.js";
import { catalogue, examples, folds, planned } from "./experiments.js";
import { present } from "./support.js";

/** @import { Catalog, Choice, Experiment, NodeSpec } from "../../static/types.d.ts" */
/** @import { Column } from "../../static/network/columns.js" */
/** @import { Planned } from "./experiments.js" */

/** @type {Record<string, Planned>} */
let networks;
/** @type {Catalog} */
let catalog;
before(() => {
  networks = examples();
  catalog = catalogue();
});

/** @param {string} name @param {string[] | null} [inputs] @param {string} [kind] @returns {NodeSpec} */
const node = (name, inputs = null, kind = "linear") => ({ kind, name, inputs });

/** @param {NodeSpec[]} network @returns {Experiment} */
const experiment = (network) => ({ ...present(networks["bare"]).experiment, network });

/** @param {Experiment} experiment */
const wiring = ({ network }) =>
  network.map(({ name, inputs }) => (inputs ? `${name}(${inputs.join(" ")})` : name));

const CHAIN = [node("a"), node("b"), node("c"), node("out")];

describe("reading one thing more", () => {
  test("puts an addition before a node that takes one input", () => {
    assert.deepEqual(wiring(addInput(catalog, experiment(CHAIN), "/network/3", "a", "add")), [
      "a",
      "b",
      "c",
      "add1(c a)",
      "out",
    ]);
  });

  test("may pass a layer that makes it fit", () => {
    const way = [{ kind: "linear", units: 8 }];
    assert.deepEqual(wiring(addInput(catalog, experiment(CHAIN), "/network/3", "a", "add", way)), [
      "a",
      "b",
      "c",
      "linear1(a)",
      "add1(c linear1)",
      "out",
    ]);
  });

  test("is a further input where a node takes several", () => {
    const before = experiment([node("a"), node("b"), node("sum", ["a", "b"], "concatenate"), node("out")]);
    assert.deepEqual(wiring(addInput(catalog, before, "/network/2", "input", "add")), [
      "a",
      "b",
      "sum(a b input)",
      "out",
    ]);
  });

  test("leaves what was read by name as it is", () => {
    const before = experiment([node("a"), node("b"), node("out", ["a"])]);
    assert.deepEqual(wiring(addInput(catalog, before, "/network/2", "b", "concatenate")), [
      "a",
      "b",
      "concatenate1(a b)",
      "out",
    ]);
  });
});

test("reading one thing in the place of another changes that wire alone", () => {
  const before = experiment([node("a"), node("b"), node("sum", ["a", "b"], "add")]);
  assert.deepEqual(wiring(replaceInput(catalog, before, "/network/2", 1, "input")), [
    "a",
    "b",
    "sum(a input)",
  ]);
  assert.deepEqual(wiring(replaceInput(catalog, before, "/network/1", 0, "input")), [
    "a",
    "b(input)",
    "sum(a b)",
  ]);
});

describe("cutting a wire", () => {
  test("leaves a node that still joins others", () => {
    const before = experiment([
      node("a"),
      node("b"),
      node("c"),
      node("sum", ["a", "b", "c"], "add"),
      node("out"),
    ]);
    assert.deepEqual(wiring(cut(catalog, before, "/network/3", 1)), ["a", "b", "c", "sum(a c)", "out"]);
  });

  test("takes the node with it that has nothing left to join", () => {
    const before = experiment([node("a"), node("b"), node("sum", ["a", "b"], "add"), node("out")]);
    assert.deepEqual(wiring(cut(catalog, before, "/network/2", 0)), ["a", "b", "out(b)"]);
    assert.deepEqual(wiring(cut(catalog, before, "/network/2", 1)), ["a", "b", "out(a)"]);
  });

  test("undoes what drawing it did, but for what is now named", () => {
    const drawn = addInput(catalog, experiment(CHAIN), "/network/3", "a", "add");
    assert.deepEqual(wiring(cut(catalog, drawn, "/network/3", 1)), ["a", "b", "c", "out(c)"]);
  });
});

test("layers are put on one wire of several", () => {
  const before = experiment([node("a"), node("b"), node("sum", ["b", "a"], "add"), node("out")]);
  assert.deepEqual(
    wiring(insertOnWire(catalog, before, "/network/2", 1, [{ kind: "linear" }, { kind: "tanh" }])),
    ["a", "b", "linear1(a)", "tanh1", "sum(b tanh1)", "out"],
  );
});

test("what a node reads is what it says, or the node before, or the data", () => {
  const { network } = experiment([node("a"), node("b", ["input"]), node("c")]);
  assert.deepEqual(
    [0, 1, 2].map((index) => inputsAt(catalog, network, index)),
    [["input"], ["input"], ["b"]],
  );
});

describe("a removed node", () => {
  test("leaves an addition with one thing to read, and that goes too", () => {
    const before = experiment([node("a"), node("b"), node("sum", ["b", "a"], "add"), node("out")]);
    assert.deepEqual(wiring(removeNode(catalog, before, "/network/1")), ["a", "out(a)"]);
  });

  test("is named by nothing any more", () => {
    const before = experiment([node("a"), { ...node("b"), weights: "a" }, node("out")]);
    before.task = {
      ...before.task,
      losses: [
        { kind: "mse", node: "out" },
        { kind: "mse", node: "a" },
      ],
    };
    before.training = {
      ...before.training,
      regularizers: [
        { kind: "l1", nodes: "a" },
        { kind: "l2", nodes: "*" },
      ],
      updates: [{ .../** @type {any} */ (before.training.updates[0]), nodes: "a" }],
    };
    const after = removeNode(catalog, before, "/network/0");
    assert.equal(after.network[0]?.["weights"], null);
    assert.deepEqual(
      after.task.losses.map(({ node }) => node),
      ["out", "out"],
    );
    assert.deepEqual(
      after.training.regularizers.map(({ nodes }) => nodes),
      ["*"],
    );
    assert.deepEqual(
      after.training.updates.map(({ nodes }) => nodes),
      ["*"],
    );
  });

  test("keeps updates whose pattern still means another", () => {
    const before = experiment([node("conv1"), node("conv2"), node("out")]);
    const [update] = before.training.updates;
    before.training = {
      ...before.training,
      updates: [
        { .../** @type {any} */ (update), nodes: "conv*" },
        { .../** @type {any} */ (update), nodes: "out" },
      ],
    };
    assert.deepEqual(
      removeNode(catalog, before, "/network/0").training.updates.map(({ nodes }) => nodes),
      ["conv*", "out"],
    );
    const none = removeNode(catalog, removeNode(catalog, before, "/network/1"), "/network/0");
    assert.deepEqual(
      none.training.updates.map(({ nodes }) => nodes),
      ["out"],
    );
  });
});

describe("what can read what", () => {
  /** @param {string} network @param {string} name @returns {Column} */
  const column = (network, name) =>
    present(
      foldColumns(present(networks[network]).description, folds).find(
        (each) => each.name === name || each.head === name,
      ),
    );
  /** @param {string} network @param {string} from @param {string} to */
  const why = (network, from, to) =>
    wireRefusal(present(networks[network]).description, column(network, from), column(network, to));

  test("whatever comes before", () => {
    assert.equal(why("chain", "linear1", "output"), null);
    assert.equal(why("chain", "input", "output"), null);
  });

  test("but not what comes after, nor itself, nor what it reads already", () => {
    assert.match(present(why("chain", "output", "linear1")), /cycle/);
    assert.match(present(why("chain", "linear1", "linear1")), /itself/);
    assert.match(present(why("chain", "input", "linear1")), /already/);
    assert.match(present(why("chain", "linear1", "input")), /the data, and nothing else/);
  });

  test("in a block its own layers alone, and what the block makes itself is not to be wired", () => {
    assert.match(present(why("residual", "input", "residual1.linear1")), /Inside residual 1/);
    assert.match(present(why("residual", "input", "residual1.sum")), /wires residual 1.sum itself/);
  });

  test("a block is read by its name", () => {
    assert.equal(
      referenceTo(column("projected", "residual1.sum"), column("projected", "output")),
      "residual1",
    );
  });
});

test("a residual network wired by hand is one the engine builds, and cutting it gives back a chain", () => {
  const bare = present(networks["bare"]).experiment;
  const layers = /** @type {any[]} */ ([
    { kind: "linear", name: "first", units: 6, inputs: null },
    { kind: "linear", name: "mid", units: 6, inputs: null },
    { kind: "linear", name: "output", units: null, inputs: null },
  ]);
  const wired = addInput(catalog, { ...bare, network: layers }, "/network/2", "first", "add");
  const answer = present(planned([wired])[0]);
  assert.equal(answer.refused, undefined);
  const { description, experiment: stored } = answer;
  assert.deepEqual(present(description.nodes.find(({ name }) => name === "add1")).inputs, ["mid", "first"]);
  const sum = present(foldColumns(description, folds).find(({ name }) => name === "add1"));
  assert.deepEqual(wiring(removeColumn(catalog, stored, sum)), ["first", "mid", "output(mid)"]);
});

describe("another size", () => {
  /** @param {string} name @param {number | null} units @param {string[] | null} [inputs] */
  const layer = (name, units, inputs = null) => ({ ...node(name, inputs), units });
  /** @param {Experiment} experiment */
  const sizes = ({ network }) =>
    Object.fromEntries(
      network.filter(({ kind }) => kind === "linear").map(({ name, units }) => [name, units]),
    );

  const SUM = [
    layer("a", 4),
    node("tanh1", null, "tanh"),
    layer("b", 4),
    node("drop", null, "dropout"),
    node("sum1", ["drop", "tanh1"], "add"),
    layer("c", 4),
    node("sum2", ["c", "sum1"], "add"),
    layer("out", null),
  ];

  test("is that of all layers whose outputs are added, through sums and what changes no size", () => {
    const after = resized(catalog, experiment(SUM), "/network/0/units", 6);
    assert.deepEqual(sizes(after.experiment), { a: 6, b: 6, c: 6, out: null });
    assert.deepEqual(after.followed, ["b", "c"]);
    const [plan] = planned([{ data: { kind: "spiral" }, network: after.experiment.network }]);
    assert.equal(plan?.refused, undefined);
  });

  test("is one layer's own where nothing is added, or a concatenation stands between", () => {
    const apart = experiment([
      layer("a", 4),
      layer("b", 4),
      node("both", ["a", "b"], "concatenate"),
      layer("c", 8),
      node("sum", ["c", "both"], "add"),
      layer("out", null),
    ]);
    assert.deepEqual(sizes(resized(catalog, apart, "/network/0/units", 3).experiment), {
      a: 3,
      b: 4,
      c: 8,
      out: null,
    });
  });

  test("is not that of another field", () => {
    const after = resized(catalog, experiment(SUM), "/network/0/bias", false);
    assert.deepEqual([after.experiment.network[0]?.["bias"], after.followed], [false, []]);
  });
});
