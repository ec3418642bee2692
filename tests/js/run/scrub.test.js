import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { Scrub } from "../../../static/run/scrub.js";
import { settled } from "../support.js";

/** @import { Frame } from "../../../static/types.d.ts" */

/** @type {string[]} */
let shown;
/** @type {string[]} */
let asked;
/** Steps with a recorded frame of the present life. @type {number[]} */
let recorded;
/** @type {Scrub} */
let scrub;

/** @param {string} key @param {number} step @param {number} [life] @returns {Frame} */
const frame = (key, step, life = 0) => ({
  metadata: { key, step: String(step), life: String(life) },
  arrays: new Map(),
});

beforeEach(() => {
  [shown, asked, recorded] = [[], [], [0, 100, 200, 300]];
  scrub = new Scrub({
    fetch: async (key, step) => {
      asked.push(`${key}@${step}`);
      const found = recorded.find((each) => each >= step);
      return found === undefined ? null : frame(key, found);
    },
    show: (channel, { metadata }) => shown.push(`${channel} ${metadata["step"]}`),
    changed: () => {},
  });
  scrub.take("surface", frame("k1", 340));
  shown = [];
});

describe("a step that is chosen", () => {
  test("is shown in the place of what is live, which waits", async () => {
    scrub.at(150);
    await settled();
    scrub.take("surface", frame("k1", 350));
    assert.deepEqual([shown, asked, scrub.shown], [["surface 200"], ["k1@150"], 200]);
    scrub.at(null);
    assert.deepEqual([shown.at(-1), scrub.step, scrub.shown], ["surface 350", null, null]);
    scrub.take("surface", frame("k1", 360));
    assert.equal(shown.at(-1), "surface 360");
  });

  test("is asked for one at a time, however the hand moves, and the last one is shown", async () => {
    for (const step of [10, 120, 220]) scrub.at(step);
    await settled();
    assert.deepEqual(asked, ["k1@10", "k1@220"]);
    assert.equal(shown.at(-1), "surface 300");
  });

  test("is fetched once", async () => {
    for (const step of [150, 10, 160]) {
      scrub.at(step);
      await settled();
    }
    assert.deepEqual([asked, shown.at(-1)], [["k1@150", "k1@10"], "surface 200"]);
  });

  test("after the last recorded one is the live one", async () => {
    scrub.at(320);
    await settled();
    assert.deepEqual(shown, ["surface 340"]);
  });

  test("is that of this life: what another has recorded is not shown", async () => {
    scrub.take("surface", frame("k1", 40, 1));
    shown = [];
    scrub.at(10);
    await settled();
    assert.deepEqual(shown, ["surface 40"]);
  });

  test("is shown of pictures that are opened later", async () => {
    scrub.at(150);
    await settled();
    scrub.take("maps", frame("k2", 350));
    await settled();
    assert.deepEqual([shown.at(-1), asked.at(-1)], ["maps 200", "k2@150"]);
  });
});

test("another run begins live, and knows nothing of the one before", async () => {
  scrub.at(150);
  await settled();
  scrub.forget();
  assert.equal(scrub.step, null);
  shown = [];
  scrub.at(10);
  await settled();
  assert.deepEqual(shown, []);
});
