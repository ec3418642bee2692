/** Keys, in one described list; the sheet shows the same list. */

/** @import { RunControl } from "../run/run.js" */

import { element } from "../core/dom.js";
import { playLoss, toggleTrainingSound } from "../widgets/loss_sound.js";

/**
 * @typedef {{ keys: string[], description: string, matches: (event: KeyboardEvent) => boolean, act: (run:
 * RunControl) => void }} Key
 */

const command = (/** @type {KeyboardEvent} */ event) => event.ctrlKey || event.metaKey;
const plain = (/** @type {KeyboardEvent} */ event) => !command(event) && !event.altKey;

/** @type {Key[]} */
const KEYS = [
  {
    keys: ["Space"],
    description: "Play or pause",
    matches: (event) => plain(event) && event.key === " ",
    act: (run) => void run.playback.toggle(),
  },
  {
    keys: ["→"],
    description: "One step",
    matches: (event) => plain(event) && event.key === "ArrowRight" && !event.shiftKey,
    act: (run) => void run.playback.step(1),
  },
  {
    keys: ["Shift", "→"],
    description: "One epoch",
    matches: (event) => plain(event) && event.key === "ArrowRight" && event.shiftKey,
    act: (run) => void run.playback.stepEpochs(1),
  },
  {
    keys: ["R"],
    description: "Start over",
    matches: (event) => plain(event) && event.key.toLowerCase() === "r",
    act: (run) => void run.playback.reset(),
  },
  {
    keys: ["Ctrl", "Z"],
    description: "Undo",
    matches: (event) => command(event) && event.key.toLowerCase() === "z" && !event.shiftKey,
    act: (run) => run.undo(),
  },
  {
    keys: ["Ctrl", "Shift", "Z"],
    description: "Redo",
    matches: (event) =>
      command(event) &&
      (event.key.toLowerCase() === "y" || (event.key.toLowerCase() === "z" && event.shiftKey)),
    act: (run) => run.redo(),
  },
  {
    keys: ["L"],
    description: "Hear the loss so far",
    matches: (event) => plain(event) && event.key.toLowerCase() === "l" && !event.shiftKey,
    act: playLoss,
  },
  {
    keys: ["Shift", "L"],
    description: "Hear the loss while training, or no more",
    matches: (event) => plain(event) && event.key.toLowerCase() === "l" && event.shiftKey,
    act: toggleTrainingSound,
  },
  {
    keys: ["Esc"],
    description: "Close the inspector",
    matches: (event) => plain(event) && event.key === "Escape",
    act: (run) => run.select(null),
  },
  { keys: ["?"], description: "This list", matches: (event) => event.key === "?", act: () => showKeys() },
];

/** @param {RunControl} run @param {AbortSignal} [signal] */
export function listenToKeys(run, signal) {
  const options = signal ? { signal } : {};
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.defaultPrevented || (event.repeat && event.key === " ") || isTaken(event)) return;
      const key = KEYS.find(({ matches }) => matches(event));
      if (!key) return;
      event.preventDefault();
      key.act(run);
    },
    options,
  );
}

/**
 * Whether a key belongs to what has the focus: a text, a slider, a button, an open dialog.
 *
 * @param {KeyboardEvent} event
 */
function isTaken(event) {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (document.querySelector("dialog[open], [popover]:popover-open")) return true;
  if (target instanceof HTMLInputElement && target.type !== "checkbox" && target.type !== "range")
    return true;
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return !command(event);
  if (event.key === " ") return target.matches("button, input, summary, a[href]") && target.id !== "play";
  return event.key.startsWith("Arrow") && target.matches("input[type=range]");
}

/** The sheet of keys. */
export function showKeys() {
  const list = element("dl", { class: "keys" });
  for (const { keys, description } of KEYS) {
    list.append(
      element("dt", {}, ...keys.flatMap((key) => [element("kbd", {}, key), " "])),
      element("dd", {}, description),
    );
  }
  list.append(
    element("dt", {}, ...["←", "↑", "↓", "→"].flatMap((key) => [element("kbd", {}, key), " "])),
    element("dd", {}, "On a unit: walk the network"),
  );
  openDialog("Keyboard", list);
}

/** @param {string} title @param {...Node} content @returns {HTMLDialogElement} */
export function openDialog(title, ...content) {
  const close = element(
    "button",
    { type: "button", class: "button primary", onclick: () => dialog.close() },
    "Close",
  );
  const dialog = element(
    "dialog",
    { "aria-label": title },
    element("h2", {}, title),
    ...content,
    element("div", { class: "dialog-end" }, close),
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
