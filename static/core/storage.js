/**
 * The viewer's choices, stored by the browser. In a frame of another site, as in a notebook, the browser may refuse
 * to store them: then a choice lasts as long as the page.
 */

/** Choices that the browser refused to store. @type {Map<string, string>} */
const here = new Map();

/** @param {string} name @returns {string | null} the choice stored under a name; null where there is none */
export function storedChoice(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return here.get(name) ?? null;
  }
}

/** Store a choice under a name. @param {string} name @param {string} value */
export function storeChoice(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    here.set(name, value);
  }
}

/** What `run/kept_work.js` keeps in a window. */
export const WORK = "work";

/** @param {string} name @returns {string | null} what this window keeps under a name; null where there is none */
export function keptInWindow(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return here.get(name) ?? null;
  }
}

/**
 * Keep a value as long as this window, over all its pages; null removes it.
 *
 * @param {string} name @param {string | null} value
 */
export function keepInWindow(name, value) {
  try {
    if (value === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, value);
  } catch {
    if (value === null) here.delete(name);
    else here.set(name, value);
  }
}

/**
 * Leave a value for the next page of this tab; does nothing where the browser refuses to store it.
 *
 * @param {string} name @param {string} value
 */
export function leaveForNextPage(name, value) {
  try {
    sessionStorage.setItem(name, value);
  } catch {
    return; // the next page will ask
  }
}

/** @param {string} name @returns {string | null} the value that the previous page left, removed; null: none */
export function takeFromPreviousPage(name) {
  try {
    const value = sessionStorage.getItem(name);
    sessionStorage.removeItem(name);
    return value;
  } catch {
    return null;
  }
}
