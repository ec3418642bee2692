import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  answerText,
  inputsAt,
  legendOf,
  pinnedBy,
  placeAt,
  placeOf,
  planeOf,
  pointsOf,
} from "../../../../static/panels/surface/model.js";
import { array, frame } from "../../support.js";

describe("a place of the plane", () => {
  test("is where its inputs are, the second growing upward", () => {
    assert.deepEqual(placeOf(-6, 6, 6), { x: 0, y: 0 });
    assert.deepEqual(placeOf(3, 0, 6), { x: 0.75, y: 0.5 });
    assert.deepEqual(inputsAt({ x: 0.75, y: 0.5 }, 6), [3, 0]);
  });

  test("stays within the plane, whatever is typed or pointed at", () => {
    assert.deepEqual(placeOf(100, -100, 6), { x: 1, y: 1 });
    assert.deepEqual(placeAt(-0.1, 0.4), { x: 0, y: 0.4 });
  });

  test("is pinned by a click, and let go by another at the same place", () => {
    const place = { x: 0.5, y: 0.5 };
    assert.equal(pinnedBy(null, place), place);
    assert.equal(pinnedBy({ x: 0.51, y: 0.51 }, place), null);
    assert.equal(pinnedBy({ x: 0.6, y: 0.5 }, place), place);
  });
});

test("points have their place and their target, of one set at a time", () => {
  const samples = frame({
    "train/inputs": array([2, 2], [-6, 6, 9, 0]),
    "train/targets": array([2], [0, 1]),
    "test/inputs": array([1, 3], [1, 2, 3]),
    "test/targets": array([1], [0]),
  });
  assert.deepEqual(pointsOf(samples, "train", 6), [
    { x: 0, y: 0, target: 0 },
    { x: 1.25, y: 0.5, target: 1 },
  ]);
  assert.deepEqual(pointsOf(samples, "test", 6), [], "three inputs are no place of a plane");
  assert.deepEqual(pointsOf(frame({}), "train", 6), []);
});

test("the legend names several classes, or the two ends", () => {
  assert.deepEqual(legendOf(["a", "b", "c"]), { names: ["a", "b", "c"] });
  assert.deepEqual(legendOf(["blue", "orange"]), { low: "class blue", high: "class orange" });
  assert.deepEqual(legendOf([]), { low: "−1", high: "+1" });
});

describe("the answer at a place", () => {
  const answer = {
    output: array([1, 2], [0, 255], Uint8Array),
    "output.range": array([2], [-1, 1]),
  };
  const plane = { half: 6, classes: ["blue", "orange"] };
  const [left, right] = [placeAt(0.25, 0.5), placeAt(0.75, 0.5)];

  test("is a value with its class, told by its sign", () => {
    assert.equal(answerText(frame(answer), left, plane), "(−3.0, 0.0) → −1, class blue");
    assert.equal(answerText(frame(answer), right, plane), "(3.0, 0.0) → 1, class orange");
    assert.equal(answerText(frame(answer), right, { ...plane, classes: [] }), "(3.0, 0.0) → 1");
  });

  test("has the class that the network gives, where it gives one", () => {
    const classes = ["a", "b", "c"];
    const several = frame({ ...answer, class: array([1, 2], [2, 0], Uint8Array) });
    assert.match(answerText(several, left, { half: 6, classes }), /, class c$/);
  });

  test("is asked for while no place is chosen, or nothing is known", () => {
    assert.equal(answerText(frame(answer), null, plane), "point, click or type a place");
    assert.equal(answerText(undefined, left, plane), "point, click or type a place");
  });
});

test("the plane is as wide as the data set says", () => {
  const catalog = {
    datasets: [{ kind: "moons", label: "", summary: "", reference: "", plane: 4, classes: ["a", "b"] }],
  };
  const experiment = /** @type {any} */ ({ data: { kind: "moons" } });
  assert.deepEqual(planeOf({ catalog, experiment }), { half: 4, classes: ["a", "b"] });
  assert.deepEqual(planeOf({ catalog, experiment: null }), { half: 6, classes: [] });
});
