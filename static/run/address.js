/** The addresses of the runs that a page shows, one after the other, in the history of its window. */

import { at } from "../core/address.js";

/**
 * Go to a run's address. The first run of a page, and that of a link, takes the place of the address it was
 * found by; Back leads to every other that was left for another.
 *
 * @param {string} id @param {string | null} before the run that the page shows; null: none yet
 */
export function enterAddress(id, before) {
  const address = at(`/runs/${id}`);
  if (location.pathname === address && !location.hash) return;
  if (before === null || location.hash) history.replaceState(history.state, "", address);
  else history.pushState(null, "", address);
}
