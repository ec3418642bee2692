/** The texts of the command palette. */

import { texts } from "../../core/texts.js";

export const TEXT = texts(import.meta.url, {
  title: "Search everything",
  placeholder: "Search actions, examples, items, labs, runs",
  close: "Close",
  results: "Results",
  none: "Nothing matches. Try fewer letters.",
  // The parts of the site, as the server calls them, that are listed before anything is typed.
  site: "Site",
  lab: "Lab",
  run: "Run",
  pages: "Pages",
  runs: "Runs",
  found: { one: "{count} result", other: "{count} results" },
  disabled: "{label} cannot be done now: {reason}",
  unlisted: "{what} cannot be listed: {why}.",
});
