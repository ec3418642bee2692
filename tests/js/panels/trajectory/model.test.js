import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { extentOf, model, pointText } from "../../../../static/panels/trajectory/model.js";
import { present, vectors } from "../../support.js";

/** Three points, once in the principal plane and once in a random one. */
const COLUMNS = {
  steps: [0, 1500, 3000],
  losses: [2, 1, 0.25],
  spectrum: [0.75, 0.125],
  null: [0.6, 0.25],
  error: [0],
  "pca/path": [-2, 0, -1, 0.5, 0, 0],
  "pca/explained": [0.75, 0.0625],
  "pca/distance": [0.25, 0.5, 0],
  "random/path": [-0.5, 0, -0.25, 0, 0, 0],
  "random/explained": [0.01, NaN],
  "random/distance": [4, 3, 0],
};
const FRAME = vectors(COLUMNS);

describe("the path in a plane", () => {
  test("has its points with their losses, and names the axes of a plane", () => {
    const { relief } = present(model(FRAME, "pca"));
    assert.deepEqual(Array.from(present(relief.paths[0]).places), COLUMNS["pca/path"]);
    assert.deepEqual(Array.from(present(relief.paths[0]).losses), COLUMNS.losses);
    assert.deepEqual(relief.axes, ["first", "second"]);
    assert.deepEqual(present(model(FRAME, "random")).relief.axes, ["random", "random"]);
  });

  test("says what the plane shows and how far the path leaves it", () => {
    assert.deepEqual(present(model(FRAME, "pca")).facts, [
      ["Shown here", "75 % + 6.3 %", "Share of the path's variance along each axis"],
      ["Out of the plane", "at most 0.5", "The path reaches 2 within it"],
      ["Loss now", "0.25"],
      ["Points", "3, from step 0"],
    ]);
    assert.equal(present(model(FRAME, "random")).facts[0]?.[1], "1.0 % + –");
  });

  test("is compared with a random walk, in words too", () => {
    const { labels } = present(model(FRAME, "pca"));
    assert.equal(labels.path, "The path of the weights over 3 points, from step 0 to 3000");
    assert.equal(
      labels.bars,
      "The first two principal directions explain 75 % and 13 %; a random walk's would 60 % and 25 %",
    );
  });

  test("admits that sketches are not the points", () => {
    assert.doesNotMatch(present(model(FRAME, "pca")).note, /sketches/);
    const sketched = vectors({ ...COLUMNS, error: [0.0625] });
    assert.match(present(model(sketched, "pca")).note, /right to about 6\.3 %/);
  });

  test("reaches nowhere while no weight has moved, and leaves no plane", () => {
    const still = { ...COLUMNS, "pca/distance": [], "pca/explained": [] };
    const [shown, out] = present(model(vectors({ ...still, "pca/path": Array(6).fill(0) }), "pca")).facts;
    assert.equal(present(shown)[1], "– + –");
    assert.deepEqual(present(out).slice(1), ["at most 0", "The path reaches 0 within it"]);
  });

  test("is none of fewer than three points, and none in a plane that is not known", () => {
    assert.equal(model(vectors({ ...COLUMNS, steps: [0, 1500] }), "pca"), null);
    assert.equal(model(FRAME, "to_final"), null);
  });
});

describe("the axes", () => {
  test("hold the path with room on each side", () => {
    assert.deepEqual(extentOf([0, 0, 10, 5]), {
      x: [-1.2000000000000002, 11.2],
      y: [-0.6000000000000001, 5.6],
    });
  });

  test("stay wide where the path goes straight along one of them", () => {
    const { y } = extentOf([0, 1, 10, 1]);
    assert.ok(present(y[0]) < 0.5 && present(y[1]) > 1.5);
  });
});

test("a pointer is told the nearest point within reach", () => {
  const trajectory = present(model(FRAME, "pca"));
  const places = { toX: (/** @type {number} */ x) => 100 * x, toY: (/** @type {number} */ y) => 100 * y };
  assert.equal(pointText(trajectory, { x: -103, y: 45 }, places), "step 1,500: loss 1, 0.5 out of the plane");
  assert.equal(pointText(trajectory, { x: -103, y: 90 }, places), "");
});
