import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { model } from "../../../../static/panels/examples/model.js";
import { array, frame, present } from "../../support.js";

/** @import { Frame } from "../../../../static/types.d.ts" */
/** @import { Context } from "../../../../static/panels/examples/model.js" */

/** Two pictures of three channels, two by two pixels. */
const PICTURES = frame({
  inputs: array([2, 3, 2, 2], [...Array(24).keys()], Uint8Array),
  index: array([2], [7, 41]),
  target: array([2], [0, 1]),
  prediction: array([2], [0, 0]),
  confidence: array([2], [0.5, 0.75]),
});

/** Nine samples of three values. */
const VALUES = frame({
  inputs: array(
    [9, 3],
    [...Array(27).keys()].map((at) => at / 2),
  ),
  index: array([9], [...Array(9).keys()]),
  target: array([9], Array(9).fill(0)),
  prediction: array([9], [1, ...Array(8).fill(0)]),
  confidence: array([9], Array(9).fill(0.25)),
  "target.original": array([9], Array(9).fill(150)),
  "prediction.original": array([9], Array(9).fill(120)),
  "error.original": array([9], Array(9).fill(30)),
});

/** @type {Context} */
const CONTEXT = { set: "test", classes: ["cat", "dog"], inputs: ["height", "width", "weight"] };

/** @param {Frame} of @param {Partial<Context>} [other] */
function samplesOf(of, other) {
  const examples = present(model(of, { ...CONTEXT, ...other }));
  assert.ok("samples" in examples);
  return examples.samples;
}

/** @param {Frame} of @param {Partial<Context>} [other] */
function tableOf(of, other) {
  const examples = present(model(of, { ...CONTEXT, ...other }));
  assert.ok("table" in examples);
  return examples.table;
}

describe("samples that are pictures", () => {
  const samples = samplesOf(PICTURES);

  test("say the answer, how sure it is, and where they are from", () => {
    assert.equal(samples[0]?.label, "cat · 50 %: test sample 7");
    assert.equal(samples[0]?.wrong, false);
  });

  test("name the true class where the answer is wrong", () => {
    assert.equal(samples[1]?.caption, "cat · 75 %");
    assert.equal(samples[1]?.label, "cat · 75 %, truly dog: test sample 41");
    assert.equal(samples[1]?.wrong, true);
  });

  test("have each their own levels, all channels of them", () => {
    const { levels, channels, width, height } = present(samples[1]).picture;
    assert.deepEqual([levels[0], levels.length, channels, width, height], [12, 12, 3, 2, 2]);
  });

  test("are numbered where a class has no name", () => {
    assert.equal(samplesOf(PICTURES, { classes: ["cat"] })[1]?.label, "cat · 75 %, truly 1: test sample 41");
  });
});

describe("samples that are values", () => {
  test("show two inputs, the true class, the answer and how sure it is, eight rows at most", () => {
    const { columns, rows } = tableOf(VALUES);
    assert.deepEqual(
      columns.map(({ text }) => text),
      ["height", "width", "true", "said", "sure"],
    );
    assert.equal(rows.length, 8);
    assert.deepEqual(rows[1], ["1.5", "2", "cat", "cat", "0.25"]);
    assert.deepEqual(rows[0]?.slice(2), ["cat", "dog", "0.25"]);
  });

  test("show the error in the target's own units where there are no classes", () => {
    const { columns, rows } = tableOf(VALUES, { classes: [] });
    assert.deepEqual(columns.at(-1), { text: "error", title: "In the target's own units" });
    assert.deepEqual(rows[0]?.slice(2), ["150", "120", "30"]);
  });
});

test("there is nothing to show while an array is missing", () => {
  const { index: _, ...others } = Object.fromEntries(PICTURES.arrays);
  assert.equal(model(frame(others), CONTEXT), null);
});
