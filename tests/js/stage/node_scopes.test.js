import assert from "node:assert/strict";
import { test } from "node:test";

import { foldColumns } from "../../../static/network/columns.js";
import { scopesOf } from "../../../static/page/stage/node_scopes.js";
import { folds, planned } from "../experiments.js";
import { present } from "../support.js";

/** @param {string} name @param {object[]} network */
const scopes = (name, network) => {
  const [made] = planned([{ data: { kind: "spiral" }, network }]);
  const { experiment, description } = present(made);
  const columns = foldColumns(description, folds);
  return scopesOf(experiment, present(columns.find((each) => each.name === name)), columns);
};

test("a layer is itself with what is drawn in its place, then each block around it", () => {
  const body = [
    { kind: "linear", name: "a", units: 2 },
    { kind: "tanh", name: "b" },
    { kind: "linear", name: "c", units: 2 },
  ];
  const network = [
    { kind: "linear", name: "first", units: 2 },
    { kind: "subnetwork", name: "block", body, times: 2 },
    { kind: "linear", name: "output", units: null },
  ];
  const found = scopes("block.copy2.b", network);
  assert.deepEqual(
    found.map(({ name, first, last, ends, inside }) => ({ name, first, last, ends, inside })),
    [
      { name: "block.a", first: 0, last: 1, ends: [1, 2], inside: false },
      { name: "block", first: 1, last: 1, ends: [1, 2], inside: true },
    ],
  );
  assert.equal(found[0]?.list, "/network/1/body");
});

test("what a block makes by itself is the block", () => {
  const network = [
    { kind: "residual", name: "r", body: [{ kind: "linear", name: "a", units: 3 }] },
    { kind: "linear", name: "output", units: null },
  ];
  assert.deepEqual(
    scopes("r.shortcut", network).map(({ name, inside }) => ({ name, inside })),
    [{ name: "r", inside: true }],
  );
  assert.deepEqual(scopes("input", network), []);
});
