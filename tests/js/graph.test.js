import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { foldColumns } from "../../static/network/columns.js";
import {
  freeName,
  insertNodes,
  ownsBlock,
  placeBefore,
  placeOf,
  removeColumn,
  removeNode,
  setActivation,
  sizeOf,
} from "../../static/network/graph.js";
import { difference, patched, withValue } from "../../static/core/json.js";
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

/** @param {string} name @returns {Experiment} */
const experimentOf = (name) => present(networks[name]).experiment;

/** @param {string} name @returns {Column[]} */
const columnsOf = (name) => foldColumns(present(networks[name]).description, folds);

/** @param {string} network @param {string} name @returns {Column} */
const columnOf = (network, name) => present(columnsOf(network).find((each) => each.name === name));

/**
 * Nodes as short words: name, kind where the name does not tell, and what they read where they say.
 *
 * @param {Experiment} experiment
 */
const wiring = (experiment) =>
  experiment.network.map(({ name, inputs }) => (inputs ? `${name}(${inputs.join(" ")})` : name));

/** @param {string} name @param {string[] | null} [inputs] @returns {NodeSpec} */
const node = (name, inputs = null) => ({ kind: "linear", name, inputs });

/** @param {NodeSpec[]} network @returns {Experiment} */
const experiment = (network) => ({ ...experimentOf("bare"), network });

describe("inserting a chain", () => {
  test("names its nodes by kind and smallest free number", () => {
    assert.equal(freeName([node("linear1"), node("linear3")], "linear"), "linear2");
    const after = insertNodes(experimentOf("chain"), "/network", 2, [
      { kind: "linear", units: 3 },
      { kind: "tanh" },
      { kind: "tanh" },
    ]);
    assert.deepEqual(wiring(after), [
      "linear1",
      "tanh1",
      "linear3",
      "tanh2",
      "tanh3",
      "linear2",
      "batch_norm1",
      "relu1",
      "dropout1",
      "output",
    ]);
    assert.equal(after.network[2]?.["units"], 3);
  });

  test("stands between a node and what that one reads by name", () => {
    const before = experiment([node("a"), node("b", ["a"]), node("c", ["a"])]);
    assert.deepEqual(wiring(insertNodes(before, "/network", 2, [{ kind: "tanh" }, { kind: "relu" }])), [
      "a",
      "b(a)",
      "tanh1(a)",
      "relu1",
      "c",
    ]);
  });

  test("takes the place of the first of several inputs", () => {
    const before = experiment([node("a"), node("b", ["a"]), node("sum", ["a", "b"])]);
    assert.deepEqual(wiring(insertNodes(before, "/network", 2, [{ kind: "tanh" }])), [
      "a",
      "b(a)",
      "tanh1(a)",
      "sum(tanh1 b)",
    ]);
  });

  test("goes to the end of a list too, and into a block's body", () => {
    assert.deepEqual(wiring(insertNodes(experiment([node("a")]), "/network", Infinity, [{ kind: "tanh" }])), [
      "a",
      "tanh1",
    ]);
    const inside = insertNodes(experimentOf("residual"), "/network/1/body", 1, [{ kind: "linear" }]);
    const body = /** @type {any} */ (inside.network[1])["body"];
    assert.deepEqual(
      body.map((/** @type {NodeSpec} */ { name }) => name),
      ["linear1", "linear3", "tanh1", "linear2"],
    );
  });

  test("leaves the experiment it was given as it was", () => {
    const before = experimentOf("chain");
    const frozen = structuredClone(before);
    insertNodes(before, "/network", 1, [{ kind: "tanh" }]);
    assert.deepEqual(before, frozen);
  });

  test("where there is no list is an error that names the place", () => {
    assert.throws(
      () => insertNodes(experimentOf("bare"), "/network/0/body", 0, [{ kind: "tanh" }]),
      /no list of nodes at \/network\/0\/body/,
    );
  });
});

describe("the place before a column", () => {
  test("is that of its first node in the document", () => {
    assert.deepEqual(placeOf("/network/2/body/1"), { list: "/network/2/body", index: 1 });
    assert.deepEqual(placeBefore(columnOf("chain", "dropout1")), { list: "/network", index: 2 });
    assert.deepEqual(placeBefore(columnOf("residual", "residual1.linear2")), {
      list: "/network/1/body",
      index: 2,
    });
  });

  test("is the end of the body for a block's own sum and shortcut", () => {
    assert.deepEqual(placeBefore(columnOf("residual", "relu1")), {
      list: "/network/1/body",
      index: Infinity,
    });
    assert.equal(ownsBlock(columnOf("projected", "residual1.shortcut")), true);
    assert.equal(ownsBlock(columnOf("residual", "residual1.linear2")), false);
    assert.equal(ownsBlock(columnOf("chain", "output")), false);
  });

  test("is none for the data", () => {
    assert.throws(() => placeBefore(columnOf("chain", "input")), /nothing stands before the input/);
  });
});

describe("removing", () => {
  test("a node lets its readers read what it read", () => {
    const before = experiment([node("a"), node("b", ["a"]), node("c", ["b"]), node("d", ["a", "b"])]);
    assert.deepEqual(wiring(removeNode(catalog, before, "/network/1")), ["a", "c(a)", "d(a a)"]);
  });

  test("a node with inputs by name hands them to the one behind, which read it by its place", () => {
    const before = experiment([node("a"), node("b"), node("c", ["a"]), node("d")]);
    assert.deepEqual(wiring(removeNode(catalog, before, "/network/2")), ["a", "b", "d(a)"]);
  });

  test("the first node lets its readers read the data", () => {
    const before = experiment([node("a"), node("b"), node("c", ["a"])]);
    assert.deepEqual(wiring(removeNode(catalog, before, "/network/0")), ["b", "c(input)"]);
  });

  test("a block lets the readers of its parts read what it read", () => {
    const before = experiment([
      node("a"),
      node("block"),
      node("c", ["block.linear1"]),
      node("d", ["blocks"]),
    ]);
    assert.deepEqual(wiring(removeNode(catalog, before, "/network/1")), ["a", "c(a)", "d(blocks)"]);
  });

  test("a column takes all its nodes", () => {
    assert.deepEqual(wiring(removeColumn(catalog, experimentOf("chain"), columnOf("chain", "dropout1"))), [
      "linear1",
      "tanh1",
      "output",
    ]);
  });

  test("the last column of a block's body takes the block", () => {
    assert.deepEqual(
      wiring(removeColumn(catalog, experimentOf("projected"), columnOf("projected", "residual1.tanh1"))),
      ["linear1", "output"],
    );
    const first = removeColumn(catalog, experimentOf("residual"), columnOf("residual", "residual1.linear2"));
    assert.deepEqual(wiring(first), ["linear1", "residual1", "relu1", "output"]);
  });

  test("what is not there changes nothing", () => {
    assert.equal(removeNode(catalog, experimentOf("bare"), "/network/7"), networks["bare"]?.experiment);
  });
});

describe("the size of a column", () => {
  test("is its units or filters, and where they stand", () => {
    assert.deepEqual(sizeOf(experimentOf("wide"), columnOf("wide", "tanh1")), {
      pointer: "/network/0/units",
      units: 300,
    });
    const images = columnsOf("images");
    assert.deepEqual(sizeOf(experimentOf("images"), present(images[1])), {
      pointer: "/network/0/filters",
      units: 4,
    });
    assert.deepEqual(sizeOf(experimentOf("residual"), columnOf("residual", "residual1.linear2")), {
      pointer: "/network/1/body/2/units",
      units: 4,
    });
  });

  test("is not the user's where the task, the data or a block decides", () => {
    assert.equal(sizeOf(experimentOf("chain"), columnOf("chain", "output")), null);
    assert.equal(sizeOf(experimentOf("chain"), columnOf("chain", "input")), null);
    assert.equal(sizeOf(experimentOf("projected"), columnOf("projected", "residual1.shortcut")), null);
    assert.equal(sizeOf(experimentOf("branches"), columnOf("branches", "both")), null);
  });
});

describe("another activation", () => {
  const set = (
    /** @type {string} */ network,
    /** @type {string} */ column,
    /** @type {string | null} */ kind,
  ) => setActivation(catalog, experimentOf(network), columnOf(network, column), kind);

  test("takes the place of the one before, its readers included", () => {
    const after = set("branches", "tanh1", "relu");
    assert.deepEqual(wiring(after), [
      "left(input)",
      "relu2",
      "right(input)",
      "relu1",
      "both(relu2 relu1)",
      "output",
    ]);
    assert.equal(after.network[1]?.kind, "relu");
  });

  test("is put behind a column that had none", () => {
    assert.deepEqual(wiring(set("chain", "output", "sigmoid")).slice(-2), ["output", "sigmoid1"]);
    assert.deepEqual(wiring(set("shared", "sum", "relu")), [
      "linear1",
      "tanh1(linear1)",
      "sum(linear1 tanh1)",
      "relu1",
      "output",
    ]);
  });

  test("is read by those who read the column by name", () => {
    const after = set("shared", "linear1", "relu");
    assert.deepEqual(wiring(after), ["linear1", "relu1", "tanh1(relu1)", "sum(relu1 tanh1)", "output"]);
  });

  test("of none takes it away", () => {
    assert.deepEqual(wiring(set("branches", "relu1", null)), [
      "left(input)",
      "tanh1",
      "right(input)",
      "both(tanh1 right)",
      "output",
    ]);
    assert.deepEqual(set("chain", "output", null), experimentOf("chain"));
  });
});

test("every change the drawing offers gives a network that the engine can build", () => {
  /** @type {{ what: string, before: Experiment, after: Experiment }[]} */
  const changes = [];
  for (const [name, { experiment: before }] of Object.entries(networks)) {
    for (const column of columnsOf(name).slice(1)) {
      const what = `${name}: ${column.name}`;
      const vector = column.shape.length === 1;
      for (const kind of vector ? ["tanh", null] : ["relu", null]) {
        if (!ownsBlock(column))
          changes.push({
            what: `${what} with ${kind}`,
            before,
            after: setActivation(catalog, before, column, kind),
          });
      }
      // An image's flattening has to stay, and so has the last node, which has the task's width.
      if (column.kind !== "flatten" && column.head !== "output")
        changes.push({ what: `without ${what}`, before, after: removeColumn(catalog, before, column) });
      const { list, index } = placeBefore(column);
      /** @type {Choice[]} */
      const chain =
        name === "images" && column.head !== "output"
          ? [{ kind: "relu" }]
          : [{ kind: "linear", units: 4 }, { kind: "tanh" }];
      changes.push({ what: `before ${what}`, before, after: insertNodes(before, list, index, chain) });
      const size = sizeOf(before, column);
      // The other side of a sum would have to follow.
      if (size && name !== "shared")
        changes.push({ what: `${what} of 7`, before, after: withValue(before, size.pointer, 7) });
    }
  }
  assert.ok(changes.length > 80, `${changes.length} changes`);
  // As they are sent: patches of what is there.
  const answers = planned(changes.map(({ before, after }) => patched(before, difference(before, after))));
  const refused = changes.flatMap(({ what }, index) =>
    answers[index]?.refused ? [`${what}: ${answers[index].refused}`] : [],
  );
  assert.deepEqual(refused, []);
});
