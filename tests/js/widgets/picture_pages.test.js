import assert from "node:assert/strict";
import { test } from "node:test";

import { isAnswer, placesOf, turned } from "../../../static/widgets/picture_pages/model.js";

test("a page has the positions from its first on, and begins again after the last", () => {
  assert.deepEqual(placesOf(6, 240), [6, 7, 8, 9, 10, 11]);
  assert.deepEqual(placesOf(8, 10), [8, 9, 0, 1, 2, 3]);
  assert.deepEqual(placesOf(0, 4), [0, 1, 2, 3]);
});

test("turning goes round the set, either way", () => {
  assert.equal(turned(0, 1, 240), 6);
  assert.equal(turned(0, -1, 240), 234);
  assert.equal(turned(234, 1, 240), 0);
});

test("a frame of another page, set or probe of a second panel is no answer", () => {
  const wanted = { kind: "pixel_classes", set: "test", samples: [0, 1], hz: 5 };
  assert.ok(isAnswer({ ...wanted, hz: 2 }, wanted));
  assert.ok(!isAnswer({ ...wanted, samples: [6, 7] }, wanted));
  assert.ok(!isAnswer({ ...wanted, set: "train" }, wanted));
  assert.ok(!isAnswer({ ...wanted, kind: "found_boxes" }, wanted));
  assert.ok(!isAnswer({}, wanted));
});
