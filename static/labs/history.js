/** What was set before, and what was undone. */

const MOST = 100;

/** @template T */
export class History {
  /** @type {T[]} */
  #past = [];
  /** @type {T[]} */
  #future = [];

  /** Something else is about to be set. @param {T} before */
  keep(before) {
    this.#past.push(before);
    if (this.#past.length > MOST) this.#past.shift();
    this.#future = [];
  }

  /** @param {T} now @returns {T | undefined} what was before */
  undo(now) {
    return step(this.#past, this.#future, now);
  }

  /** @param {T} now @returns {T | undefined} what was undone last */
  redo(now) {
    return step(this.#future, this.#past, now);
  }
}

/** @template T @param {T[]} from @param {T[]} to @param {T} now @returns {T | undefined} */
function step(from, to, now) {
  const found = from.pop();
  if (found !== undefined) to.push(now);
  return found;
}
