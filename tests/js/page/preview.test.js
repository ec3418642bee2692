/** What is drawn and said of a preview in the form. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { plotOf, previewWords } from "../../../static/page/preview/model.js";

/** @import { ChartPart } from "../../../static/types.d.ts" */

/** @type {ChartPart} */
const RATE = {
  type: "chart",
  title: "Planned rate",
  x: { label: "epoch", log: false },
  y: { label: "η", log: false },
  lines: [
    { name: "linear1", x: [0, 10, 20], y: [0.1, 0.05, 0] },
    { name: "", x: [0, 20], y: [0.2, null] },
  ],
};

test("the axes hold every line, and lines without a name are called by what they show", () => {
  const { lines, x, y, xLabel } = plotOf(RATE, ["red", "blue"]);
  assert.deepEqual([x.low, x.high, xLabel], [0, 20, "epoch"]);
  assert.ok(y.low <= 0 && y.high >= 0.2);
  assert.deepEqual(
    lines.map(({ name, color }) => [name, color]),
    [
      ["linear1", "red"],
      ["η", "blue"],
    ],
  );
  assert.ok(Number.isNaN(lines[1]?.y[1]));
});

test("its words say where the first line begins and ends", () => {
  assert.equal(previewWords(RATE), "Planned rate, from 0.1 at 0 to 0 at 20");
});
