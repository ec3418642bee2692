import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  cornerOf,
  gridOf,
  grownSize,
  heightOf,
  placeBeside,
  placeUnder,
} from "../../../../static/panels/activation_maps/grid.js";

describe("a grid of maps", () => {
  // Three maps and two gaps: the last needs none behind it.
  const grid = gridOf(45, 5, 145);

  test("has as many columns as fit, and one at least", () => {
    assert.equal(grid.across, 3);
    assert.equal(gridOf(45, 5, 144).across, 2);
    assert.equal(gridOf(96, 5, 40).across, 1);
  });

  test("is as high as its rows, or as a line of text", () => {
    assert.equal(heightOf(grid), 100);
    assert.equal(heightOf(gridOf(45, 0, 145)), 18);
  });

  test("knows where a map is, and which is under a point", () => {
    assert.deepEqual(cornerOf(grid, 4), { x: 50, y: 50 });
    assert.deepEqual(placeUnder(grid, { x: 59, y: 68 }), { place: 4, x: 0.2, y: 0.4 });
  });

  test("has nothing between maps, beside them, and behind the last", () => {
    assert.equal(placeUnder(grid, { x: 47, y: 10 }), null);
    assert.equal(placeUnder(grid, { x: 160, y: 10 }), null);
    assert.equal(placeUnder(grid, { x: 110, y: 60 }), null);
  });

  test("is walked over with arrow keys, from the first to the last", () => {
    assert.equal(placeBeside(grid, 1, "ArrowDown"), 4);
    assert.equal(placeBeside(grid, 4, "ArrowRight"), 4);
    assert.equal(placeBeside(grid, 1, "ArrowUp"), 0);
    assert.equal(placeBeside(grid, -1, "ArrowRight"), 0);
    assert.equal(placeBeside(grid, 1, "x"), null);
  });
});

test("maps of which all have room in a row fill it, at most twice as large", () => {
  assert.equal(grownSize(43, 12, 1400), 86);
  assert.equal(grownSize(43, 12, 740), 56);
  assert.equal(grownSize(43, 24, 740), 43, "two rows stay as they are");
  assert.equal(grownSize(43, 0, 740), 86);
});
