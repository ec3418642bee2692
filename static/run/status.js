/**
 * How the run stands: the server's last word, and over it what commands that are under way are about to
 * change.
 */

/** @import { JsonObject, Run, Status } from "../types.d.ts" */

export class OptimisticStatus {
  #changed;
  /** The server's last word. @type {Status | null} */
  heard = null;
  /** In the order of the commands. @type {Set<Partial<Status>>} */
  #expected = new Set();

  /** @param {(status: Status) => void} changed called with what is to be shown */
  constructor(changed) {
    this.#changed = changed;
  }

  /** @param {Status} status */
  hear(status) {
    this.heard = status;
    this.#show();
  }

  /** A command that should change this is under way. @param {Partial<Status>} change */
  expect(change) {
    this.#expected.add(change);
    this.#show();
  }

  /**
   * It was refused, or the server's own word counts again.
   *
   * @param {Partial<Status>} change the object that was expected
   */
  withdraw(change) {
    this.#expected.delete(change);
    this.#show();
  }

  /** Another run. */
  forget() {
    this.heard = null;
    this.#expected.clear();
  }

  #show() {
    const heard = this.heard;
    if (!heard) return;
    // No command mends a failed run at once: that it failed is never hidden behind a hope.
    const hopes = heard.state === "failed" ? [] : [...this.#expected];
    this.#changed(Object.assign({}, heard, ...hopes));
  }
}

/**
 * The run with the title that a status has, which an edit or another viewer may have changed.
 *
 * @param {Run} run @param {JsonObject} status @returns {Run} the same one where nothing differs
 */
export function renamed(run, { title = run.title, named = run.named, example = run.example }) {
  if (title === run.title && named === run.named && example === run.example) return run;
  return { ...run, title: String(title), named: Boolean(named), example: Boolean(example) };
}
