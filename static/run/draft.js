/**
 * The experiment as the page shows it: changed here first, then on the server, and drawn as the network it
 * describes.
 */

/** @import { Experiment, JsonObject, Located, Run } from "../types.d.ts" */
/** @import { Store } from "../core/store.js" */
/** @import { State } from "./state.js" */

import { describe, describeRun } from "../core/api.js";
import { isEqual } from "../core/json.js";
import { Edits } from "./edits.js";
import { notify } from "./notice.js";
import { refusalOf } from "./refusal.js";

export class Draft {
  #store;
  #request;
  /** @type {Edits | null} */
  #edits = null;
  /** @type {AbortController | null} */
  #describing = null;

  /**
   * @param {Store<State>} store is told of it @param {(command: JsonObject) => Promise<JsonObject>} request
   */
  constructor(store, request) {
    this.#store = store;
    this.#request = request;
  }

  /** Another run. */
  forget() {
    this.#edits = null;
  }

  /** Connected, for the first time or again. @param {Run} run */
  greet({ experiment, revision }) {
    if (!experiment) return; // of a damaged run: there is nothing to draw
    if (this.#edits) this.#edits.rebase(experiment, revision);
    else this.#edits = this.#of(experiment, revision);
    this.#show();
  }

  /** The user has edited. @param {Experiment} experiment @param {number} revision */
  rebase(experiment, revision) {
    this.#edits?.rebase(experiment, revision);
  }

  /** @param {Experiment} after @param {string} [place] for merging steps of undo */
  change(after, place) {
    this.#store.set({ problems: [], refusal: null });
    this.#edits?.change(after, place);
  }

  undo() {
    this.#edits?.undo();
  }

  redo() {
    this.#edits?.redo();
  }

  /**
   * Something besides edits was done, which undo undoes in its turn.
   *
   * @param {{ undo: () => void, redo: () => void }} act
   */
  acted(act) {
    this.#edits?.acted(act);
  }

  /** All edits are answered. */
  async settled() {
    for (
      let round = 0;
      round < 100 && this.#edits && !isEqual(this.#edits.desired, this.#edits.confirmed);
      round++
    ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** @param {Experiment} experiment @param {number} revision */
  #of(experiment, revision) {
    return new Edits(experiment, revision, {
      send: (patch, revision) => this.#request({ type: "edit", revision, patch: /** @type {any} */ (patch) }),
      changed: () => this.#show(),
      refused: (problems, message, wanted) => this.#refused(problems, message, wanted),
      applied: () => this.#store.set({ problems: [], applied: this.#edits?.confirmed ?? null }),
      kept: () => notify(this.#store, "Another user has changed this since. It stays as it is.", "info"),
    });
  }

  /**
   * Said at the field or the node it is about, and else at the edge of the page.
   *
   * @param {Located[]} problems @param {string} message @param {Experiment} wanted
   */
  #refused(problems, message, wanted) {
    this.#store.set({ problems, refusal: refusalOf(problems, wanted) });
    if (!document.querySelector(".field.invalid, .callout:not([hidden])"))
      notify(this.#store, problems[0]?.message ?? message, "error");
  }

  #show() {
    const edits = this.#edits;
    if (!edits) return;
    const before = this.#store.state.experiment;
    this.#store.set({ experiment: edits.desired, canUndo: edits.canUndo, canRedo: edits.canRedo });
    const { network, data, task } = edits.desired;
    const same =
      before && isEqual(before.network, network) && isEqual(before.data, data) && isEqual(before.task, task);
    if (!same || !this.#store.state.description) void this.#describe(edits.desired);
  }

  /** @param {Experiment} experiment */
  async #describe(experiment) {
    this.#describing?.abort();
    const { signal } = (this.#describing = new AbortController());
    try {
      const { run } = this.#store.state;
      this.#store.set({
        description: await (run && !run.control ? describeRun(run.id, signal) : describe(experiment, signal)),
      });
    } catch {
      // The edit itself is refused with the reason; the last good drawing stays.
    }
  }
}
