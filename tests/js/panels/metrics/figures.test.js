import assert from "node:assert/strict";
import { test } from "node:test";

import { tableOf } from "../../../../static/draw/table.js";
import { reliabilityFigure, rocFigure } from "../../../../static/panels/metrics/figures.js";

test("a ROC curve has the diagonal of chance, which is no number of it", () => {
  const curve = {
    x: Float64Array.of(0, 1),
    y: Float64Array.of(0, 1),
    diagonal: true,
    summary: "",
    label: "",
  };
  const { traces, series } = rocFigure({ curve, color: "#111111", chance: "#cccccc" });
  assert.deepEqual(
    traces.map(({ name }) => name),
    ["chance", "threshold"],
  );
  assert.match(
    tableOf(series),
    /^series,false positive rate,true positive rate\r\nthreshold,0,0\r\nthreshold,1,1/,
  );
});

test("a bin that no answer is in has no bar and an empty cell", () => {
  const bars = [
    { height: NaN, weight: 0 },
    { height: 0.75, weight: 1 },
  ];
  const calibration = { bars, summary: "", label: "" };
  const { traces, series } = reliabilityFigure({ calibration, color: "#0f62b8", lineColor: "#666666" });
  assert.deepEqual(traces[0]?.["marker"].opacity, [0.25, 1]);
  assert.equal(tableOf(series), "series,confidence,accuracy\r\nanswers,0.25,\r\nanswers,0.75,0.75\r\n");
});
