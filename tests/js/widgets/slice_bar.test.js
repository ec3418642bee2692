/** The bar of slices: what it says, and its clock. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Store } from "../../../static/core/store.js";
import { sliceBar } from "../../../static/widgets/slice_bar.js";
import { event, withElements } from "../elements.js";

/** @import { TestContext } from "node:test" */

const CLIP = { input: { shape: [1, 8, 16, 16] } };
const PICTURE = { input: { shape: [1, 16, 16] } };

/**
 * The parts of a bar, the page's state, and the clocks that were started.
 *
 * @param {TestContext} context @param {object} description
 */
function barOf(context, description) {
  withElements(context);
  context.mock.timers.enable({ apis: ["setInterval"] });
  const clocks = context.mock.method(globalThis, "setInterval");
  context.mock.method(globalThis, "fetch", () => new Promise(() => {}));
  const store = new Store(/** @type {any} */ ({ description, experiment: null, depth: 0.3, playing: false }));
  const run = {
    store,
    get state() {
      return store.state;
    },
  };
  const bar = sliceBar(/** @type {any} */ (run));
  const [, slider, words] = /** @type {any[]} */ (/** @type {unknown} */ (bar.children));
  return { store, slider, words, clocks };
}

test("the slider counts as its words do, which are no live region", (context) => {
  const { store, slider, words } = barOf(context, CLIP);
  assert.equal(words.localName, "span");
  assert.deepEqual([slider.min, slider.max, slider.value], ["1", "8", "3"]);
  assert.equal(words.textContent, "3 of 8");
  assert.equal(slider.getAttribute("aria-valuetext"), "3 of 8");
  slider.value = "8";
  slider.dispatchEvent(event("input"));
  assert.equal(store.state.depth, 7.5 / 8);
  assert.equal(slider.getAttribute("aria-valuetext"), "8 of 8");
});

test("the clock runs while slices play, and not for what has none", (context) => {
  const { store, words, clocks } = barOf(context, PICTURE);
  store.set({ playing: true });
  assert.equal(clocks.mock.callCount(), 0);
  store.set({ description: CLIP });
  assert.equal(clocks.mock.callCount(), 1);
  context.mock.timers.tick(320);
  assert.equal(words.textContent, "5 of 8");
  store.set({ playing: false });
  context.mock.timers.tick(640);
  assert.equal(words.textContent, "5 of 8");
});
