import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { fitting } from "../../../static/page/inspector/fitting.js";

describe("tabs in one line", () => {
  const widths = [50, 60, 70, 80];

  test("all stand there while they have room, and no button takes any", () => {
    assert.deepEqual(fitting(widths, { all: 260, more: 40 }, 0), [true, true, true, true]);
  });

  test("the first ones do beside the button, without a gap in their order", () => {
    assert.deepEqual(fitting(widths, { all: 259, more: 40 }, 0), [true, true, true, false]);
    assert.deepEqual(fitting([50, 90, 20, 80], { all: 120, more: 40 }, -1), [true, false, false, false]);
  });

  test("the chosen one always does, in the place of the last that would", () => {
    assert.deepEqual(fitting(widths, { all: 259, more: 40 }, 3), [true, true, false, true]);
    assert.deepEqual(fitting(widths, { all: 10, more: 40 }, 2), [false, false, true, false]);
  });

  test("a line without tabs has none", () => {
    assert.deepEqual(fitting([], { all: 100, more: 40 }, -1), []);
  });
});
