/** The bar of the run: its title, play and its kin, speed, how far training is, undo, and menus. */

/** @import { RunControl } from "../../run/run.js" */

import { element, iconButton, setText } from "../../core/dom.js";
import { intoMenu } from "../../core/header.js";
import { PHONE } from "../../core/screen.js";
import { texts } from "../../core/texts.js";
import { showKeys } from "../keyboard.js";
import { openPresets } from "../examples.js";
import { openRuns } from "../runs.js";
import { readout } from "./readout.js";
import { speedControl } from "./speed.js";
import { titleField } from "./title.js";
import { transport } from "./transport.js";

const TEXTS = texts(import.meta.url, {
  playground: "Playground",
  examples: "Examples",
  runs: "Runs",
  keyboard: "Keyboard (?)",
  undo: "Undo (Ctrl+Z)",
  redo: "Redo (Ctrl+Shift+Z)",
});

/** @param {HTMLElement} root @param {RunControl} run */
export function buildBar(root, run) {
  const title = titleField(run);
  const speed = speedControl(run);
  const looks = menus(run);
  root.append(
    heading(run),
    title,
    transport(run),
    speed,
    readout(run),
    element("div", { class: "bar-end needs-control" }, ...history(run)),
    looks,
  );
  intoMenu(PHONE, title, speed, looks);
}

/** The title again, as the heading of the page. @param {RunControl} run */
function heading(run) {
  const heading = element("h1", { class: "visually-hidden" }, TEXTS.playground);
  run.store.watch(
    (state) => state.run?.title ?? TEXTS.playground,
    (title) => setText(heading, title),
  );
  return heading;
}

/** Undo and redo. @param {RunControl} run */
function history(run) {
  const looks = { class: "icon-button needs-control" };
  const undo = iconButton("undo", TEXTS.undo, () => run.undo(), looks);
  const redo = iconButton("redo", TEXTS.redo, () => run.redo(), looks);
  const tell = (/** @type {HTMLButtonElement} */ button, /** @type {string} */ text) => {
    return (/** @type {string | null} */ name) => {
      button.disabled = name === null;
      button.title = name ? text.replace(" (", `: ${name} (`) : text;
    };
  };
  run.store.watch((state) => state.undoes, tell(undo, TEXTS.undo));
  run.store.watch((state) => state.redoes, tell(redo, TEXTS.redo));
  return [undo, redo];
}

/** @param {RunControl} run */
function menus(run) {
  const opens = { "aria-haspopup": "dialog" };
  return element(
    "div",
    { class: "bar-end" },
    iconButton("presets", TEXTS.examples, (event) => void openPresets(anchorOf(event), run), opens),
    iconButton("runs", TEXTS.runs, (event) => openRuns(anchorOf(event), run), opens),
    iconButton("help", TEXTS.keyboard, () => showKeys()),
  );
}

/** @param {MouseEvent} event */
function anchorOf(event) {
  return /** @type {HTMLElement} */ (event.currentTarget);
}
