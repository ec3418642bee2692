import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";

/** A screen whose frames come when the test says so. */
class Screen {
  now = 1000;
  /** @type {((now: number) => void)[]} */
  asked = [];

  frame() {
    const asked = this.asked;
    this.asked = [];
    for (const each of asked) each(this.now);
  }

  /** @param {number} milliseconds */
  pass(milliseconds) {
    this.now += milliseconds;
    mock.timers.tick(milliseconds);
  }
}

/** @type {Screen} */
let screen;
/** @type {unknown[]} */
let reported;
/** @type {typeof import("../../static/core/paint_scheduler.js").onNextPaint} */
let onNextPaint;
let copies = 0;

beforeEach(async () => {
  screen = new Screen();
  reported = [];
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(performance, "now", () => screen.now);
  Object.assign(globalThis, {
    requestAnimationFrame: (/** @type {(now: number) => void} */ paint) => screen.asked.push(paint),
    reportError: (/** @type {unknown} */ error) => reported.push(error),
  });
  // Each test has a screen of its own.
  ({ onNextPaint } = await import(`../../static/core/paint_scheduler.js?${++copies}`));
});

afterEach(() => mock.reset());

describe("painting data together", () => {
  test("the first waits for no more than the next frame on screen", () => {
    const paint = mock.fn();
    onNextPaint(paint)();
    assert.equal(paint.mock.callCount(), 0);
    screen.frame();
    assert.equal(paint.mock.callCount(), 1);
  });

  test("whoever asks several times is called once", () => {
    const paint = mock.fn();
    const soon = onNextPaint(paint);
    soon();
    soon();
    screen.frame();
    assert.equal(paint.mock.callCount(), 1);
  });

  test("several that ask at different times between two paints share a frame", () => {
    const [first, second] = [mock.fn(), mock.fn()];
    onNextPaint(() => {})();
    screen.frame();
    screen.pass(10);
    onNextPaint(first)();
    screen.pass(10);
    onNextPaint(second)();
    assert.equal(screen.asked.length, 0, "neither asks for a frame before the paint");
    screen.pass(20);
    screen.frame();
    assert.deepEqual([first.mock.callCount(), second.mock.callCount()], [1, 1]);
  });

  test("one that fails is reported, and the others paint", () => {
    const paint = mock.fn();
    const error = new Error("no such canvas");
    onNextPaint(() => {
      throw error;
    })();
    onNextPaint(paint)();
    screen.frame();
    assert.deepEqual(reported, [error]);
    assert.equal(paint.mock.callCount(), 1);
  });

  test("asking while painting comes with the paint after", () => {
    let times = 0;
    const soon = onNextPaint(() => {
      times += 1;
      if (times < 3) soon();
    });
    soon();
    screen.frame();
    assert.equal(times, 1);
    screen.frame();
    assert.equal(times, 1);
    screen.pass(40);
    screen.frame();
    assert.equal(times, 2);
  });
});
