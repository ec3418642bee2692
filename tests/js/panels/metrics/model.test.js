import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { isAnswer, titleOf } from "../../../../static/panels/metrics/cell.js";
import { errorUnits, model } from "../../../../static/panels/metrics/model.js";
import { present, vectors } from "../../support.js";

/** Twenty samples of two classes. */
const SCORES = {
  samples: [20],
  accuracy: [0.85],
  confusion: [9, 1, 2, 8],
  macro: [0.853, 0.85, 0.8496],
  precision: [0.818, 0.889],
  recall: [0.9, 0.8],
  f1: [0.857, 0.842],
  support: [10, 10],
  "calibration/accuracy": [NaN, 0.5, 1],
  "calibration/count": [0, 4, 16],
  "calibration/error": [0.0625],
  "roc/x": [0, 0.5, 1],
  "roc/y": [0, 1, 1],
  "roc/area": [0.75],
  "recall_precision/x": [0, 1],
  "recall_precision/y": [1, 0.5],
  "recall_precision/area": [0.875],
};
const JUDGED = { set: "test", classes: ["cat", "dog"] };
const metrics = model(vectors(SCORES), JUDGED);

describe("metrics of classes", () => {
  test("have as many decimals as so many samples can tell apart", () => {
    assert.deepEqual(
      metrics.figures.map(({ name, text }) => [name, text]),
      [
        ["accuracy", "0.85"],
        ["precision", "0.85"],
        ["recall", "0.85"],
        ["F1", "0.85"],
      ],
    );
    assert.match(metrics.meaning, /macro/);
    assert.equal(metrics.units, "");
  });

  test("list each class, and the means below", () => {
    assert.deepEqual(metrics.each, {
      columns: ["precision", "recall", "F1", "samples"],
      rows: [
        ["cat", "0.8", "0.9", "0.9", "10"],
        ["dog", "0.9", "0.8", "0.8", "10"],
      ],
      mean: ["macro", "0.85", "0.85", "0.85", "20"],
    });
  });

  test("weigh each bin of confidence by its answers, and leave out empty ones", () => {
    const { bars, summary, label } = present(metrics.calibration);
    assert.deepEqual(bars, [
      { height: NaN, weight: 0 },
      { height: 0.5, weight: 0.25 },
      { height: 1, weight: 1 },
    ]);
    assert.match(summary, /Expected calibration error 0\.063 on the test set\.$/);
    assert.equal(label, "sure 50 %: right 50 % of 4; sure 83 %: right 100 % of 16");
  });

  test("have two curves where there are two classes, chance on the diagonal of one", () => {
    const { roc, precision } = present(metrics.curves);
    assert.deepEqual([[...roc.x], [...roc.y], roc.diagonal], [[0, 0.5, 1], [0, 1, 1], true]);
    assert.equal(roc.summary, "True against false positives for dog. Area 0.750");
    assert.equal(precision.label, "Precision against recall: area 0.875");
    assert.equal(precision.diagonal, false);
    const { "roc/area": _, ...three } = SCORES;
    assert.equal(model(vectors(three), JUDGED).curves, null);
  });

  test("have a matrix for the classes that are known now, of other classes none", () => {
    assert.match(present(metrics.matrix).note, /^Rows: the true class\./);
    const { matrix, each, calibration } = model(vectors(SCORES), { ...JUDGED, classes: ["a", "b", "c"] });
    assert.deepEqual([matrix, each, calibration], [null, null, null]);
  });

  test("say that a matrix of too many classes cannot be read", () => {
    const classes = Array.from({ length: 41 }, (_, index) => `class ${index}`);
    const many = model(vectors({ ...SCORES, confusion: Array(41 ** 2).fill(1) }), { set: "test", classes });
    assert.equal(present(many.matrix).readable, false);
    assert.equal(present(many.matrix).note, "41 classes are too many for a table of them.");
  });
});

test("metrics of values are errors, in the target's own units", () => {
  const errors = {
    "rmse.original": [58.2],
    "mae.original": [45.1],
    r2: [0.4321],
    mse: [0.5],
    mae: [0.5],
    unit: [1],
  };
  const { figures, meaning, units, matrix, curves } = model(vectors(errors), { set: "train", classes: [] });
  assert.deepEqual(
    figures.map(({ name, text }) => [name, text]),
    [
      ["RMSE", "58.2"],
      ["MAE", "45.1"],
      ["R²", "0.432"],
    ],
  );
  assert.match(units, /^In the target's own units, which/);
  assert.deepEqual([meaning, matrix, curves], ["", null, null]);
});

describe("the examples of a cell", () => {
  const CLASSES = ["cat", "dog"];

  test("say what they are, and how many", () => {
    assert.equal(titleOf({ truth: 0, predicted: 1 }, CLASSES, 1), "cat taken for dog: 1 sample");
    assert.equal(titleOf({ truth: 0, predicted: null }, CLASSES, 1200), "Class cat: 1,200 samples");
    assert.equal(titleOf({ truth: null, predicted: 0 }, CLASSES, 0), "Wrongly taken for cat: 0 samples");
    assert.equal(titleOf({ truth: null, predicted: null }, CLASSES, 12), "Surest mistakes, of 12");
    assert.equal(titleOf({ truth: null, predicted: null }, CLASSES, 0), "No mistakes");
    assert.equal(titleOf({ truth: null, predicted: null }, [], 7), "Largest errors");
  });

  test("are those of the set and the cell that are wanted, not of what was asked before", () => {
    const asked = { kind: "examples", set: "test", truth: 0 };
    assert.ok(isAnswer(asked, "test", { truth: 0, predicted: null }));
    assert.ok(!isAnswer(asked, "train", { truth: 0, predicted: null }));
    assert.ok(!isAnswer(asked, "test", { truth: 0, predicted: 0 }));
    assert.ok(!isAnswer({}, "test", { truth: null, predicted: null }));
  });
});

describe("the units of errors", () => {
  test("are the target's own, and standardised ones as trained on", () => {
    assert.equal(
      errorUnits({ mse: 0.5741, mae: 0.5882, unit: 76.77 }),
      "In the target's own units. As trained on, in standardised values, where 1 is 76.8 of them: " +
        "MSE 0.574, MAE 0.588.",
    );
  });

  test("are one where targets are trained on as they are", () => {
    assert.equal(
      errorUnits({ mse: 0.25, mae: 0.5, unit: 1 }),
      "In the target's own units, which are trained on as they are: MSE 0.25, MAE 0.5.",
    );
  });
});

describe("metrics of masks", () => {
  const pixels = model(
    vectors({
      samples: [4],
      confusion: [90, 10, 0, 100],
      iou: [0.9, NaN],
      mean_iou: [0.9],
      pixel_accuracy: [0.95],
      support: [100, 100],
    }),
    JUDGED,
  );

  test("are the mean overlap and the share of pixels, and the overlap of each class", () => {
    assert.deepEqual(
      pixels.figures.map(({ name, text }) => [name, text]),
      [
        ["mean IoU", "90 %"],
        ["pixel accuracy", "95 %"],
      ],
    );
    assert.deepEqual(present(pixels.each).rows, [
      ["cat", "90 %", "100"],
      ["dog", "–", "100"],
    ]);
    assert.equal(pixels.calibration, null);
    assert.match(present(pixels.matrix).note, /in pixels/);
  });
});
