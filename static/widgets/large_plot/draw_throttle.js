/** Drawings that take their time: as often as their measured cost allows, and never two at once. */

/** Milliseconds between two drawings, at least. */
const LEAST = 200;

/** A drawing is followed by so many times its own cost, so that it takes a fifth of the time at most. */
const REST = 4;

/** Milliseconds from the end of a drawing to the next. @param {number} cost of it, in milliseconds */
export function restAfter(cost) {
  return Math.max(LEAST, REST * cost);
}

export class DrawThrottle {
  #draw;
  #asked = false;
  #drawing = false;
  #held = false;
  #ended = false;
  /** The next drawing shall not wait for the rest after the one that is being made. */
  #urgent = false;
  #next = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {() => Promise<void>} draw */
  constructor(draw) {
    this.#draw = draw;
  }

  /** Draw when it is time, however often it is asked for. */
  ask() {
    this.#asked = true;
    this.#plan();
  }

  /** Draw as soon as nothing else is drawn: a hand waits. */
  now() {
    this.#urgent = this.#drawing;
    this.#next = -Infinity;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.ask();
  }

  /** While a hand drags, nothing is drawn anew below it. @param {boolean} held */
  hold(held) {
    this.#held = held;
    this.#plan();
  }

  end() {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #plan() {
    if (!this.#asked || this.#drawing || this.#held || this.#ended || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#run(), Math.max(0, this.#next - performance.now()));
  }

  async #run() {
    this.#timer = undefined;
    if (this.#held || this.#ended) return;
    this.#asked = false;
    this.#drawing = true;
    const begun = performance.now();
    try {
      await this.#draw();
    } catch (error) {
      reportError(error); // one drawing that fails is no reason for the next not to be tried
    } finally {
      const ended = performance.now();
      this.#next = this.#urgent ? -Infinity : ended + restAfter(ended - begun);
      this.#urgent = false;
      this.#drawing = false;
      this.#plan();
    }
  }
}
