import assert from "node:assert/strict";
import { test } from "node:test";

import { lossPlot } from "../../../static/labs/loss_chart.js";
import { dashName } from "../../../static/draw/figure.js";

test("a legend draws dashes as the plot does", () => {
  const dashes = /** @type {number[][]} */ ([[], [6, 3], [4, 3], [2, 3], [1, 5]]);
  assert.deepEqual(dashes.map(dashName), ["solid", "dashed", "dashed", "dotted", "dotted"]);
});

test("the losses of two networks are two named lines on one scale", () => {
  const arrays = /** @type {Record<string, number[]>} */ ({
    "plain/steps": [0, 10],
    "plain/curve": [2, 1],
    "deep/steps": [0, 10],
    "deep/curve": [2.5, 0.01],
  });
  const networks = { plain: { name: "Without", color: "#000" }, deep: { name: "With", color: "#fff" } };
  const { lines, x, y, xLabel, yLabel } = lossPlot((name) => arrays[name] ?? [], networks, 400);
  assert.deepEqual(
    lines.map(({ name, color }) => [name, color]),
    [
      ["Without", "#000"],
      ["With", "#fff"],
    ],
  );
  assert.deepEqual([x.high, xLabel, yLabel], [400, "step", "training loss"]);
  assert.ok(y.log && y.low <= 0.01 && y.high >= 2.5);
});
