/**
 * What the user commands besides edits: done at once on the page where it is sure to be done, taken back with the
 * reason where it is refused or the server is away; what can be undone is remembered.
 */

/** @import { JsonObject, Status } from "../types.d.ts" */
/** @import { Name } from "../core/api.js" */
/** @import { Store } from "../core/store.js" */
/** @import { State } from "./state.js" */
/** @import { OptimisticStatus } from "./status.js" */
/** @import { Act } from "./steps.js" */

import { renameRun } from "../core/api.js";
import { texts } from "../core/texts.js";
import { weightWords } from "./change_words.js";
import { explain, notify } from "./notice.js";

const TEXTS = texts(import.meta.url, {
  runWaitsTurn: "The run waits for its turn; this is done then.",
  titleFollowsData: "title that follows the data",
});

/** @typedef {{ node: string, parameter?: string, index: number[] }} WeightPlace */

/**
 * Milliseconds after a command's answer until the server's own word counts again: it comes four times a
 * second.
 */
const SETTLED_AFTER = 400;

const WORDS = {
  queued: TEXTS.runWaitsTurn,
  title: (/** @type {string} */ title) => (title ? `title “${title}”` : TEXTS.titleFollowsData),
};

export class Commands {
  #store;
  #status;
  #request;
  #acted;

  /**
   * @param {{ store: Store<State>, status: OptimisticStatus, request: (command: JsonObject) =>
   * Promise<JsonObject>, acted: (act: Act) => void }} parts `acted` remembers what can be undone
   */
  constructor({ store, status, request, acted }) {
    this.#store = store;
    this.#status = status;
    this.#request = request;
    this.#acted = acted;
  }

  /**
   * Command the run; what it is expected to do is shown at once, and taken back where it is refused.
   *
   * @param {JsonObject} command @param {Partial<Status>} [expected]
   * @returns {Promise<JsonObject | null>} the answer; null where it was refused
   */
  async command(command, expected = {}) {
    this.#status.expect(expected);
    try {
      const answer = await this.#request(command);
      if (answer["queued"]) {
        this.#status.withdraw(expected);
        this.#tellQueued(command);
        return answer;
      }
      // What the server says of it may come a moment after the answer.
      setTimeout(() => this.#status.withdraw(expected), SETTLED_AFTER);
      return answer;
    } catch (error) {
      this.#status.withdraw(expected);
      explain(this.#store, error);
      return null;
    }
  }

  /**
   * A command that is carried out later; of one that makes the run train, its state tells.
   *
   * @param {JsonObject} command
   */
  #tellQueued({ type }) {
    if (type !== "play" && type !== "step") notify(this.#store, WORDS.queued, "info");
  }

  /**
   * Set one weight by hand.
   *
   * @param {WeightPlace & { value: number }} weight
   * @returns {Promise<{ before: number | null } | null>} what it was before, null where it is set later; null
   * where it was refused
   */
  async setWeight(weight) {
    const answer = await this.command({ type: "weight", ...weight });
    return answer && { before: answer["queued"] ? null : Number(answer["before"]) };
  }

  /**
   * A hand has set a weight, and let go.
   *
   * @param {WeightPlace} place @param {number} before @param {number} after
   */
  weightSet(place, before, after) {
    const to = (/** @type {number} */ value) => async () =>
      (await this.setWeight({ ...place, value })) !== null;
    const { long } = weightWords({ ...place, value: after });
    this.#acted({ name: long, undo: to(before), redo: to(after) });
  }

  /** @param {string} title a name; empty: the title follows the experiment again */
  async rename(title) {
    const { run } = this.#store.state;
    const after = { title, named: title !== "" };
    if (!run || title === run.title || (!run.named && !after.named)) return;
    const before = { title: run.title, named: run.named };
    const to = (/** @type {Name} */ name) => () => this.#setTitle(name);
    const done = this.#setTitle(after);
    this.#acted({ name: WORDS.title(title), done, undo: to(before), redo: to(after) });
    await done;
  }

  /** @param {Name} name @returns {Promise<boolean>} whether it is the title now */
  async #setTitle(name) {
    const { run } = this.#store.state;
    if (!run) return false;
    const before = { title: run.title, named: run.named };
    if (name.title) this.#store.set({ run: { ...run, ...name } });
    try {
      const { title, named } = await renameRun(run.id, name);
      const now = this.#store.state.run;
      if (now?.id === run.id) this.#store.set({ run: { ...now, title, named } });
      return true;
    } catch (error) {
      const now = this.#store.state.run;
      if (now?.id === run.id) this.#store.set({ run: { ...now, ...before } });
      explain(this.#store, error);
      return false;
    }
  }
}
