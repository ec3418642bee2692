/** What is said to screen readers: one polite region, a few sentences at a time, never a stream of them. */

/** Milliseconds after a change until it is said: what changes again meanwhile is said once, as it is then. */
export const SETTLE = 400;
/** Milliseconds between two announcements, in which the first can be heard. */
export const GAP = 1500;
/** Milliseconds until a move is said that the user makes: a key held down goes on within them. */
export const MOVE = 150;

/**
 * @typedef {object} Surroundings what a page has and a test stands in for
 * @property {(message: string) => void} write
 * @property {() => number} now milliseconds
 * @property {(act: () => void, wait: number) => void} later
 */

/** Sentences by what they are about; the newest about a thing takes the place of one that still waits. */
export class Announcer {
  /** @type {Map<string, () => string | null>} */
  #waiting = new Map();
  /** The turn to speak that comes next. @type {object | null} */
  #turn = null;
  #last = -Infinity;
  #around;

  /** @param {Surroundings} around */
  constructor(around) {
    this.#around = around;
  }

  /**
   * @param {string} topic @param {() => string | null} message asked for when it is its turn, so that it says
   * how things stand; null where nothing is to be said after all
   */
  say(topic, message) {
    this.#waiting.set(topic, message);
    if (!this.#turn) this.#speakAfter(Math.max(SETTLE, this.#last + GAP - this.#around.now()));
  }

  /**
   * Say where a move of the user has led: at once, without a wait for what was said before, and only where the
   * last of several quick ones has.
   *
   * @param {string} topic @param {() => string | null} message as of `say`
   */
  follow(topic, message) {
    this.#waiting.delete(topic);
    this.#waiting.set(topic, message);
    this.#speakAfter(MOVE);
  }

  /** Have the next turn then; one that was to come is taken no more. @param {number} wait milliseconds */
  #speakAfter(wait) {
    const turn = (this.#turn = {});
    this.#around.later(() => this.#turn === turn && this.#speak(), wait);
  }

  #speak() {
    const sentences = [...this.#waiting.values()]
      .map((message) => message())
      .filter((message) => message !== null);
    this.#waiting.clear();
    this.#turn = null;
    if (sentences.length === 0) return;
    this.#last = this.#around.now();
    this.#around.write(sentences.join(" "));
  }
}

/** The page's region for announcements; the same message again is a change, too. @param {string} message */
function write(message) {
  const region = document.getElementById("announcer");
  if (region) region.textContent = region.textContent === message ? `${message}\u00A0` : message;
}

const page = new Announcer({
  write,
  now: () => performance.now(),
  later: (act, wait) => void setTimeout(act, wait),
});

/** @param {string} topic @param {string | (() => string | null)} message */
export function announce(topic, message) {
  page.say(topic, typeof message === "string" ? () => message : message);
}

/** @param {string} topic @param {() => string | null} message where a move of the user has led */
export function announceMove(topic, message) {
  page.follow(topic, message);
}
