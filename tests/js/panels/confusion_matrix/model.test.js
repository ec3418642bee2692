import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { headsOf, isSameCell, model } from "../../../../static/panels/confusion_matrix/model.js";

describe("the confusion matrix", () => {
  const NONE = { truth: null, predicted: null };
  const rows = model([8, 2, 0, 0], ["cat", "dog"], NONE);

  test("says how many of a class were taken for which", () => {
    assert.equal(rows[0]?.[1]?.label, "2 of 10 cat taken for dog");
    assert.deepEqual(
      rows.map((row) => row.map(({ text }) => text)),
      [
        ["8", "2"],
        ["", ""],
      ],
    );
  });

  test("shades by the share of the true class, and not at all where it has no sample", () => {
    assert.deepEqual(
      rows.map((row) => row.map(({ shade }) => shade)),
      [
        [8, 2],
        [0, 0],
      ],
    );
    assert.equal(model([1, 999, 0, 1], ["cat", "dog"], NONE)[0]?.[0]?.shade, 1, "one of a thousand is seen");
  });

  test("is right on its diagonal", () => {
    assert.deepEqual(
      rows.map((row) => row.map(({ right }) => right)),
      [
        [true, false],
        [false, true],
      ],
    );
  });

  test("marks the one cell whose examples are shown", () => {
    const opened = (/** @type {import("../../../../static/panels/confusion_matrix/model.js").Cell} */ cell) =>
      model([8, 2, 0, 0], ["cat", "dog"], cell)
        .flat()
        .map((entry) => Number(entry.opened));
    assert.deepEqual(opened({ truth: 0, predicted: 1 }), [0, 1, 0, 0]);
    assert.deepEqual(opened({ truth: 0, predicted: null }), [0, 0, 0, 0], "a row is no cell");
    assert.ok(isSameCell(NONE, { truth: null, predicted: null }));
  });
});

test("heads are as long as there is room for", () => {
  const names = (/** @type {number} */ count) => Array(count).fill("triangular");
  assert.deepEqual(headsOf(names(3)).columns[0], "triangular");
  assert.deepEqual(headsOf(names(5)), {
    columns: Array(5).fill("triangu…"),
    rows: names(5),
    many: false,
  });
  assert.deepEqual(headsOf(names(7)).rows, Array(7).fill("tri…"));
});
