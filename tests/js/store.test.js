import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Store } from "../../static/core/store.js";

/** @param {{ a: number, b: number }} [initial] */
const storeOf = (initial = { a: 1, b: 2 }) => new Store(initial);

describe("watching a part of the state", () => {
  test("calls back at once with what is there", () => {
    /** @type {number[]} */
    const seen = [];
    storeOf().watch(
      (state) => state.b,
      (value) => seen.push(value),
    );
    assert.deepEqual(seen, [2]);
  });

  test("calls back before `set` returns, with the part alone", () => {
    const store = storeOf();
    /** @type {number[]} */
    const seen = [];
    store.watch(
      (state) => state.a,
      (value) => seen.push(value),
    );
    store.set({ a: 5 });
    assert.deepEqual(seen, [1, 5]);
  });

  test("stays silent while other parts change, or the same value is set again", () => {
    const store = storeOf();
    /** @type {number[]} */
    const seen = [];
    store.watch(
      (state) => state.a,
      (value) => seen.push(value),
    );
    store.set({ b: 9 });
    store.set({ a: 1 });
    assert.deepEqual(seen, [1]);
    assert.deepEqual(store.state, { a: 1, b: 9 });
  });

  test("takes NaN for what it was", () => {
    const store = storeOf({ a: NaN, b: 0 });
    let calls = 0;
    store.watch(
      (state) => state.a,
      () => calls++,
    );
    store.set({ a: NaN });
    assert.equal(calls, 1);
  });

  test("leaves the earlier state as it was", () => {
    const store = storeOf();
    const earlier = store.state;
    store.set({ a: 3 });
    assert.deepEqual(earlier, { a: 1, b: 2 });
  });
});

describe("watchers that change the state themselves", () => {
  test("bring every watcher to the last value, whichever came first", () => {
    const store = storeOf({ a: 0, b: 0 });
    /** @type {number[]} */
    const sums = [];
    store.watch(
      (state) => state.a + state.b,
      (sum) => sums.push(sum),
    );
    store.watch(
      (state) => state.a,
      (a) => store.set({ b: a * 10 }),
    );
    store.set({ a: 1 });
    assert.equal(store.state.b, 10);
    assert.equal(sums.at(-1), 11);
  });

  test("never nest: one callback ends before the next begins", () => {
    const store = storeOf({ a: 0, b: 0 });
    let depth = 0;
    let deepest = 0;
    for (let count = 0; count < 3; count++) {
      store.watch(
        (state) => state.a,
        (a) => {
          deepest = Math.max(deepest, ++depth);
          if (a > 0 && a < 5) store.set({ a: a + 1 });
          depth--;
        },
      );
    }
    store.set({ a: 1 });
    assert.equal(store.state.a, 5);
    assert.equal(deepest, 1);
  });

  test("may fail without silencing the store for good", () => {
    const store = storeOf();
    /** @type {number[]} */
    const seen = [];
    store.watch(
      (state) => state.a,
      (a) => {
        if (a === 2) throw new Error("a watcher's mistake");
        seen.push(a);
      },
    );
    assert.throws(() => store.set({ a: 2 }), /a watcher's mistake/);
    store.set({ a: 3 });
    assert.deepEqual(seen, [1, 3]);
  });
});

describe("a watch that is over", () => {
  test("is not called any more", () => {
    const store = storeOf();
    const over = new AbortController();
    /** @type {number[]} */
    const seen = [];
    store.watch(
      (state) => state.a,
      (a) => seen.push(a),
      over.signal,
    );
    store.set({ a: 2 });
    over.abort();
    store.set({ a: 3 });
    assert.deepEqual(seen, [1, 2]);
  });

  test("is not called once another watcher has ended it, in the same round either", () => {
    const store = storeOf();
    const over = new AbortController();
    store.watch(
      (state) => state.a,
      (a) => {
        if (a === 2) over.abort();
      },
    );
    /** @type {number[]} */
    const seen = [];
    store.watch(
      (state) => state.a,
      (a) => seen.push(a),
      over.signal,
    );
    store.set({ a: 2 });
    assert.deepEqual(seen, [1]);
  });

  test("never begins where the signal was aborted before", () => {
    let calls = 0;
    storeOf().watch(
      (state) => state.a,
      () => calls++,
      AbortSignal.abort(),
    );
    assert.equal(calls, 0);
  });
});
