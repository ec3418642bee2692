import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { keepWork, keptWork, leadingTo } from "../../../static/run/kept_work.js";
import { Steps } from "../../../static/run/steps.js";

/** @import { Experiment } from "../../../static/types.d.ts" */

/** @type {Map<string, string>} */
let window;
beforeEach(() => {
  window = new Map();
  Object.defineProperty(globalThis, "sessionStorage", {
    configurable: true,
    value: {
      getItem: (/** @type {string} */ name) => window.get(name) ?? null,
      setItem: (/** @type {string} */ name, /** @type {string} */ value) => void window.set(name, value),
    },
  });
});

/** Experiments that follow each other. */
const [A, B, C] = /** @type {[Experiment, Experiment, Experiment]} */ (
  /** @type {unknown} */ ([{ title: "a" }, { title: "b" }, { title: "c" }])
);
const RESET = { name: "reset", undo: () => null, redo: () => null };
const place = { selected: "tanh1", unit: 2 };

describe("the work on a run", () => {
  test("is there for the next page of the window: steps in their order, and the open unit", () => {
    const steps = new Steps();
    steps.remember({ name: "one", before: A, after: B });
    steps.future.push({ name: "two", before: B, after: C });
    keepWork("r1", { steps, ...place });
    const { past, future } = steps;
    assert.deepEqual(keptWork("r1"), { steps: { past, future }, ...place });
    assert.equal(keptWork("r2"), null);
  });

  test("writes an experiment once, and begins after the last act, whose ways back are the page's", () => {
    const steps = new Steps();
    for (const step of [{ name: "one", before: A, after: B }, RESET, { name: "two", before: B, after: C }])
      steps.remember(step);
    keepWork("r1", { steps, ...place });
    assert.deepEqual(keptWork("r1")?.steps.past, [{ name: "two", before: B, after: C }]);
    assert.equal([...window.values()].join().split('"title"').length - 1, 2);
  });

  test("is kept of the newest runs, and of each its newest steps", () => {
    const steps = new Steps();
    for (let count = 0; count < 100; count++) steps.remember({ name: String(count), before: A, after: B });
    for (let run = 0; run < 20; run++) keepWork(`r${run}`, { steps, ...place });
    keepWork("r15", { steps, ...place, unit: 5 });
    assert.deepEqual([keptWork("r0"), keptWork("r15")?.unit], [null, 5]);
    assert.equal(keptWork("r19")?.steps.past.length, 40);
    assert.equal(keptWork("r19")?.steps.past.at(-1)?.name, "99");
  });
});

test("steps that do not lead to what the server has are left out: it never heard of them, or another was first", () => {
  const one = { name: "one", before: A, after: B };
  const two = { name: "two", before: B, after: C };
  const [b, c] = [structuredClone(B), structuredClone(C)];
  assert.deepEqual(leadingTo({ past: [one, two], future: [] }, c), { past: [one, two], future: [] });
  assert.deepEqual(leadingTo({ past: [one, two], future: [] }, b), { past: [one], future: [] });
  assert.deepEqual(leadingTo({ past: [one], future: [two] }, b), { past: [one], future: [two] });
  assert.deepEqual(leadingTo({ past: [one], future: [two] }, c), { past: [], future: [] });
});

test("what came before the page stands beneath the steps that it began with", () => {
  const steps = new Steps();
  steps.past.push({ name: "two", before: A, after: B });
  steps.future.push({ name: "three", before: B, after: C });
  assert.equal(steps.open, true);
  steps.beneath(() => steps.remember(RESET));
  assert.deepEqual(
    [...steps.past, ...steps.future].map(({ name }) => name),
    ["reset", "two", "three"],
  );
  assert.equal(steps.open, false);
});
