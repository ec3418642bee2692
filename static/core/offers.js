/**
 * What can be done on the page, declared by those who do it: the command palette and the list of keys read it here.
 */

/**
 * @typedef {object} Offer
 * @property {string} id
 * @property {string} group under which it is listed
 * @property {string} label
 * @property {string} [detail] one line more
 * @property {string} [terms] further words by which it is found
 * @property {string[]} [keys] pressed together
 * @property {string | null} [reason] why it cannot be done now
 * @property {string} [href] where it leads; else `act` is called
 * @property {() => void} [act]
 * @property {boolean} [typed] whether it is listed only where something was typed that finds it
 */

/** @type {Set<() => Offer[]>} */
const sources = new Set();

/**
 * Declare offers; they are asked for anew whenever they are shown.
 *
 * @param {() => Offer[]} source
 */
export function offer(source) {
  sources.add(source);
}

/** @returns {Offer[]} those of every source: what a page declares comes before what every page has */
export function offered() {
  return [...sources].reverse().flatMap((source) => source());
}
