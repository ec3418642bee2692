import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { match, matchWord, plainLetters, ranked } from "../../static/core/fuzzy.js";

/** @param {string} query @param {...string} labels */
const order = (query, ...labels) =>
  ranked(
    query,
    labels.map((label) => ({ label })),
    50,
  ).map(({ entry }) => entry.label);

describe("fuzzy matching", () => {
  test("finds letters in their order, and says where", () => {
    assert.deepEqual(matchWord("relu", "ReLU")?.places, [0, 1, 2, 3]);
    assert.deepEqual(matchWord("bn", "Batch norm")?.places, [0, 6]);
    assert.equal(matchWord("ulr", "ReLU"), null);
    assert.equal(matchWord("relux", "ReLU"), null);
  });

  test("prefers beginnings of words to letters inside of them", () => {
    assert.deepEqual(match("ep", "One step, one epoch")?.places, [14, 15]);
    assert.deepEqual(order("lr", "Already", "Leaky ReLU"), ["Leaky ReLU", "Already"]);
    assert.deepEqual(order("e", "One step", "Epoch"), ["Epoch"]);
  });

  test("ranks a name before names that only contain it", () => {
    assert.equal(order("adam", "AdaMax", "NAdam", "Adam", "AdamW")[0], "Adam");
    assert.deepEqual(order("sgd", "Step", "SGD"), ["SGD"]);
  });

  test("needs every word, in any order", () => {
    assert.deepEqual(order("layer six", "Six sigmoid layers", "Six hills"), ["Six sigmoid layers"]);
  });

  test("does not put a match together from letters scattered over a sentence", () => {
    assert.deepEqual(order("spiral", "Copies the experiment, so that it can be run again at leisure"), []);
    assert.deepEqual(order("batch", "Breast cancer, no hidden layer", "Batch norm"), ["Batch norm"]);
    assert.deepEqual(order("rlu", "ReLU"), ["ReLU"]);
    assert.deepEqual(ranked("ada", [{ label: "Circle", detail: "a disc of data" }], 9), []);
  });

  test("reads subscripts, accents and capitals as plain letters", () => {
    assert.deepEqual(plainLetters("X₁é"), ["x", "1", "e"]);
    assert.deepEqual(match("x1", "unit x₁")?.places, [5, 6]);
  });

  test("finds by detail and further terms, behind what it finds by its label", () => {
    const entries = [
      { label: "Confusion matrix", terms: "digits" },
      { label: "Digits, two dense layers" },
      { label: "Spiral", detail: "two arms" },
    ];
    const found = ranked("digits", entries, 50);
    assert.deepEqual(
      found.map(({ entry, places }) => [entry.label, places.length]),
      [
        ["Digits, two dense layers", 6],
        ["Confusion matrix", 0],
      ],
    );
  });

  test("with nothing typed keeps all as they come, at most so many", () => {
    assert.deepEqual(order("  ", "b", "a", "c"), ["b", "a", "c"]);
    assert.equal(ranked("", [{ label: "b" }, { label: "a" }], 1).length, 1);
  });
});
