import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { channelOf, FINE, NewestFrames, stepOf } from "../../../static/run/newest_frames.js";

/** @import { Frame } from "../../../static/types.d.ts" */

/** @param {string} probe @param {number} [resolution] @returns {Frame} */
function pictureOf(probe, resolution) {
  const output = resolution
    ? { shape: [resolution, resolution], data: new Uint8Array(resolution ** 2) }
    : null;
  return { metadata: { probe }, arrays: new Map(output ? [["output", output]] : []) };
}

test("the answer at a fine grid is another picture than the units' of the same probe", () => {
  assert.equal(channelOf(pictureOf("surface", FINE)), "answer");
  assert.equal(channelOf(pictureOf("surface", 40)), "surface");
  assert.equal(channelOf(pictureOf("weights", FINE)), "weights");
  assert.equal(channelOf({ metadata: {}, arrays: new Map() }), "");
});

describe("who shows a picture", () => {
  test("is given the newest at once, and each one after it", () => {
    const pictures = new NewestFrames();
    const [first, second, third] = [pictureOf("weights"), pictureOf("weights"), pictureOf("weights")];
    /** @type {Frame[]} */
    const seen = [];
    pictures.show("weights", first);
    pictures.show("weights", second);
    pictures.listen("weights", (frame) => seen.push(frame));
    pictures.show("weights", third);
    pictures.show("surface", first);
    assert.deepEqual(seen, [second, third]);
    assert.equal(pictures.latest.get("weights"), third);
  });

  test("goes on with the next run's, and sees none of the last one's", () => {
    const pictures = new NewestFrames();
    let [before, after] = [0, 0];
    pictures.listen("weights", () => before++);
    pictures.show("weights", pictureOf("weights"));
    pictures.forget();
    pictures.listen("weights", () => after++);
    assert.deepEqual([before, after], [1, 0]);
    pictures.show("weights", pictureOf("weights"));
    assert.deepEqual([before, after], [2, 1]);
  });
});

test("frames drawn together are of the step that all of them have reached", () => {
  const at = (/** @type {string} */ step) => ({ metadata: { step }, arrays: new Map() });
  assert.equal(stepOf([at("12"), undefined, at("9")]), 9);
  assert.equal(stepOf([undefined]), null);
});
