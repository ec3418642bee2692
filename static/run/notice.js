/** Words at the edge of the page: what was done, and why something was not. */

/** @import { Tone } from "../core/notices.js" */
/** @import { Store } from "../core/store.js" */
/** @import { State } from "./state.js" */

import { Disconnected, Refused } from "../core/live.js";
import { withNotice } from "../core/notices.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  away: "Not connected: nothing was changed. It will work again when the server is back.",
  lost: [
    "The connection was lost before the answer came. When it is back, the page shows whether it was",
    "done.",
  ],
});

/**
 * Say something beside what was said before; the same again, or about the same, takes its place.
 *
 * @param {Store<State>} store @param {string} text @param {Tone} tone @param {string} [about] the text itself where
 * left out
 */
export function notify(store, text, tone, about = text) {
  store.set({ notices: withNotice(store.state.notices, { text, tone, about }) });
}

/**
 * Why a command did not do what it should; any other error is a fault of ours, and thrown on.
 *
 * @param {Store<State>} store @param {unknown} error
 */
export function explain(store, error) {
  if (error instanceof Disconnected) notify(store, error.sent ? TEXTS.lost : TEXTS.away, "error");
  else if (error instanceof Refused) notify(store, error.problems[0]?.message ?? error.message, "error");
  else throw error;
}
