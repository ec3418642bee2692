import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { DrawThrottle, restAfter } from "../../../static/widgets/large_plot/draw_throttle.js";
import { farther, shifted, stretched, turned } from "../../../static/widgets/large_plot/moves.js";
import { fileName } from "../../../static/widgets/large_plot/takeaway.js";

test("a dear drawing is followed by a long rest, a cheap one by a short", () => {
  assert.equal(restAfter(5), 200);
  assert.equal(restAfter(300), 1200);
});

describe("drawings that take their time", () => {
  /** A throttle whose drawings end when they are told to. */
  function throttled() {
    /** @type {(() => void)[]} */
    const ends = [];
    /** @type {(() => void) | null} */
    let begun = null;
    const throttle = new DrawThrottle(() => {
      begun?.();
      return new Promise((resolve) => void ends.push(resolve));
    });
    const drawing = () => new Promise((resolve) => (begun = () => resolve(null)));
    return { throttle, ends, drawing };
  }

  test("are never two at once: what is asked for meanwhile is drawn once, afterwards", async () => {
    const { throttle, ends, drawing } = throttled();
    const first = drawing();
    throttle.ask();
    await first;
    const second = drawing();
    for (let asked = 0; asked < 5; asked++) throttle.ask();
    assert.equal(ends.length, 1);
    ends[0]?.();
    await second;
    assert.equal(ends.length, 2);
    throttle.end();
  });

  test("what shall be seen at once does not wait for the rest after a dear drawing", async (context) => {
    let now = 0;
    context.mock.method(performance, "now", () => now);
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const { throttle, ends, drawing } = throttled();
    const first = drawing();
    throttle.ask();
    context.mock.timers.tick(0);
    await first;
    throttle.now();
    now = 30_000;
    ends[0]?.();
    await new Promise((resolve) => setImmediate(resolve));
    context.mock.timers.tick(0);
    assert.equal(ends.length, 2);
    throttle.end();
  });

  test("wait while a hand drags", async () => {
    const { throttle, ends, drawing } = throttled();
    const first = drawing();
    throttle.hold(true);
    throttle.now();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(ends.length, 0);
    throttle.hold(false);
    await first;
    assert.equal(ends.length, 1);
    throttle.end();
  });
});

describe("moves", () => {
  test("shift and stretch a range", () => {
    assert.deepEqual(shifted([0, 10], 0.1), [1, 11]);
    assert.deepEqual(stretched([0, 10], 2), [-5, 15]);
  });

  test("turn a camera about what it looks at, at the same distance, and never over the top", () => {
    const camera = { eye: { x: 3, y: 0, z: 1 }, center: { x: 0, y: 0, z: 1 } };
    const { eye } = turned(camera, Math.PI / 2, 0);
    assert.ok(Math.hypot(eye.x, eye.y - 3, eye.z - 1) < 1e-9);
    const above = turned(camera, 0, 10).eye;
    assert.ok(above.z < 4 && above.z > 3.9 && above.x > 0);
  });

  test("bring a camera nearer, within limits", () => {
    const camera = { eye: { x: 2, y: 0, z: 0 } };
    assert.deepEqual(farther(camera, 0.5).eye, { x: 1, y: 0, z: 0 });
    assert.equal(farther(camera, 1e9).eye.x, 6);
    assert.equal(farther(camera, 1e-9).eye.x, 0.3);
  });
});

test("a file is called by the run and the plot, in letters of any script", () => {
  assert.equal(fileName("Spiral, three tanh layers", "Loss"), "spiral-three-tanh-layers-loss");
  assert.equal(fileName("../Ζεύς", "Verlust"), "ζεύς-verlust");
  assert.equal(fileName("", ""), "plot");
});
