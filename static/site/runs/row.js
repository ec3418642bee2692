/** A row of the list of runs: a run in words, that can be opened, renamed and deleted. */

/** @import { RunRow } from "../../core/api.js" */

import { at } from "../../core/address.js";
import { element, icon, iconButton, setAttribute, setText } from "../../core/dom.js";
import { isUnusable } from "../../core/run_states.js";
import { texts } from "../../core/texts.js";
import { deleteButton } from "../../widgets/delete_button.js";
import { askTitle } from "../../widgets/title_field.js";
import { rowOf } from "./model.js";

const TEXTS = texts(import.meta.url, {
  rename: "Rename {title}",
});

/** @typedef {{ rename: (id: string, title: string) => void, remove: (run: RunRow) => void }} Changes */

/** How a state is marked; all others by a pause. @type {Record<string, string>} */
const ICONS = {
  training: "play",
  finished: "check",
  failed: "warning",
  damaged: "warning",
  incomplete: "warning",
};

/**
 * The cells of a run, kept up to date by `show`.
 *
 * @param {RunRow} run @param {Changes | null} changes null: the viewer may change nothing
 */
export function runRow(run, changes) {
  const number = element("td", { class: "number" });
  const link = element("a", { href: at(`/runs/${run.id}`) });
  const facts = element("small", {});
  /** What columns say where there is room for them. */
  const brief = element("small", { class: "brief" });
  const named = element("div", { class: "named" }, link, facts, brief);
  const state = element("span", {});
  const lamp = element("td", { class: "state" });
  const step = element("td", { class: "step" });
  const loss = element("td", { class: "loss" });
  const created = element("time", {});
  const actions = element("td", { class: "actions" });
  const row = element(
    "tr",
    { "data-run": run.id },
    number,
    element("td", { class: "title" }, named),
    lamp,
    step,
    loss,
    element("td", { class: "created" }, created),
    changes && actions,
  );
  let shown = run;
  const show = (/** @type {RunRow} */ next, first = false) => {
    const before = shown;
    shown = next;
    const texts = rowOf(next, Date.now() / 1000);
    setText(number, texts.number);
    setText(link, texts.title);
    setText(facts, texts.facts);
    setText(brief, texts.brief);
    setText(step, texts.step);
    setText(loss, texts.loss);
    setText(created, texts.created);
    setAttribute(created, "datetime", texts.date.toISOString());
    setAttribute(created, "title", texts.date.toLocaleString());
    row.dataset["state"] = next.state;
    if (first || before.state !== next.state) {
      setText(state, texts.state);
      lamp.replaceChildren(icon(ICONS[next.state] ?? "pause"), state);
    }
    if (changes && (first || before.title !== next.title || before.state !== next.state))
      replaceButtons(actions, buttons(next, named, changes));
  };
  show(run, true);
  return { row, show };
}

/**
 * Put other buttons in the place of some; the focus stays at its place.
 *
 * @param {HTMLElement} cell @param {HTMLElement[]} others
 */
function replaceButtons(cell, others) {
  const place = [...cell.children].findIndex((each) => each === document.activeElement);
  cell.replaceChildren(...others);
  others[place]?.focus();
}

/** @param {RunRow} run @param {HTMLElement} named @param {Changes} changes */
function buttons(run, named, changes) {
  const rename = iconButton("rename", TEXTS.rename({ title: run.title }), () =>
    askTitle(named, run.title, {
      class: "text",
      focusBack: () => rename.focus(),
      given: (title) => changes.rename(run.id, title),
    }),
  );
  const remove = deleteButton(run.title, () => changes.remove(run));
  return isUnusable(run) ? [remove] : [rename, remove];
}
