/**
 * Paintings of data, together: whatever panels have to paint falls on the same screen frames.
 *
 * A frame on screen costs about as much as what is painted in it, since every canvas of the page takes part in
 * each. Left alone, pictures that arrive one by one would have three frames where one does.
 */

/** Milliseconds from one paint to the next: data comes twenty times a second, and may wait for the next. */
const EVERY = 40;
/** Waiting less than half a screen frame would only miss one. */
const SOON = 8;

/** @type {Set<() => void>} */
const waiting = new Set();
let last = -Infinity;
let asked = false;

/**
 * Call `paint` once at the next paint, however often it is asked for.
 *
 * What follows a hand (dragging, turning) should use `onNextFrame` of `dom.js`, which does not wait.
 *
 * @param {() => void} paint
 * @returns {() => void}
 */
export function onNextPaint(paint) {
  return () => {
    waiting.add(paint);
    if (asked) return;
    asked = true;
    const wait = last + EVERY - performance.now();
    if (wait > SOON) setTimeout(ask, wait);
    else ask();
  };
}

function ask() {
  requestAnimationFrame((now) => {
    asked = false;
    last = now;
    const paintings = [...waiting];
    waiting.clear();
    for (const paint of paintings) {
      try {
        paint();
      } catch (error) {
        reportError(error); // one painting that fails is no reason for the others to stop
      }
    }
  });
}
