/** How cures stand: the best first, each band on one scale, and what diverged without one. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { model } from "../../../static/panels/cures/model.js";

/** @param {number[]} data @param {number[]} [shape] */
const array = (data, shape = [data.length]) => ({ shape, data: Float32Array.from(data), dtype: "F32" });

/** @param {Record<string, ReturnType<typeof array>>} [others] */
const frame = (others = {}) =>
  /** @type {any} */ (
    new Map(
      Object.entries({
        steps: array([0, 10, 20]),
        start: array([40]),
        measure: array([2]),
        states: array([1, 1, 1, 1, 2, 2], [3, 2]),
        effect: array([1, 1, 0.01, 0.1, Infinity, Infinity], [3, 2]),
        low: array([1, 0.01, Infinity]),
        median: array([1, 0.055, Infinity]),
        high: array([1, 0.1, Infinity]),
        rank: array([1, 0, 2]),
        ...others,
      }),
    )
  );

test("the best comes first, and its band lies on the scale of all", () => {
  const { measure, steps, seeds, start, tried } = model(frame());
  assert.deepEqual(
    { measure, steps, seeds, start },
    { measure: "test_loss", steps: 20, seeds: 2, start: 40 },
  );
  assert.deepEqual(
    tried.map(({ slot }) => slot),
    [1, 0, 2],
  );
  const [best, unchanged, diverged] = tried;
  assert.equal(best?.place?.low, 0);
  assert.ok(Math.abs((best?.place?.high ?? 0) - 0.5) < 1e-6);
  assert.equal(unchanged?.place?.middle, 1);
  assert.deepEqual([diverged?.place, diverged?.diverged, diverged?.text], [null, 2, "∞"]);
});

test("one of whose seeds some diverged reaches to the end", () => {
  const { tried } = model(frame({ high: array([1, Infinity, Infinity]) }));
  assert.equal(tried[0]?.place?.high, 1);
});

test("losses that are all alike, or zero, have a place", () => {
  const same = { low: array([1, 1, 1]), median: array([1, 1, 1]), high: array([1, 1, 1]) };
  assert.equal(model(frame(same)).tried[0]?.place?.middle, 0.5);
  const zero = { low: array([0, 0, 0]), median: array([0, 0, 0]), high: array([0, 0, 0]) };
  assert.equal(model(frame(zero)).tried[0]?.place?.middle, 0);
});
