/** Light and dark: the system's, or the one chosen here. Loaded first, so that no page flashes. */

/** @typedef {"light" | "dark"} Theme */

import { storeChoice, storedChoice } from "./storage.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
const changes = new EventTarget();

dark.addEventListener("change", apply);

/** @returns {Theme | null} what was chosen here before */
function chosen() {
  const theme = storedChoice("theme");
  return theme === "light" || theme === "dark" ? theme : null;
}

/** @returns {Theme} */
export function currentTheme() {
  return chosen() ?? (dark.matches ? "dark" : "light");
}

/** @param {Theme} theme */
export function chooseTheme(theme) {
  storeChoice("theme", theme);
  apply();
}

/**
 * Be told when the page's theme is another, whoever changed it.
 *
 * @param {() => void} listener @param {AbortSignal} [signal]
 */
export function onTheme(listener, signal) {
  changes.addEventListener("change", listener, signal ? { signal } : {});
}

function apply() {
  const theme = currentTheme();
  if (document.documentElement.dataset["theme"] === theme) return;
  document.documentElement.dataset["theme"] = theme;
  changes.dispatchEvent(new Event("change"));
}

apply();
