import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { foldColumns } from "../../static/network/columns.js";
import { placeColumns } from "../../static/network/layout.js";
import { examples, folds, planned } from "./experiments.js";
import { present } from "./support.js";

/** @import { Column } from "../../static/network/columns.js" */
/** @import { Planned } from "./experiments.js" */

/** @type {Record<string, Planned>} */
let networks;
before(() => (networks = examples()));

/** @param {string} name @returns {Column[]} */
const columnsOf = (name) => foldColumns(present(networks[name]).description, folds);

/** @param {Column[]} columns */
const membersOf = (columns) => columns.map(({ members }) => members.map(({ name }) => name).join(" "));

const ROOM = { width: 900, height: 420, foot: 20 };

/** @template {Column} C @param {C[]} columns @param {string} name @returns {C} */
const named = (columns, name) => present(columns.find((each) => each.name === name));

describe("folding nodes into columns", () => {
  test("draws linear, normalisation, activation and dropout as one", () => {
    const columns = columnsOf("chain");
    assert.deepEqual(membersOf(columns), [
      "",
      "linear1 tanh1",
      "linear2 batch_norm1 relu1 dropout1",
      "output",
    ]);
    const [input, first, second, last] = columns.map(({ name, head, kind, units, inputs, rank }) => ({
      name,
      head,
      kind,
      units,
      inputs,
      rank,
    }));
    assert.deepEqual(input, { name: "input", head: "input", kind: "input", units: 2, inputs: [], rank: 0 });
    assert.deepEqual(first, {
      name: "tanh1",
      head: "linear1",
      kind: "linear",
      units: 4,
      inputs: ["input"],
      rank: 1,
    });
    assert.deepEqual(second, {
      name: "dropout1",
      head: "linear2",
      kind: "linear",
      units: 4,
      inputs: ["tanh1"],
      rank: 2,
    });
    assert.deepEqual([last?.inputs, last?.rank], [["dropout1"], 3]);
  });

  test("has every node once, in order, and reads only columns that are there", () => {
    for (const [name, { description }] of Object.entries(networks)) {
      const columns = foldColumns(description, folds);
      assert.deepEqual(
        columns
          .flatMap(({ members }) => members)
          .map((node) => node.name)
          .sort(),
        description.nodes.map((node) => node.name).sort(),
        name,
      );
      const names = new Set(columns.map((each) => each.name));
      assert.equal(names.size, columns.length);
      for (const column of columns) {
        for (const input of column.inputs) {
          assert.ok(names.has(input), `${name}: ${column.name} reads ${input}`);
          assert.ok(named(columns, input).rank < column.rank, `${name}: ${input} before ${column.name}`);
        }
      }
    }
  });

  test("gives branches columns side by side, and joins them behind both", () => {
    const columns = columnsOf("branches");
    assert.deepEqual(membersOf(columns), ["", "left tanh1", "right relu1", "both", "output"]);
    assert.deepEqual(
      columns.map(({ rank }) => rank),
      [0, 1, 1, 2, 3],
    );
    assert.deepEqual(named(columns, "both").inputs, ["tanh1", "relu1"]);
  });

  test("folds nothing into a node that others read as well", () => {
    const columns = columnsOf("shared");
    assert.deepEqual(membersOf(columns), ["", "linear1", "tanh1", "sum", "output"]);
    assert.deepEqual(named(columns, "sum").inputs, ["linear1", "tanh1"]);
    assert.equal(named(columns, "sum").rank, 3, "by the longest way");
  });

  test("draws a residual block's sum, with the activation behind it, and its ways in", () => {
    const columns = columnsOf("residual");
    assert.deepEqual(membersOf(columns), [
      "",
      "linear1",
      "residual1.linear1 residual1.tanh1",
      "residual1.linear2",
      "residual1.sum relu1",
      "output",
    ]);
    assert.deepEqual(named(columns, "relu1").inputs, ["residual1.linear2", "linear1"]);
    assert.deepEqual(
      columns.map(({ block }) => block),
      ["", "", "residual1.", "residual1.", "residual1.", ""],
    );
  });

  test("folds nothing into the data", () => {
    const { description } = present(networks["chain"]);
    const nodes = description.nodes
      .filter(({ name }) => name === "tanh1")
      .map((node) => ({ ...node, inputs: ["input"] }));
    assert.deepEqual(membersOf(foldColumns({ ...description, nodes }, folds)), ["", "tanh1"]);
  });

  test("gives tiles to units that have something to show: heatmaps, sums of vectors, feature maps", () => {
    const tiled = (/** @type {string} */ name) => columnsOf(name).map((each) => each.tiled);
    assert.deepEqual(tiled("residual"), [true, true, true, true, true, true]);
    assert.deepEqual(tiled("images"), [true, true, true, false, true]);
    assert.deepEqual(
      columnsOf("images").map(({ maps }) => maps),
      [true, true, true, false, false],
    );
    const { description } = present(networks["residual"]);
    assert.equal(named(foldColumns(description, folds, false), "relu1").tiled, false);
  });

  test("gives tiles to what has other units than it reads, and none to a choice of columns", () => {
    const network = [
      { kind: "input", name: "one", columns: [0] },
      { kind: "linear", name: "linear1", units: 4 },
      { kind: "maxout", name: "greatest" },
      { kind: "linear", name: "output", units: null },
    ];
    const [made] = planned([{ data: { kind: "spiral" }, network }]);
    const columns = foldColumns(present(made).description, folds);
    assert.deepEqual(columns.map(({ name, units, tiled }) => [name, units, tiled]).slice(1), [
      ["one", 1, false],
      ["linear1", 4, true],
      ["greatest", 2, true],
      ["output", 2, true],
    ]);
  });
});

describe("blocks that are folded", () => {
  /** @param {string} name @param {...string} blocks */
  const folded = (name, ...blocks) =>
    foldColumns(present(networks[name]).description, folds, true, new Set(blocks));

  test("are one column by their name, which gives what their last node gives and costs all they cost", () => {
    const { nodes } = present(networks["projected"]).description;
    const inside = nodes.filter(({ name }) => name.startsWith("residual1."));
    const block = present(folded("projected", "residual1").find((each) => each.folded));
    assert.deepEqual(
      [block.head, block.name, block.inputs, block.shape],
      ["residual1", "residual1.sum", ["linear1"], [6]],
    );
    assert.equal(
      block.members[0]?.parameters,
      inside.reduce((total, { parameters }) => total + parameters, 0),
    );
    assert.deepEqual([block.members[0]?.pointer, block.block, block.tiled], ["/network/1", "", true]);
  });

  test("are read by who read their last node", () => {
    const columns = folded("projected", "residual1");
    assert.deepEqual(
      columns.map(({ head }) => head),
      ["input", "linear1", "residual1", "output"],
    );
    assert.deepEqual(named(columns, "output").inputs, ["residual1.sum"]);
    assert.ok(placeColumns(columns, ROOM).links.every(({ from, to }) => from && to));
  });

  test("fold what is in them, and may be in others", () => {
    assert.deepEqual(
      folded("nested", "outer.inner").map(({ head }) => head),
      ["input", "linear1", "outer.linear1", "outer.inner", "outer.sum", "output"],
    );
    assert.deepEqual(
      folded("nested", "outer", "outer.inner").map(({ head }) => head),
      ["input", "linear1", "outer", "output"],
    );
    const inner = present(folded("nested", "outer.inner").find((each) => each.folded));
    assert.deepEqual(
      [inner.members[0]?.pointer, inner.block, inner.inputs],
      ["/network/1/body/1", "outer.", ["outer.linear1"]],
    );
  });
});
