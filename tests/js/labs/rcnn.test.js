import assert from "node:assert/strict";
import { test } from "node:test";

import {
  bestOf,
  classesOf,
  foundOf,
  objectsOf,
  part,
  proposalAt,
  proposalsOf,
  STAGES,
  timesOf,
} from "../../../static/labs/rcnn/model.js";

/** @import { NamedArray } from "../../../static/types.d.ts" */

/** @param {number[]} shape @param {number[]} data */
const array = (shape, data) =>
  /** @type {NamedArray} */ (/** @type {unknown} */ ({ shape, data: Float32Array.from(data) }));

const NONE = [-1, -1, -1, -1];
const ARRAYS = new Map([
  ["proposals", array([2, 2, 4], [0, 0, 9, 9, ...NONE, 0, 0, 8, 8, 2, 2, 5, 5])],
  ["overlaps", array([2, 2], [0.5, -1, 0.25, 1])],
  ["truth", array([2, 1, 5], [...NONE, -1, 2, 2, 5, 5, 1])],
  ["rcnn/found", array([2, 1, 6], [0, 0, 9, 9, -0.5, 1, 2, 2, 5, 5, 1.5, 1])],
  ["rcnn/right", array([2, 1], [0, 1])],
  ["rcnn/times", array([5], [100, 1, 2, 3, 4])],
]);

test("a scene has its own proposals and objects, without what fills up", () => {
  assert.deepEqual(proposalsOf(ARRAYS, 0), [{ corners: [0, 0, 9, 9], overlap: 0.5 }]);
  assert.deepEqual(objectsOf(ARRAYS, 0), []);
  assert.deepEqual(objectsOf(ARRAYS, 1), [{ corners: [2, 2, 5, 5], class: 1 }]);
  assert.deepEqual(part(ARRAYS.get("proposals"), 1, 1), [2, 2, 5, 5]);
});

test("a press takes the smallest proposal around it, and first the best is looked at", () => {
  const proposals = proposalsOf(ARRAYS, 1);
  assert.equal(proposalAt(proposals, 3, 3), 1);
  assert.equal(proposalAt(proposals, 7, 3), 0);
  assert.equal(proposalAt(proposals, 8, 3), null);
  assert.equal(bestOf(proposals), 1);
});

test("of what is found only what lies beyond an SVM's border counts", () => {
  assert.deepEqual(foundOf(ARRAYS, 0, "rcnn"), []);
  assert.deepEqual(foundOf(ARRAYS, 1, "rcnn"), [
    { corners: [2, 2, 5, 5], score: 1.5, class: 1, right: true },
  ]);
});

test("times end in their sum, and are none while they are not known", () => {
  assert.deepEqual(timesOf(ARRAYS, "rcnn").at(-1), ["All", 110]);
  assert.deepEqual(timesOf(ARRAYS, "fast"), []);
});

test("both detectors begin with the same proposals and end in boxes", () => {
  for (const stages of Object.values(STAGES)) {
    assert.deepEqual([stages[1]?.name, stages.at(-1)?.name], ["proposals", "result"]);
  }
});

test("classes come by their names", () => {
  const names = /** @type {NamedArray} */ (
    /** @type {unknown} */ ({ shape: [9], data: new TextEncoder().encode("disc\nring") })
  );
  assert.deepEqual(classesOf(new Map([["classes", names]])), ["disc", "ring"]);
});
