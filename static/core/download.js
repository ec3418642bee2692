/** Files that a script makes, saved by the browser. */

import { element } from "./dom.js";

/** Milliseconds until the browser has surely begun to read what it saves. */
const KEPT = 10_000;

/** @param {Blob} blob @param {string} name of the file */
export function download(blob, name) {
  const address = URL.createObjectURL(blob);
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT);
}
