import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { LEAST_INSPECTOR, LEAST_PAGE, mostOf, placeOn } from "../../../static/page/inspector/placement.js";
import { keyed } from "../../../static/page/panes.js";

describe("the inspector lies", () => {
  test("where it was put, below at first", () => {
    assert.deepEqual(
      [undefined, "right", "full", "below", "above"].map((wished) => placeOn(1440, wished)),
      ["below", "right", "full", "below", "below"],
    );
  });

  test("full where three columns leave it no room, whatever was wished", () => {
    for (const width of [390, 1024, LEAST_PAGE - 1]) assert.equal(placeOn(width, "right"), "full");
    assert.equal(placeOn(LEAST_PAGE, "right"), "right");
  });

  test("beside a network that is left to be seen", () => {
    assert.equal(mostOf("height", 850, 80), 850 - 80 - 250);
    assert.equal(mostOf("height", 200, 80), LEAST_INSPECTOR.height, "and never smaller than its least");
    assert.equal(mostOf("width", 1100, 0), 780);
  });
});

test("keys move a separator by steps, to its ends and back to the usual size", () => {
  const now = /** @type {const} */ ({ size: 300, sign: -1, least: 120, most: 600 });
  assert.deepEqual(
    ["ArrowUp", "ArrowDown", "Home", "End", "Enter", "a", "ArrowLeft"].map((key) => keyed(key, false, now)),
    [316, 284, 120, 600, null, undefined, undefined],
  );
  assert.equal(keyed("ArrowLeft", true, { ...now, sign: 1 }), 284);
});
