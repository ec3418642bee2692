import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { model } from "../../../../static/panels/sanity_check/model.js";
import { array, frame, present } from "../../support.js";

/** Three stages of two methods, on maps of two by two pixels. */
const ARRAYS = {
  maps: array([3, 2, 2, 2], [...Array(24).keys()]),
  correlations: array([3, 2], [1, 1, 0.5, -0.25, NaN, 0.9]),
  nodes: array([3], [-1, 2, 0]),
  "completeness.error": array([3], [0.001, 0.05, NaN]),
};
const ASKED = {
  methods: ["saliency", "integrated_gradients"],
  nodes: [{ name: "conv1" }, { name: "relu1" }, { name: "output" }],
};
const { stages, rows } = present(model(frame(ARRAYS), ASKED));

describe("a sanity check", () => {
  test("has a stage for what is randomised, from the answer down", () => {
    assert.deepEqual(stages, ["as trained", "output", "+ conv 1"]);
  });

  test("has a row for each method, with its map at each stage", () => {
    assert.deepEqual(
      rows.map(({ title }) => title),
      ["Saliency", "Integrated gradients"],
    );
    const { map } = present(rows[1]?.entries[2]);
    assert.deepEqual([map.width, map.height], [2, 2]);
    assert.deepEqual(Array.from(map.levels), [20, 21, 22, 23]);
  });

  test("says how alike a map is to the first, and an integral how far it is off", () => {
    assert.deepEqual(
      rows.map(({ entries }) => entries.map(({ text }) => text)),
      [
        ["1.00", "0.50", "–"],
        ["1.00", "−0.25; sum 5 % off", "0.90"],
      ],
    );
    assert.equal(rows[0]?.entries[2]?.label, "saliency, + conv 1: rank correlation not known");
    assert.equal(rows[1]?.entries[1]?.label, "integrated_gradients, output: rank correlation −0.25");
  });

  test("grades from 0 to 4, and what is not known not at all", () => {
    assert.deepEqual(
      rows.map(({ entries }) => entries.map(({ grade }) => grade)),
      [
        [4, 2, null],
        [4, 0, 4],
      ],
    );
  });

  test("is none of other methods than were asked for", () => {
    assert.equal(model(frame(ARRAYS), { ...ASKED, methods: ["saliency"] }), null);
  });
});
