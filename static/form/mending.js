/** A problem in words, with the button of the one change that mends it. */

/** @import { Located } from "../types.d.ts" */

import { element } from "../core/dom.js";

/**
 * What is said of a problem: its message, and a button where one change mends it and this viewer may change anything.
 *
 * @param {Located} problem @param {string} [words] than the problem's own
 * @returns {(string | HTMLElement)[]}
 */
export function saidOf({ message, remedy, mend }, words = message) {
  if (!remedy || !mend) return [words];
  return [
    words,
    " ",
    element("button", { type: "button", class: "mend needs-control", onclick: mend }, remedy.label),
  ];
}
