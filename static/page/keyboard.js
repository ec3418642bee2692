/** The keys of a run's actions, and the list of all keys. */

/** @import { RunControl } from "../run/run.js" */

import { isTaken } from "../core/key_target.js";
import { element } from "../core/dom.js";
import { offer, offered } from "../core/offers.js";
import { texts } from "../core/texts.js";
import { openDialog } from "../widgets/dialog.js";
import { ACTIONS, runOffers } from "./actions.js";

/** The texts of this module. */
const TEXTS = texts(import.meta.url, {
  title: "Keyboard",
  walk: "On a unit: walk the network",
  explain: "Explain what has the focus; again: what is beside it",
  toolbar: "In a row of buttons: walk them",
  hints: "Show the first steps again",
});

/** Whose page this is; null on pages without a run. @type {RunControl | null} */
let shown = null;

/** @param {RunControl} run @param {AbortSignal} [signal] */
export function listenToKeys(run, signal) {
  shown = run;
  const options = signal ? { signal } : {};
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.defaultPrevented || (event.repeat && event.key === " ") || isTaken(event)) return;
      const action = ACTIONS.find(({ matches }) => matches(event));
      if (!action) return;
      event.preventDefault();
      action.act(run);
    },
    options,
  );
  offer(() => runOffers(run));
}

/** The list of the keys that do something on this page. */
export function showKeys() {
  const list = element("dl", { class: "keys" });
  for (const { keys, label } of offered()) if (keys) list.append(...row(keys, label));
  if (document.getElementById("stage")) list.append(...row(["←", "↑", "↓", "→"], TEXTS.walk));
  list.append(...row(["←", "→"], TEXTS.toolbar), ...row(["F1"], TEXTS.explain));
  const run = shown;
  const again = run && element("button", { type: "button", class: "button" }, TEXTS.hints);
  const dialog = openDialog(TEXTS.title, list, ...(again ? [again] : []));
  again?.addEventListener("click", async () => {
    dialog.close();
    const { showHints } = await import("./hints.js");
    if (run) showHints(run, true);
  });
}

/** @param {string[]} keys @param {string} label */
function row(keys, label) {
  return [
    element("dt", {}, ...keys.flatMap((key) => [element("kbd", {}, key), " "])),
    element("dd", {}, label),
  ];
}
