import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { rounded, somePoints, turned, viewOf } from "../../../static/labs/kinds/points.js";
import {
  curvesOf,
  fittedLines,
  placesWithin,
  reliefOf,
  tableOf,
} from "../../../static/labs/kinds/readings.js";

/** @import { Pair } from "../../../static/labs/kinds/points.js" */

/** Two epochs of 4, 2 and 1 samples at a time. @type {Record<string, number[]>} */
const FRAME = {
  best: [1.5, -0.5],
  per_epoch: [1, 2, 4],
  diverged: [0, 1, 0],
  spread: [0, 0.25, 1],
  seconds: [0.002, 0.004, 0.008],
};
for (const [kind, updates] of Object.entries({ batch: 1, mini_batch: 2, stochastic: 4 })) {
  const places = Array.from({ length: 2 * updates + 1 }, (_, index) => index);
  FRAME[`${kind}/updates`] = places;
  FRAME[`${kind}/epochs`] = places.map((index) => index / updates);
  FRAME[`${kind}/path`] = places.flatMap((index) => [index, -index]);
  FRAME[`${kind}/losses`] = places.map((index) => 10 - index);
  FRAME[`${kind}/noise`] = places.slice(1);
}
const data = (/** @type {string} */ name) => FRAME[name] ?? [];

describe("the points", () => {
  test("are the same each time, about a line, and shown with room around them", () => {
    const points = somePoints();
    assert.deepEqual(points, somePoints());
    assert.deepEqual([points.length, points[0]?.[0], points.at(-1)?.[0]], [40, -2, 2]);
    assert.deepEqual(
      viewOf([
        [0, 1],
        [10, 1],
      ]),
      { x: [-1.2, 11.2], y: [0.5, 1.5] },
    );
    assert.deepEqual(rounded(0.12345, -2, 2), [0.12, -2]);
  });

  test("are taken in and away, but for the last two at different places", () => {
    const points = /** @type {Pair[]} */ ([
      [0, 0],
      [1, 1],
    ]);
    assert.deepEqual(turned(points, -1, [2, 2]), [...points, [2, 2]]);
    assert.equal(turned(points, 0, [9, 9]), null);
  });
});

describe("up to an epoch", () => {
  test("each kind has come as far as its updates", () => {
    assert.deepEqual(
      [0, 0.5, 1, Infinity].map((shown) => placesWithin(data("mini_batch/epochs"), shown)),
      [1, 2, 3, 5],
    );
    assert.equal(placesWithin([], 1), 0);
    const { paths, marks } = reliefOf(data, 1);
    assert.deepEqual(
      paths.map(({ losses }) => losses.length),
      [5, 3, 2],
    );
    assert.equal(marks?.[0]?.x, 1.5);
    assert.deepEqual(
      fittedLines(data, 1).map(({ slope, intercept }) => [slope, intercept]),
      [
        [4, -4],
        [2, -2],
        [1, -1],
      ],
    );
  });

  test("curves are cut, and their axes are not", () => {
    const losses = curvesOf(data, "losses", "epochs", 1, 2);
    assert.deepEqual(
      losses.lines.map(({ y }) => y.length),
      [5, 3, 2],
    );
    assert.deepEqual([losses.end, losses.all.map(({ length }) => length)], [2, [3, 5, 9]]);
    const noise = curvesOf(data, "noise", "updates", 1, 2);
    assert.deepEqual([noise.end, noise.lines.map(({ y }) => y.length)], [8, [4, 2, 1]]);
  });
});

test("the table compares what an epoch takes, where each ends, and what an update costs", () => {
  assert.deepEqual(tableOf(data, 2), [
    ["Updates an epoch", ["1", "2", "4"]],
    ["Loss in the end", ["8", "diverged", "2"]],
    ["Mean noise", ["0", "0.25", "1"]],
    ["Time of updating", ["2 ms", "4 ms", "8 ms"]],
    ["Time of an update", ["1k µs", "1k µs", "1k µs"]],
  ]);
});
