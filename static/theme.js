/** Light and dark: the system's, or the one chosen here. Loaded first, so that no page flashes. */

/** @typedef {"light" | "dark"} Theme */

const dark = matchMedia("(prefers-color-scheme: dark)");

/** @returns {Theme | null} what was chosen here before */
function chosen() {
  const theme = localStorage.getItem("theme");
  return theme === "light" || theme === "dark" ? theme : null;
}

/** @returns {Theme} */
export function currentTheme() {
  return chosen() ?? (dark.matches ? "dark" : "light");
}

/** @param {Theme} theme */
export function chooseTheme(theme) {
  localStorage.setItem("theme", theme);
  apply();
}

/** @param {() => void} listener @param {AbortSignal} [signal] */
export function onSystemTheme(listener, signal) {
  const options = signal ? { signal } : {};
  dark.addEventListener("change", () => (apply(), listener()), options);
}

function apply() {
  document.documentElement.dataset["theme"] = currentTheme();
}

apply();
