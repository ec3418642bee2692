import assert from "node:assert/strict";
import { test } from "node:test";

import { chosen, model } from "../../../../static/panels/gradient_flow/model.js";

const NODES = ["linear1", "sigmoid1", "linear2", "sigmoid2", "output"].map((name) => ({ name }));

/** @param {Record<string, number[]>} given rows of three layers, at two steps */
function frame(given) {
  const rows = { gradient: [NaN, NaN, NaN, 1, 1, 1], weight: Array(6).fill(2), update: Array(6).fill(0.002) };
  const arrays = Object.entries({ nodes: [0, 2, 4], steps: [0, 5], ...rows, ...given });
  const named = arrays.map(([name, data]) => [name, { data: Float32Array.from(data), shape: [data.length] }]);
  return /** @type {any} */ ({ arrays: new Map(/** @type {any} */ (named)) });
}

test("each layer has its name, its newest number and a curve of its own", () => {
  const flow = model(frame({ gradient: [1, 2, 3, 4, 5, 6] }), NODES, "gradient");
  assert.deepEqual(
    flow?.layers.map(({ name, value, text }) => [name, value, text]),
    [
      ["linear 1", 4, "4"],
      ["linear 2", 5, "5"],
      ["output", 6, "6"],
    ],
  );
  assert.deepEqual(
    flow?.curves.map(({ x, y }) => [[...x], [...y]]),
    [
      [
        [0, 5],
        [1, 4],
      ],
      [
        [0, 5],
        [2, 5],
      ],
      [
        [0, 5],
        [3, 6],
      ],
    ],
  );
});

test("a ratio is the update by the weight", () => {
  const flow = model(frame({}), NODES, "ratio");
  for (const { value } of flow?.layers ?? []) assert.ok(Math.abs(value - 1e-3) < 1e-9);
  assert.match(flow?.summary ?? "", /Usual is about 0\.001/);
});

test("bars are by magnitude: a thousandth is as far from one as one from a thousand", () => {
  const flow = model(frame({ gradient: [1, 1, 1, 1e-3, 1, 1e3] }), NODES, "gradient");
  const [least, middle, most] = flow?.layers.map(({ share }) => share) ?? [];
  assert.ok(least !== undefined && middle !== undefined && most !== undefined);
  assert.ok(Math.abs(middle - 0.5) < 0.01 && least < 0.03 && most > 0.97);
});

for (const [numbers, said] of /** @type {[number[], RegExp][]} */ ([
  [[1e-6, 1e-3, 1], /^The gradient of linear 1 is 1e-6 of that of output: it vanishes/],
  [[1e5, 10, 1], /^The gradient of linear 1 is 100k times that of output: it explodes/],
  [[0.5, 0.7, 1], /^The gradients of linear 1 and output are of similar size/],
  [[0, 0, 1], /^No gradient reaches linear 1/],
  [[NaN, NaN, NaN], /^Gradients come with the next step/],
]))
  test(`of ${numbers.join(", ")} it says what that means`, () => {
    const flow = model(frame({ gradient: [1, 1, 1, ...numbers] }), NODES, "gradient");
    assert.match(flow?.summary ?? "", said);
  });

test("a layer that is not trained has no number, and the others are compared", () => {
  const flow = model(frame({ gradient: [1, 1, 1, NaN, 1, 1] }), NODES, "gradient");
  assert.equal(flow?.layers[0]?.text, "–");
  assert.equal(flow?.layers[0]?.share, 0);
  assert.match(flow?.summary ?? "", /linear 2 and output/);
});

test("there is nothing before the first row, and of another network's nodes", () => {
  assert.equal(model(frame({ steps: [] }), NODES, "gradient"), null);
  assert.equal(model(frame({}), NODES.slice(0, 2), "gradient"), null);
});

test("of many layers the first, the last and some between have curves", () => {
  assert.deepEqual(chosen(3), [0, 1, 2]);
  assert.deepEqual(chosen(1), [0]);
  assert.deepEqual(chosen(50), [0, 8, 16, 25, 33, 41, 49]);
});
