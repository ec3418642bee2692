/** The bar: the name, play and its kin, speed, how far training is, and menus. */

/** @import { RunControl } from "../../run/run.js" */

import { at } from "../../core/address.js";
import { element, icon, iconButton } from "../../core/dom.js";
import { showKeys } from "../keyboard.js";
import { openShareMenu } from "../share.js";
import { openPlaces, openPresets, openRuns } from "../runs.js";
import { readout } from "./readout.js";
import { speedControl } from "./speed.js";
import { titleField } from "./title.js";
import { transport } from "./transport.js";

/** @param {HTMLElement} root @param {RunControl} run @param {{ toggleTheme: () => void }} page */
export function buildBar(root, run, page) {
  root.append(
    brand(),
    titleField(run),
    element("span", { class: "break" }),
    transport(run),
    speedControl(run),
    readout(run),
    element(
      "div",
      { class: "bar-end" },
      ...history(run),
      element("span", { class: "divider needs-control" }),
      ...menus(run),
      element("span", { class: "divider" }),
      iconButton("help", "Keyboard (?)", () => showKeys(), { class: "icon-button wide" }),
      iconButton("theme", "Light or dark", page.toggleTheme, { class: "icon-button wide" }),
    ),
  );
}

function brand() {
  const name = element("span", {}, "Glassnet");
  return element(
    "h1",
    {},
    element("a", { class: "brand", href: at("/"), title: "Start anew" }, icon("logo"), name),
  );
}

/** Undo and redo. @param {RunControl} run */
function history(run) {
  const looks = { class: "icon-button needs-control wide" };
  const undo = iconButton("undo", "Undo (Ctrl+Z)", () => run.undo(), looks);
  const redo = iconButton("redo", "Redo (Ctrl+Shift+Z)", () => run.redo(), looks);
  run.store.watch(
    (state) => state.canUndo,
    (can) => (undo.disabled = !can),
  );
  run.store.watch(
    (state) => state.canRedo,
    (can) => (redo.disabled = !can),
  );
  return [undo, redo];
}

/** @param {RunControl} run */
function menus(run) {
  const opens = { "aria-haspopup": "dialog" };
  return [
    iconButton("presets", "Examples", (event) => openPresets(anchorOf(event), run), opens),
    iconButton("runs", "Runs", (event) => openRuns(anchorOf(event), run), opens),
    iconButton("labs", "Labs", (event) => openPlaces(anchorOf(event)), {
      class: "icon-button wide",
      ...opens,
    }),
    iconButton("share", "Share, save and export", (event) => openShareMenu(anchorOf(event), run), opens),
  ];
}

/** @param {MouseEvent} event */
function anchorOf(event) {
  return /** @type {HTMLElement} */ (event.currentTarget);
}
