import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { measured, overlap, SCENE } from "../../../static/labs/boxes/geometry.js";
import { opened, read, SCENES, written } from "../../../static/labs/boxes/scenes.js";
import { ranked, standings, suppressed } from "../../../static/labs/boxes/suppression.js";
import { boxAt, handleAt, moved, resized, spanned } from "../../../static/widgets/box_board/geometry.js";
import { python } from "../support.js";

/** @import { Box } from "../../../static/labs/boxes/geometry.js" */
/** @import { JsonObject } from "../../../static/types.d.ts" */

/** @param {number} left @param {number} top @param {number} right @param {number} bottom @returns {Box} */
const box = (left, top, right, bottom, score = 0.5, kind = 0) => ({
  ...{ left, top, right, bottom, score },
  class: kind,
});

const THOUSAND = SCENES.thousand();

/** The engine's operators on the same boxes. */
const PROGRAM = `
import json, sys, torch
from glassnet.engine.boxes.overlap import generalized_overlap, overlap
from glassnet.engine.boxes.suppression import suppressed
rows = torch.tensor(json.load(sys.stdin), dtype=torch.float64)
one, other = rows[:-1], rows[1:]
print(json.dumps({
    "iou": overlap(one, other).tolist(),
    "giou": generalized_overlap(one, other).tolist(),
    "kept": suppressed(rows, rows[:, 4], 0.45, 1000).tolist(),
    "by_class": suppressed(rows, rows[:, 4], 0.45, 1000, rows[:, 5]).tolist(),
}))
`;

describe("boxes as the engine has them", () => {
  const engine = python(
    PROGRAM,
    THOUSAND.map((each) => [each.left, each.top, each.right, each.bottom, each.score, each.class]),
  );

  test("overlaps are the engine's", () => {
    THOUSAND.slice(1).forEach((other, index) => {
      const one = /** @type {Box} */ (THOUSAND[index]);
      const { iou, giou } = measured(one, other);
      assert.ok(Math.abs(iou - engine.iou[index]) < 1e-12);
      assert.ok(Math.abs(giou - engine.giou[index]) < 1e-12);
      assert.ok(Math.abs(overlap(one, other) - iou) < 1e-12);
    });
  });

  test("suppression keeps what the engine keeps, of all boxes and by class", () => {
    for (const [byClass, expected] of /** @type {[boolean, number[]][]} */ ([
      [false, engine.kept],
      [true, engine.by_class],
    ])) {
      const kept = suppressed(THOUSAND, 0.45, byClass).map((round) => round.kept);
      assert.deepEqual(
        kept,
        expected.filter((index) => index >= 0),
      );
    }
  });
});

describe("suppression, round by round", () => {
  const boxes = [box(0, 0, 10, 10, 0.5), box(1, 0, 11, 10, 0.9), box(50, 0, 60, 10, 0.7, 1)];

  test("the best box removes those that it overlaps, and says by how much", () => {
    const rounds = suppressed(boxes, 0.5, false);
    assert.deepEqual(
      rounds.map(({ kept, removed }) => [kept, removed.map((each) => each.box)]),
      [
        [1, [0]],
        [2, []],
      ],
    );
    assert.ok(Math.abs((rounds[0]?.removed[0]?.iou ?? 0) - 90 / 110) < 1e-12);
  });

  test("before a round its boxes wait", () => {
    const states = (/** @type {number} */ shown) =>
      standings(suppressed(boxes, 0.5, false), 3, shown).map(({ state }) => state);
    assert.deepEqual(states(0), ["waiting", "waiting", "waiting"]);
    assert.deepEqual(states(1), ["removed", "kept", "waiting"]);
    assert.deepEqual(states(2), ["removed", "kept", "kept"]);
  });

  test("of equal scores the earlier box comes first; no boxes need no round", () => {
    assert.deepEqual(ranked([box(0, 0, 9, 9), box(0, 0, 9, 9), box(0, 0, 9, 9, 0.6)]), [2, 0, 1]);
    assert.deepEqual(suppressed([], 0.5, true), []);
  });
});

describe("a hand on a box", () => {
  test("moves it no further than the scene, and keeps its size", () => {
    const after = moved(SCENE, box(10, 10, 60, 40), -100, 1000);
    assert.deepEqual(
      [after.left, after.top, after.right, after.bottom],
      [0, SCENE.height - 30, 50, SCENE.height],
    );
  });

  test("resizes it, never over the opposite edge", () => {
    const after = resized(SCENE, box(10, 10, 60, 40), [-1, 1], 500, -500);
    assert.deepEqual([after.left, after.bottom], [60 - SCENE.least, 10 + SCENE.least]);
  });

  test("draws one in any direction, of at least the least size", () => {
    assert.deepEqual(spanned(SCENE, 50, 40, 20, 10), { left: 20, top: 10, right: 50, bottom: 40 });
    assert.equal(spanned(SCENE, 50, 40, 52, 90), null);
  });

  test("takes the smallest box at a place, or a handle near it", () => {
    const boxes = [box(0, 0, 100, 100), box(20, 20, 50, 50), box(10, 10, 90, 90)];
    assert.equal(boxAt(boxes, 30, 30), 1);
    assert.equal(boxAt(boxes, 300, 30), -1);
    assert.deepEqual(handleAt(box(0, 0, 100, 60), 97, 33, 8), [1, 0]);
    assert.equal(handleAt(box(0, 0, 100, 60), 80, 33, 8), null);
  });
});

describe("the address", () => {
  test("keeps what is set, and a scene as it began in few words", () => {
    const settings = { ...opened("crowd"), threshold: 0.3, by_class: true };
    settings.boxes = [box(1, 2, 30, 40, 0.25, 2), ...settings.boxes];
    assert.deepEqual(read(written(settings)), { settings, refused: [] });
    assert.ok(JSON.stringify(written(opened("thousand"))).length < 200);
    assert.deepEqual(read(null).refused, []);
  });

  test("names what cannot be, and shows the rest", () => {
    const kept = /** @type {JsonObject} */ ({
      scene: "two",
      boxes: [[30, 0, 10, 10, 0.5, 0]],
      threshold: 3,
      pair: [0, 9],
      by_class: true,
    });
    const { settings, refused } = read(kept);
    assert.deepEqual(refused, ["boxes", "threshold", "pair"]);
    assert.deepEqual(settings, { ...opened("two"), by_class: true });
    for (const row of [
      [0, 0, 5, NaN, 0.5, 0],
      [0, 0, 0, 9, 0.5, 0],
      [0, 0, 9, 9, 2, 0],
      [0, 0, 9, 9, 0.5, 7],
      "box",
    ])
      assert.deepEqual(read(/** @type {any} */ ({ boxes: [row] })).refused, ["boxes"]);
  });

  test("a scene is one of its own names, whatever all objects have", () => {
    for (const scene of ["toString", "constructor", "__proto__"]) {
      assert.deepEqual(read({ scene }), { settings: opened("crowd"), refused: ["scene"] });
      assert.equal(written({ ...opened("two"), scene })["scene"], scene);
    }
  });

  test("what the lab writes of no box, or of one, is read without complaint", () => {
    for (const boxes of [[], [box(1, 2, 30, 40)]]) {
      const settings = { ...opened("two"), boxes, pair: /** @type {[number, number]} */ ([0, 0]) };
      assert.deepEqual(read(written(settings)), { settings, refused: [] });
      const { pair: _, ...others } = written(settings);
      assert.deepEqual(read(others), { settings, refused: [] });
    }
  });

  test("a box that lies outside is brought inside", () => {
    const [inside] = read({ boxes: [[-50, 390, 20, 999, 0.5, 0]] }).settings.boxes;
    assert.deepEqual(inside, box(0, 390, 20, 400));
  });
});
