/** The ways back from resets and rewinds: checkpoints that they have left, there after a reload too. */

/** @import { Run } from "../types.d.ts" */
/** @import { Checkpoint } from "../core/api.js" */
/** @import { Store } from "../core/store.js" */
/** @import { Changes } from "./changes.js" */
/** @import { Beginning } from "./playback.js" */
/** @import { State } from "./state.js" */
/** @import { Draft } from "./draft.js" */

import { listCheckpoints } from "../core/api.js";
import { texts } from "../core/texts.js";
import { notify } from "./notice.js";

const TEXTS = texts(import.meta.url, {
  gone: "That state is not kept any more.",
});

/**
 * @typedef {object} Host
 * @property {Store<State>} store
 * @property {Changes} changes
 * @property {Pick<Draft, "takenUp" | "untouched" | "beneath">} draft
 * @property {(beginning: Beginning) => void} canGoBack
 */

export class WaysBack {
  #host;

  /** @param {Host} host */
  constructor(host) {
    this.#host = host;
  }

  /** Read what was changed, and offer to take back what was done before the page was loaded. @param {Run} run */
  async read({ id, control, experiment, revision }) {
    const { changes, draft, canGoBack } = this.#host;
    const read = await changes.connected(experiment, revision);
    await draft.takenUp; // the steps that came after these
    const { beginnings } = changes;
    if (!read || !control || beginnings.length === 0 || !draft.untouched) return;
    const kept = new Set((await this.#listed()).map(({ life }) => life));
    if (this.#host.store.state.run?.id !== id || !draft.untouched) return;
    draft.beneath(() => {
      for (const each of beginnings) if (kept.has(each.life - 1)) canGoBack(each);
    });
  }

  /** The checkpoint that was left of a life. @param {number} life @returns {Promise<string | null>} */
  async find(life) {
    const found = (await this.#listed()).find((each) => each.life === life);
    if (!found) notify(this.#host.store, TEXTS.gone, "error");
    return found?.name ?? null;
  }

  /** @returns {Promise<Checkpoint[]>} none where they cannot be listed */
  async #listed() {
    const listed = await listCheckpoints(this.#host.store.state.run?.id ?? "").catch(() => []);
    return listed.filter(({ name }) => /^before_re(set|wind)/.test(name));
  }
}
