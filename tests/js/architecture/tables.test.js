import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { labelOf } from "../../../static/site/architecture/block_picture.js";
import { factRows, sharesOf } from "../../../static/site/architecture/comparison.js";
import { layerRows } from "../../../static/site/architecture/layer_table.js";
import { sorted } from "../../../static/site/sortable.js";
import { present } from "../support.js";
import { KINDS, node, residual } from "./variants.js";

describe("tables of architectures", () => {
  test("order numbers and words both ways, what has no key last", () => {
    const rows = [3, null, 10, 1].map((key) => ({ key }));
    const keys = (/** @type {"ascending" | "descending"} */ direction) =>
      sorted(rows, direction).map(({ key }) => key);
    assert.deepEqual(keys("ascending"), [1, 3, 10, null]);
    assert.deepEqual(keys("descending"), [10, 3, 1, null]);
    const names = ["conv10", "conv2", "pool"].map((key) => ({ key }));
    assert.deepEqual(
      sorted(names, "ascending").map(({ key }) => key),
      ["conv2", "conv10", "pool"],
    );
  });

  test("have a row for each node with its window, costs and shares", () => {
    const made = residual([1]);
    const rows = layerRows(made);
    assert.equal(rows.length, made.nodes.length);
    const row = present(rows[1]);
    assert.equal(row.name, "stage1.block1.conv1");
    assert.deepEqual(
      row.cells.map(({ text }) => text),
      ["56 × 56 × 64", "3×3", "1×1", "100", "25 %", "1,000", "25 %", "3 × 3"],
    );
    const sum = rows
      .flatMap(({ cells }) => present(cells[4]).share ?? 0)
      .reduce((all, each) => all + each, 0);
    assert.ok(Math.abs(sum - 1) < 1e-9);
  });

  test("compare two by how many times as much the second has", () => {
    const [one, other] = [residual([1]), residual([2])];
    const rows = factRows(one, other);
    const parameters = present(rows.find(({ term }) => term === "parameters"));
    assert.deepEqual([parameters.one, parameters.other, parameters.ratio], ["400", "700", "1.75 times"]);
    assert.equal(present(rows.find(({ term }) => term === "architecture_file_size")).ratio, "–");
    assert.deepEqual(sharesOf(one, "macs"), [{ category: "convolution", share: 1 }]);
  });

  test("name the boxes of a block as papers do", () => {
    const conv = node("conv", "conv2d", [], [64, 8, 8]);
    assert.equal(labelOf(conv, KINDS["conv2d"]), "3×3, 64");
    assert.equal(labelOf({ ...conv, groups: 32 }, KINDS["conv2d"]), "3×3, 32×2");
    assert.equal(labelOf({ ...conv, groups: 64 }, KINDS["conv2d"]), "3×3 dw");
    assert.equal(labelOf(node("sum", "add", [], []), KINDS["add"]), "+");
  });
});
