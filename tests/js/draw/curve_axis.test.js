import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { breaksOf, fromRow, unitOf } from "../../../static/draw/curve_axis.js";
import { piecesOf } from "../../../static/draw/plot.js";
import { linesFigure } from "../../../static/draw/figure.js";

/** Epochs of 25 steps, and of 90 from the edit at step 7,500 on, measured before and after it. */
const STEPS = Float64Array.of(0, 2500, 7500, 7500, 7590, 7680);
const EPOCHS = STEPS.map((step, row) => step / (row < 3 ? 25 : 90));

describe("the axis of the curves", () => {
  test("is of epochs while they are of one length, and of steps from an edit on that changes it", () => {
    assert.deepEqual(breaksOf(STEPS.subarray(0, 3), EPOCHS.subarray(0, 3)), []);
    assert.deepEqual(breaksOf(STEPS, EPOCHS), [3]);
    assert.equal(unitOf([], []), "epoch");
    assert.equal(unitOf([], [3]), "step");
  });

  test("has no break where steps do not fill an epoch, nor at the first step", () => {
    const steps = Float64Array.from({ length: 400 }, (_, row) => row);
    for (const length of [1, 3, 7, 49, 999])
      assert.deepEqual(
        breaksOf(
          steps,
          steps.map((step) => step / length),
        ),
        [],
      );
  });
});

describe("a line with a break", () => {
  const line = { name: "test", x: STEPS, y: EPOCHS, color: "red", width: 1, breaks: breaksOf(STEPS, EPOCHS) };

  test("is drawn as two lines, neither of which goes back", () => {
    assert.deepEqual(
      piecesOf(line).map(({ x }) => [...x]),
      [
        [0, 2500, 7500],
        [7500, 7590, 7680],
      ],
    );
    assert.deepEqual(
      piecesOf(fromRow(line, 2)).map(({ x }) => [...x]),
      [[7500], [7500, 7590, 7680]],
    );
    assert.deepEqual(
      piecesOf(fromRow(line, 3)).map(({ x }) => x.length),
      [3],
    );
  });

  test("is one line of the large plot's legend, and one series", () => {
    const axis = { low: 0, high: 7680, log: false };
    const { traces, series } = linesFigure({
      lines: [line],
      x: axis,
      y: axis,
      xLabel: "step",
      yLabel: "loss",
    });
    assert.deepEqual(
      traces.map(({ x, name, legendgroup, showlegend }) => [x.length, name, legendgroup, showlegend]),
      [
        [3, "test", "test", undefined],
        [3, "test", "test", false],
      ],
    );
    assert.deepEqual(Array.from(series[0]?.columns["step"] ?? []), [...STEPS]);
  });
});
