/** The checkpoints of a run in a dialog: to go back to one, or to go on from it in a run of its own. */

/** @import { RunControl } from "../run/run.js" */
/** @import { Row } from "./checkpoints/model.js" */

import { forkInto, listCheckpoints } from "../core/api.js";
import { element, iconButton } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { openDialog } from "../widgets/dialog.js";
import { rowsOf } from "./checkpoints/model.js";

const TEXTS = texts(import.meta.url, {
  title: "Checkpoints",
  note: "States of this run that are kept. Going back to one begins a new life there, which undo takes back.",
  none: "None is kept yet: one is when training pauses or ends, and with each better loss.",
  goBack: "Go back",
  goBackTo: "Go back to: {label}, {place}",
  copy: "Go on in a run of its own from: {label}, {place}",
  copied: "a run of its own from {label}",
  notListed: "The checkpoints cannot be listed: {why}",
});

/** @param {RunControl} run */
export async function openCheckpoints(run) {
  const shown = run.state.run;
  if (!shown) return;
  try {
    const rows = rowsOf(await listCheckpoints(shown.id));
    const list = element("ul", { class: "checkpoints" }, ...rows.map((row) => entry(run, row)));
    const note = element("p", { class: "note" }, rows.length > 0 ? TEXTS.note : TEXTS.none);
    openDialog(TEXTS.title, note, list);
  } catch (error) {
    run.notify(TEXTS.notListed({ why: wordsOf(error) }), "error");
  }
}

/** @param {RunControl} run @param {Row} row */
function entry(run, row) {
  const { label, words, place, measured } = row;
  const text = element(
    "div",
    { class: "checkpoint-words" },
    element("p", {}, element("b", {}, label), ` ${place}`),
    element("p", { class: "note" }, words),
    measured && element("p", { class: "note figures" }, measured),
  );
  const back = element(
    "button",
    {
      type: "button",
      class: "button needs-control",
      "aria-label": TEXTS.goBackTo({ label, place }),
      onclick: closing(() => void run.playback.rewind(row.name)),
    },
    TEXTS.goBack,
  );
  const copy = iconButton(
    "fork",
    TEXTS.copy({ label, place }),
    closing(() => void forkOf(run, row)),
    { class: "icon-button needs-control" },
  );
  return element("li", {}, text, element("div", { class: "checkpoint-ways" }, back, copy));
}

/** A press closes the dialog: what comes of it is seen behind it. @param {() => void} act */
function closing(act) {
  return (/** @type {Event} */ { currentTarget }) => {
    /** @type {HTMLElement} */ (currentTarget).closest("dialog")?.close();
    act();
  };
}

/**
 * Go on from a checkpoint in a run of its own; undo leads back to this one.
 *
 * @param {RunControl} run @param {Row} row
 */
async function forkOf(run, { name, label }) {
  try {
    const { id } = await forkInto(run.state.run?.id ?? "", name);
    run.takeOver(id, TEXTS.copied({ label }));
  } catch (error) {
    run.notify(wordsOf(error), "error");
  }
}

/** @param {unknown} error */
function wordsOf(error) {
  return error instanceof Error ? error.message : String(error);
}
