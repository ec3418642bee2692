/** The texts of the command palette. */

export const TEXT = {
  title: "Search everything",
  placeholder: "Search actions, examples, items, labs, runs",
  close: "Close",
  results: "Results",
  none: "Nothing matches. Try fewer letters.",
  /** The parts of the site, as the server calls them, that are listed before anything is typed. */
  site: "Site",
  lab: "Lab",
  run: "Run",
  pages: "Pages",
  runs: "Runs",
  /** @param {number} count */
  count: (count) => (count === 1 ? "1 result" : `${count} results`),
  /** @param {string} label @param {string} reason */
  disabled: (label, reason) => `${label} cannot be done now: ${reason}`,
  /** @param {string} what @param {string} why */
  unlisted: (what, why) => `${what} cannot be listed: ${why}.`,
};
