import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { detectionsOf, legendOf, metricsOf, plotOf } from "../../../../static/panels/metrics/detections.js";
import { present, vectors } from "../../support.js";

/** @import { NamedArray } from "../../../../static/types.d.ts" */

const CLASSES = ["disc", "square", "ring"];

/** Three classes: two boxes of four objects, none of any, and a class without objects. */
function frame() {
  const made = vectors({
    map_50: [0.25],
    map: [0.125],
    ap: [0.5, 0, NaN],
    objects: [4, 3, 0],
    detections: [3, 0, 2],
    samples: [9],
  });
  const rows = (/** @type {number[]} */ data) =>
    /** @type {NamedArray} */ (/** @type {unknown} */ ({ shape: [3, 3], data: Float32Array.from(data) }));
  const none = [NaN, NaN, NaN, NaN, NaN, NaN];
  made.arrays.set("curve/recall", rows([0.25, 0.5, 0.5, ...none]));
  made.arrays.set("curve/precision", rows([1, 1, 2 / 3, ...none]));
  made.arrays.set("curve/score", rows([0.9, 0.6, 0.1, ...none]));
  return made;
}

describe("what a detector found", () => {
  test("is the mean of the areas, and each class with its objects and boxes", () => {
    const found = present(detectionsOf(frame(), CLASSES));
    const { figures, each, matrix } = metricsOf(found);
    assert.deepEqual(
      figures.map(({ text }) => text),
      ["25 %", "13 %"],
    );
    assert.deepEqual(present(each).rows, [
      ["disc", "50 %", "4", "3"],
      ["square", "0 %", "3", "0"],
      ["ring", "–", "0", "2"],
    ]);
    assert.deepEqual(present(each).mean, ["mean", "25 %", "7", "5"]);
    assert.equal(matrix, null);
    assert.match(found.label, /disc AP 50 %, square AP 0 %, ring AP –$/);
  });

  test("has a line for each class that has a curve", () => {
    const { lines } = plotOf(present(detectionsOf(frame(), CLASSES)));
    assert.deepEqual(
      lines.map(({ name, x }) => [name, [...x]]),
      [["disc", [0.25, 0.5, 0.5]]],
    );
  });

  test("is named with its areas, and under the pointer with precision and score", () => {
    const found = present(detectionsOf(frame(), CLASSES));
    assert.deepEqual(
      legendOf(found, "test", null).marks.map(({ number }) => number),
      ["50 %", "0 %", "–"],
    );
    const { caption, marks } = legendOf(found, "test", 0.3);
    assert.match(caption, /^At recall 0\.30/);
    assert.deepEqual(
      marks.map(({ number }) => number),
      ["1.00 from 0.90", "not reached", "not reached"],
    );
    assert.equal(legendOf(found, "test", 0.51).marks[0]?.number, "not reached");
  });

  test("is of the classes that are known now, of others nothing", () => {
    assert.equal(detectionsOf(frame(), ["disc"]), null);
    assert.equal(detectionsOf(vectors({ accuracy: [1] }), CLASSES), null);
  });
});
