/** What the panel of the learning rate range test does with a frame and with an experiment. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { curveOf, rounded, withRate } from "../../static/panels/lr_range_test.js";

test("a rate is written with the two digits that count", () => {
  assert.equal(rounded(0.0574377), 0.057);
  assert.equal(rounded(1.98), 2);
  assert.equal(rounded(0.000123), 0.00012);
});

test("a frame becomes columns of plain numbers, NaN staying NaN", () => {
  const array = (/** @type {number[]} */ values) => ({ data: Float32Array.from(values), shape: [values.length], dtype: "F32" });
  const frame = /** @type {any} */ ({ arrays: new Map([["rates", array([1, 2])], ["losses", array([3, NaN])], ["smoothed", array([3, 3])], ["marks", array([1, NaN, 2, NaN])]]) });
  const curve = curveOf(frame);
  assert.deepEqual([...curve.rates], [1, 2]);
  assert.ok(Number.isNaN(curve.losses[1]));
  assert.deepEqual(curve.marks, [1, NaN, 2, NaN]);
});

test("using a rate gives it to every optimizer and changes nothing else", () => {
  const before = { title: "t", training: { epochs: 3, updates: [{ nodes: "a*", optimizer: { kind: "sgd", learning_rate: 1 } }, { nodes: "b*", optimizer: { kind: "adam", learning_rate: 2 } }] } };
  const after = withRate(before, 0.3);
  assert.deepEqual(after.training.updates.map(({ optimizer }) => optimizer), [{ kind: "sgd", learning_rate: 0.3 }, { kind: "adam", learning_rate: 0.3 }]);
  assert.deepEqual({ ...after, training: null }, { ...before, training: null });
  assert.equal(after.training.epochs, 3);
  assert.equal(before.training.updates[0]?.optimizer.learning_rate, 1, "the one given stays as it is");
});
