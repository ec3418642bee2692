/** Style sheets that are fetched with what they are for. */

import { element } from "./dom.js";

/** @type {Map<string, Promise<unknown>>} */
const sheets = new Map();

/**
 * Lay a style sheet on the page, once.
 *
 * @param {URL} address @returns {Promise<unknown>} when it is there
 */
export function sheet({ href }) {
  const laid =
    sheets.get(href) ??
    new Promise((resolve, reject) => {
      document.head.append(element("link", { rel: "stylesheet", href, onload: resolve, onerror: reject }));
    });
  sheets.set(href, laid);
  return laid;
}
