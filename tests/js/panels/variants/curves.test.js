import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { drawable, leader, linesOf, plotOf, standingOf } from "../../../../static/panels/variants/curves.js";
import { mosaic } from "../../../../static/panels/variants/thumbnail.js";
import { present } from "../../support.js";

/** @import { NamedArray } from "../../../../static/types.d.ts" */

/** @param {number[]} shape @param {number[]} values @returns {NamedArray} */
const array = (shape, values) => ({ shape, data: Float64Array.from(values) });

/** Two variants of two seeds, three rows each. */
const ARRAYS = new Map([
  ["steps", array([3], [0, 10, 20])],
  ["judge", array([], [1])],
  ["states", array([2, 2], [0, 0, 3, 3])],
  ["taken", array([2, 2], [25, 25, 12, 12])],
  ["starts", array([2, 2], [5, 5, 5, 5])],
  ["train_loss", array([2, 2, 3], Array(12).fill(1))],
  ["validation_loss", array([2, 2, 3], [4, 2, 1, 6, 4, 3, 9, 8, NaN, 7, 6, NaN])],
  ["validation_accuracy", array([2, 2, 3], Array(12).fill(0.5))],
]);

describe("a frame of a race", () => {
  const standing = standingOf(ARRAYS);

  test("tells by whose loss variants are compared, and what can be drawn", () => {
    assert.equal(standing.judge, "validation");
    assert.deepEqual(drawable([...standing.names, "surface/0"]), [
      "train_loss",
      "validation_loss",
      "validation_accuracy",
    ]);
  });

  test("gives each variant its own rows, seed by seed", () => {
    const [first, second] = standing.racers;
    assert.deepEqual(
      first?.series.get("validation_loss")?.map((seed) => [...seed]),
      [
        [4, 2, 1],
        [6, 4, 3],
      ],
    );
    assert.deepEqual([...present(second?.series.get("validation_loss")?.[1])], [7, 6, NaN]);
  });

  test("compares by the mean of the newest values that are known", () => {
    assert.deepEqual(
      standing.racers.map(({ loss, state, taken }) => ({ loss, state, taken })),
      [
        { loss: 2, state: "racing", taken: 20 },
        { loss: 7, state: "dropped", taken: 7 },
      ],
    );
  });

  test("knows no loss where a seed has none", () => {
    const arrays = new Map(ARRAYS).set("validation_loss", array([2, 2, 3], [1, 1, 1, ...Array(9).fill(NaN)]));
    assert.deepEqual(
      standingOf(arrays).racers.map(({ loss }) => loss),
      [NaN, NaN],
    );
  });
});

test("who leads has the least loss of those in the race", () => {
  const lanes = [
    { slot: 0, seen: 0.4 },
    { slot: 1, seen: NaN },
    { slot: -1, seen: 0.1 },
    { slot: 2, seen: 0.3 },
  ];
  assert.equal(leader(lanes), lanes[3]);
  assert.equal(leader([]), undefined);
});

describe("the curves of a lane", () => {
  const steps = Float64Array.of(0, 10);
  /** @param {number} offset @param {...number[]} seeds */
  const curve = (offset, ...seeds) => ({
    offset,
    steps,
    series: new Map([["train_loss", seeds.map((values) => Float64Array.from(values))]]),
  });

  test("are the mean of the seeds in a band from the least to the greatest", () => {
    const [line] = linesOf(
      { past: [], curve: curve(0, [1, 2], [3, 6]), color: "red", dash: [] },
      "train_loss",
    );
    assert.deepEqual([...present(line).y], [2, 4]);
    assert.deepEqual([...present(line?.band).low], [1, 2]);
    assert.deepEqual([...present(line?.band).high], [3, 6]);
  });

  test("go on where the race before ended, and have no band with one seed", () => {
    const lines = linesOf(
      { past: [curve(0, [1, 2])], curve: curve(10, [2, 1]), color: "red", dash: [] },
      "train_loss",
    );
    assert.deepEqual(
      lines.map(({ x }) => [...x]),
      [
        [0, 10],
        [10, 20],
      ],
    );
    assert.ok(lines.every(({ band }) => band === undefined));
  });

  test("share one plot, as far as the longest; accuracies are never on a log axis", () => {
    const lanes = [
      { past: [], curve: curve(0, [1, 2]), color: "red", dash: [] },
      { past: [], curve: curve(10, [100, 2]), color: "blue", dash: [7, 4] },
      { past: [], curve: null, color: "green", dash: [] },
    ];
    const plot = present(plotOf(lanes, { name: "train_loss", log: true, cursor: null }));
    assert.deepEqual([plot.lines.length, plot.x.high, plot.y.log], [2, 20, true]);
    assert.deepEqual(
      plot.lines.map(({ dash }) => dash),
      [[], [7, 4]],
    );
    const accuracy = present(plotOf(lanes, { name: "train_accuracy", log: true, cursor: null }));
    assert.equal(accuracy.y.log, false);
    assert.equal(plotOf([], { name: "train_loss", log: true, cursor: null }), null);
  });
});

test("maps lie side by side in about a square, a pixel apart", () => {
  const { pixels, width, height } = mosaic(array([3, 1, 2], [0, 255, 255, 0, 255, 255]));
  assert.deepEqual([width, height], [5, 3]);
  const [dark, bright] = [pixels[0], pixels[1]];
  assert.notEqual(dark, bright);
  assert.deepEqual([...pixels.subarray(0, 5)], [dark, bright, 0, bright, dark]);
  assert.deepEqual([...pixels.subarray(5, 10)], [0, 0, 0, 0, 0]);
  assert.deepEqual([...pixels.subarray(10)], [bright, bright, 0, 0, 0]);
});
