import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { EXAMPLES } from "../../static/labs/descent/examples.js";
import { History } from "../../static/labs/history.js";
import { parsePoints } from "../../static/labs/descent/points.js";
import { Race } from "../../static/labs/descent/race.js";
import { outcomeOf } from "../../static/labs/descent/runners.js";
import { changed, padOf, raceOf } from "../../static/labs/descent/settings.js";
import { tracksOf } from "../../static/labs/descent/view3d.js";

/** @import { NamedArray } from "../../static/types.d.ts" */

/** Two runners after three steps. */
function race() {
  /** @type {[string, NamedArray][]} */
  const arrays = [
    ["heights", { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
    ["domain", { shape: [2, 2], data: Float32Array.of(-1, 1, -2, 2) }],
    ["minima", { shape: [1, 2], data: Float32Array.of(0.5, 0.25) }],
    ["least", { shape: [1], data: Float32Array.of(0.125) }],
    [
      "paths",
      { shape: [2, 4, 2], data: Float32Array.of(0, 0, 1, 2, 3, 4, 5, 6, 0, 0, -1, -2, NaN, NaN, NaN, NaN) },
    ],
    ["losses", { shape: [2, 4], data: Float32Array.of(9, 8, 7, 6, 9, 10, Infinity, NaN) }],
    ["rates", { shape: [2, 3], data: Float32Array.of(0.5, 0.25, 0.125, 1, 1, 1) }],
    ["reached", { shape: [2], data: Int32Array.of(3, -1) }],
    ["left", { shape: [2], data: Int32Array.of(-1, 1) }],
    ["diverged", { shape: [2], data: Int32Array.of(-1, 2) }],
    ["state/0/velocity", { shape: [4, 2], data: Float32Array.of(0, 0, 1, 1, 2, 2, 3, 4) }],
  ];
  return new Race({ metadata: {}, arrays: new Map(arrays) });
}

describe("a race", () => {
  test("says where everybody is, also between two steps", () => {
    const found = race();
    assert.deepEqual([found.count, found.steps], [2, 3]);
    assert.deepEqual(found.place(0, 1), { x: 1, y: 2 });
    assert.deepEqual(found.place(0, 1.5), { x: 2, y: 3 });
    assert.deepEqual(found.place(0, 3), { x: 5, y: 6 });
    assert.ok(Number.isNaN(found.place(1, 1.5).x));
    assert.deepEqual(found.lastSeen(1, 3), { x: -1, y: -2 }, "before its numbers ran out");
    assert.deepEqual(found.lastSeen(0, 3), { x: 5, y: 6 });
    assert.deepEqual([...found.losses(1)], [9, 10, Infinity, NaN]);
  });

  test("says rates, what is kept, and what happened when", () => {
    const found = race();
    assert.equal(found.rate(0, 1.7), 0.25);
    assert.equal(found.rate(0, 3), 0.125, "the last rate stays to be read");
    assert.deepEqual(found.kept(0, 3, ["mean", "velocity"]), { x: 3, y: 4 });
    assert.equal(found.kept(1, 3, ["velocity"]), null);
    assert.deepEqual(
      [found.event(0, "reached"), found.event(1, "reached"), found.event(1, "diverged")],
      [3, null, 2],
    );
    assert.deepEqual(found.scene.minima, [[0.5, 0.25]]);
    assert.deepEqual([found.scene.x, found.scene.y, found.scene.least], [[-1, 1], [-2, 2], 0.125]);
  });
});

describe("what became of a runner", () => {
  test("is said in words", () => {
    assert.equal(outcomeOf(829, null, null, 1300, true).text, "there in 829 steps");
    assert.equal(outcomeOf(null, null, null, 1300, true).text, "not there in 1,300 steps");
    assert.equal(outcomeOf(null, null, null, null, true).text, "under way");
    assert.equal(outcomeOf(null, 2, 9, 1300, true).text, "diverged at step 9");
    assert.deepEqual(outcomeOf(3, 7, null, 10, true), { text: "off the map from step 7", tone: "bad" });
    assert.deepEqual(outcomeOf(null, 7, null, 10, false), { text: "off the map from step 7", tone: "" });
  });
});

describe("typed points", () => {
  test("are pairs; what is none is passed over", () => {
    assert.deepEqual(parsePoints("0 1; 2, 3 ;−1 .5; x y; 4"), [
      [0, 1],
      [2, 3],
      [-1, 0.5],
    ]);
    assert.deepEqual(parsePoints(""), []);
  });
});

describe("a path in three dimensions", () => {
  const share = (/** @type {number} */ height) => (Number.isFinite(height) ? height / 10 : NaN);

  test("goes as far as there is ground to walk on", () => {
    const found = race();
    const [on, off] = tracksOf({ race: found, head: 3 }, share);
    assert.deepEqual(
      on?.points.map((place) => place.map((each) => Number(each.toFixed(6)))),
      [
        [0, 0, 0.9],
        [0.5, 0.5, 0.8],
      ],
      "(3, 4) is off the map",
    );
    assert.deepEqual(off?.points.length, 2, "what has blown up is nowhere");
    assert.notEqual(on?.color, off?.color);
  });

  test("grows with the time", () => {
    assert.deepEqual(
      tracksOf({ race: race(), head: 0.7 }, share).map(({ points }) => points.length),
      [1, 1],
    );
  });
});

describe("settings", () => {
  /** @returns {import("../../static/labs/descent/settings.js").Settings} */
  const settings = () => ({
    surface: { kind: "beale", noise: 0 },
    start: [1, 2],
    entries: [{ label: null, optimizer: { kind: "sgd", learning_rate: 0.5, momentum: 0.25 } }],
    steps: 9,
    tolerance: 0.1,
    seed: 3,
    pad: { resolution: 40 },
  });

  test("keep the start on the same ground, and take the surface's own on another", () => {
    assert.deepEqual(changed(settings(), "/surface/noise", 0.5).start, [1, 2]);
    assert.equal(changed(settings(), "/surface", { kind: "saddle" }).start, null);
    assert.deepEqual(changed(settings(), "/steps", 10), { ...settings(), steps: 10 });
  });

  test("are two studies, and the pad's is the same whatever the rate and the momentum", () => {
    const { pad: _, ...race } = settings();
    assert.deepEqual(raceOf(settings()), { kind: "optimizer_race", ...race });
    const one = padOf(settings(), { kind: "sgd", learning_rate: 0.5, momentum: 0.25 }, "momentum");
    assert.deepEqual(one, padOf(settings(), { kind: "sgd", learning_rate: 7, momentum: 0 }, "momentum"));
    assert.deepEqual([one["kind"], one["resolution"], one["start"]], ["optimizer_pad", 40, [1, 2]]);
  });
});

test("what was set comes back, and what was undone, until something else is set", () => {
  /** @type {History<number>} */
  const versions = new History();
  assert.equal(versions.undo(1), undefined);
  versions.keep(1);
  versions.keep(2);
  assert.equal(versions.undo(3), 2);
  assert.equal(versions.undo(2), 1);
  assert.equal(versions.redo(1), 2);
  versions.keep(2);
  assert.equal(versions.redo(4), undefined);
  assert.equal(versions.undo(4), 2);
});

test("every known trouble has its example", () => {
  const titles = EXAMPLES.map(({ title }) => title);
  for (const title of ["Local minima", "Saddle", "Ravine", "Plateau", "Overshoot"])
    assert.ok(titles.includes(title), title);
});
