/** Words at the edge of the page: what was done, and why something was not. */

/** @import { Store } from "../core/store.js" */
/** @import { State } from "./state.js" */

import { Disconnected, Refused } from "../core/live.js";

/** @param {Store<State>} store @param {string} text @param {"info" | "error"} tone */
export function notify(store, text, tone) {
  store.set({ notice: { text, tone, at: Date.now() } });
}

/**
 * Why a command did not do what it should; any other error is a fault of ours, and thrown on.
 *
 * @param {Store<State>} store @param {unknown} error
 */
export function explain(store, error) {
  if (error instanceof Disconnected)
    notify(store, "Not connected: this will work again in a moment", "error");
  else if (error instanceof Refused) notify(store, error.problems[0]?.message ?? error.message, "error");
  else throw error;
}
