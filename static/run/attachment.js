/** Attached to one run at a time, by a connection that comes back until the run is gone. */

/** @import { Frame, JsonObject, Run } from "../types.d.ts" */
/** @import { Store } from "../core/store.js" */
/** @import { State } from "./state.js" */

import { getRun, liveAddress } from "../core/api.js";
import { Disconnected, Live, Refused } from "../core/live.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  notConnected: "not connected",
});

/**
 * @typedef {object} Listener
 * @property {(run: Run) => void} hello connected, for the first time or again
 * @property {(frame: Frame) => void} frame
 * @property {(message: JsonObject) => void} message
 * @property {() => void} lost
 */

/** Answers over HTTP after which a run is not to be had: no token, no right, no run. */
const ENDED_BY = new Set([401, 403, 404]);

export class Attachment {
  #store;
  #listener;
  /** @type {Live | null} */
  #live = null;
  #ended = new AbortController();

  /** @param {Store<State>} store is told of the connection @param {Listener} listener */
  constructor(store, listener) {
    this.#store = store;
    this.#listener = listener;
  }

  /** Ends what is asked of the run over HTTP, once it is left or gone: nothing answers it then. */
  get signal() {
    return this.#ended.signal;
  }

  /** @param {string} id of a run, after the one before is closed */
  open(id) {
    const { hello, frame, message, lost } = this.#listener;
    const live = new Live(liveAddress(id), {
      hello,
      frame,
      message,
      connection: (connection, refused) => {
        if (refused) void this.#askWhetherGone(id, live);
        if (connection === "lost") lost();
        if (connection === "gone") this.#ended.abort();
        const lostAt = connection === "open" ? null : (this.#store.state.lostAt ?? Date.now());
        this.#store.set({ connection, lostAt });
      },
    });
    this.#live = live;
  }

  close() {
    this.#live?.close();
    this.#live = null;
    this.#ended.abort();
    this.#ended = new AbortController();
  }

  /**
   * @param {JsonObject} command @returns {Promise<JsonObject>} the answer; rejected with Refused or
   * Disconnected
   */
  request(command) {
    return this.#live?.request(command) ?? Promise.reject(new Disconnected(TEXTS.notConnected));
  }

  /**
   * A refused connection says not why: the run may be deleted, the token wrong, or the server down.
   *
   * @param {string} id @param {Live} live
   */
  async #askWhetherGone(id, live) {
    try {
      await getRun(id);
    } catch (error) {
      const status = error instanceof Refused ? Number(error.answer["status"]) : 0;
      if (!ENDED_BY.has(status) || this.#live !== live) return; // down, or busy: it is tried again
      live.close();
      this.#ended.abort();
      this.#store.set({ connection: "gone" });
    }
  }
}
