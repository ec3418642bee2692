/**
 * What this browser keeps of what somebody has chosen here. In a frame of another site, as in a notebook, it may
 * refuse to: then a choice lasts as long as the page.
 */

/** What the browser would not keep. @type {Map<string, string>} */
const here = new Map();

/** @param {string} name @returns {string | null} what was kept under a name; null: nothing */
export function keptChoice(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return here.get(name) ?? null;
  }
}

/** @param {string} name @param {string} value */
export function keepChoice(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    here.set(name, value);
  }
}

/**
 * Leave a value for the next page of this tab, which does without where it cannot be left.
 *
 * @param {string} name @param {string} value
 */
export function handOver(name, value) {
  try {
    sessionStorage.setItem(name, value);
  } catch {
    return; // the next page will ask
  }
}

/** What the page before has left, once. @param {string} name @returns {string | null} */
export function takeOver(name) {
  try {
    const value = sessionStorage.getItem(name);
    sessionStorage.removeItem(name);
    return value;
  } catch {
    return null;
  }
}
