/** The menu of the runs there are. */

/** @import { RunControl } from "../run/run.js" */
/** @import { ListedRun } from "../core/api.js" */

import { at } from "../core/address.js";
import { commandRun, deleteRun, listRuns, renameRun } from "../core/api.js";
import { element, icon, iconButton } from "../core/dom.js";
import { age, wholeNumber } from "../core/format.js";
import { isUnusable, stateName } from "../core/run_states.js";
import { texts } from "../core/texts.js";
import { deleteButton } from "../widgets/delete_button.js";
import { closePopover, openPopover, walkable } from "../widgets/menu.js";
import { askTitle } from "../widgets/title_field.js";

const TEXTS = texts(import.meta.url, {
  looking: "Looking…",
  runs: "Runs",
  noneYetStart: "None yet. Start from an example.",
  runsCannotBeListed: "The runs cannot be listed: {message}",
  step: "step {step}",
  rename: "Rename {title}",
  repair: "Repair {title}",
  stop: "Stop {title}",
});

/** @param {HTMLElement} anchor @param {RunControl} run */
export function openRuns(anchor, run) {
  const list = element("div", { class: "runs" }, element("p", { class: "empty" }, TEXTS.looking));
  const popover = openPopover(anchor, TEXTS.runs, [element("h3", { class: "caption" }, TEXTS.runs), list]);
  walkable(popover);
  void fillRuns(list, run).then(() => focusRow(popover, run.id));
}

/**
 * Put the focus on a run's entry, or on the first, unless it is elsewhere by now.
 *
 * @param {HTMLElement} popover @param {string | null} id
 */
function focusRow(popover, id) {
  const { activeElement } = document;
  if (activeElement !== document.body && activeElement?.getAttribute("aria-expanded") !== "true") return;
  const entry = id && popover.querySelector(`[data-run="${CSS.escape(id)}"] .menu-item`);
  const first = entry || popover.querySelector(".menu-item");
  if (first instanceof HTMLElement) first.focus();
}

/** @param {HTMLElement} list @param {RunControl} run */
async function fillRuns(list, run) {
  try {
    const runs = await listRuns();
    list.replaceChildren(...runs.slice(0, 60).map((each) => runEntry(list, run, each)));
    if (runs.length === 0) list.append(element("p", { class: "empty" }, TEXTS.noneYetStart));
  } catch (error) {
    list.replaceChildren(
      element(
        "p",
        { class: "empty" },
        TEXTS.runsCannotBeListed({ message: error instanceof Error ? error.message : String(error) }),
      ),
    );
  }
}

/**
 * What tells a run from the others: its title, its data and network, how it stands, and when it was started.
 *
 * @param {ListedRun} run @param {number} now seconds since 1970 @returns {{ title: string, facts: string[] }}
 */
export function entryOf({ title, data, network, state, step, created }, now) {
  const what = [!title.startsWith(data) && data, !title.endsWith(network) && network];
  const how = [
    stateName(state),
    TEXTS.step({ step: wholeNumber(step) }),
    created !== undefined && age(now - created),
  ];
  return { title, facts: [what, how].map((line) => line.filter(Boolean).join(" · ")).filter(Boolean) };
}

/** @param {HTMLElement} list @param {RunControl} run @param {ListedRun} each */
function runEntry(list, run, each) {
  const current = each.id === run.state.run?.id;
  const { title, facts } = entryOf(each, Date.now() / 1000);
  /** The list as it is now; the focus stays at its place. */
  const again = async () => {
    const place = [...list.children].indexOf(row);
    await fillRuns(list, run);
    const next = list.children[Math.min(place, list.children.length - 1)];
    next?.querySelector("button")?.focus();
  };
  const remove = async () => {
    await deleteRun(each.id);
    if (current) location.assign(at("/"));
    else await again();
  };
  const stop = async () => {
    await commandRun(each.id, { type: "stop" });
    await again();
  };
  const mend = async () => {
    await commandRun(each.id, { type: "repair" });
    if (current) run.attach(each.id);
    await again();
  };
  /** @param {string} title */
  const rename = async (title) => {
    if (current) await run.rename(title);
    else await renameRun(each.id, { title });
    await again();
  };
  const active = ["training", "paused", "queued", "starting"].includes(each.state);
  const row = element(
    "div",
    { class: "menu-row", "data-run": each.id },
    element(
      "button",
      {
        type: "button",
        class: `menu-item${current ? " current" : ""}`,
        "aria-current": current ? "true" : undefined,
        onclick: () => (closePopover(), run.attach(each.id)),
      },
      element(
        "span",
        {},
        element("span", { class: "run-number" }, `${each.number} `),
        title,
        ...facts.map((line) => element("small", {}, line)),
        isUnusable(each) ? element("small", {}, each.reason?.detail ?? "") : null,
      ),
      current ? icon("check") : null,
    ),
    !isUnusable(each) &&
      iconButton("rename", TEXTS.rename({ title: each.title }), () =>
        askTitle(row, each.title, {
          class: "menu-title",
          focusBack: () => row.querySelector("button")?.focus(),
          given: (title) => void attempt(run, () => rename(title)),
        }),
      ),
    each.state === "damaged" &&
      iconButton("reset", TEXTS.repair({ title: each.title }), () => void attempt(run, mend)),
    active && iconButton("stop", TEXTS.stop({ title: each.title }), () => void attempt(run, stop)),
    deleteButton(each.title, () => void attempt(run, remove)),
  );
  return row;
}

/** @param {RunControl} run @param {() => Promise<void>} act */
async function attempt(run, act) {
  try {
    await act();
  } catch (error) {
    run.notify(error instanceof Error ? error.message : String(error), "error");
  }
}
