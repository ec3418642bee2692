/** The page of the runs on this server. */

/** @import { RunRow } from "../core/api.js" */
/** @import { Wanted } from "./runs/model.js" */

import { at } from "../core/address.js";
import { deleteRun, findRuns, renameRun } from "../core/api.js";
import { byId, element } from "../core/dom.js";
import { forgetCurrentRun } from "../core/header.js";
import { notify } from "../core/shell.js";
import { explainLabels } from "../widgets/explanations.js";
import { columns, filters, pages } from "./runs/head.js";
import { askedFor, PAGE, queryOf, wantedBy } from "./runs/model.js";
import { runRow } from "./runs/row.js";
import { WORDS } from "./runs/words.js";

/** Milliseconds until the list is asked for again while it is looked at. */
const AGAIN = 4_000;
/** Milliseconds that typing rests before it is asked. */
const REST = 200;

const root = byId("runs");
const control = root.dataset["control"] !== undefined;

let wanted = wantedBy(location.search);
/** @type {ReturnType<typeof setTimeout> | undefined} */
let next;
/** The newest question; the answers to earlier ones come too late. */
let asked = 0;

/** @type {Map<string, ReturnType<typeof runRow>>} */
let rows = new Map();
const body = element("tbody", {});
const filter = filters(() => wanted, want);
const heads = columns(() => wanted, want, control);
const turning = pages(() => wanted, want);
const table = element("table", { hidden: true }, element("thead", {}, heads.row), body);
const empty = element("div", { class: "empty" }, WORDS.asking);
root.append(filter.root, table, empty, turning.root);
explainLabels();
addEventListener("popstate", () => {
  wanted = wantedBy(location.search);
  void ask();
});
document.addEventListener("visibilitychange", () => document.hidden || void ask());
void ask();

/** @param {Wanted} other */
function want(other) {
  const typed = other.text !== wanted.text;
  wanted = other;
  history.replaceState(null, "", location.pathname + queryOf(wanted));
  clearTimeout(next);
  next = setTimeout(() => void ask(), typed ? REST : 0);
}

/** Ask for the page that is wanted, and again after a while. */
async function ask() {
  clearTimeout(next);
  if (document.hidden) return; // and when it is seen
  const question = ++asked;
  filter.show();
  heads.show();
  try {
    const found = await findRuns(askedFor(wanted));
    if (question !== asked) return;
    const last = Math.max(0, Math.ceil(found.total / PAGE) - 1);
    if (wanted.page > last) return want({ ...wanted, page: last });
    show(found);
  } catch (error) {
    if (question !== asked) return;
    notify(WORDS.unlisted({ error: error instanceof Error ? error.message : String(error) }), "error");
  }
  next = setTimeout(() => void ask(), AGAIN);
}

/** @param {{ runs: RunRow[], total: number }} found */
function show({ runs, total }) {
  const before = rows;
  rows = new Map(
    runs.map((run) => [run.id, before.get(run.id) ?? runRow(run, control ? { rename, remove } : null)]),
  );
  for (const run of runs) rows.get(run.id)?.show(run);
  arrange([...rows.values()].map(({ row }) => row));
  table.hidden = total === 0;
  empty.hidden = total > 0;
  if (total === 0) empty.replaceChildren(...emptyWords());
  turning.show(total);
}

/** Put rows in order; where they are already, nothing loses the focus. @param {HTMLElement[]} wantedRows */
function arrange(wantedRows) {
  for (const row of [...body.children]) if (!wantedRows.includes(/** @type {any} */ (row))) row.remove();
  wantedRows.forEach((row, index) => {
    if (body.children[index] !== row) body.insertBefore(row, body.children[index] ?? null);
  });
}

function emptyWords() {
  const narrowed = wanted.text !== "" || wanted.state !== "";
  if (!narrowed) {
    const start = element("a", { class: "button primary", href: at("/") }, WORDS.start);
    return [element("p", {}, WORDS.none), start];
  }
  const all = () => want(wantedBy(""));
  return [
    element("p", {}, WORDS.unmatched),
    element("button", { type: "button", class: "button", onclick: all }, WORDS.all),
  ];
}

/** @param {string} id @param {string} title */
async function rename(id, title) {
  await attempt(() => renameRun(id, { title }));
}

/** @param {RunRow} run */
async function remove(run) {
  const place = [...body.children].findIndex((row) => row === rows.get(run.id)?.row);
  await attempt(async () => {
    await deleteRun(run.id);
    forgetCurrentRun(run.id);
    notify(WORDS.deleted({ title: run.title }));
  });
  const row = body.children[Math.min(place, body.children.length - 1)];
  (row?.querySelector("a") ?? filter.root.querySelector("input"))?.focus();
}

/** @param {() => Promise<unknown>} act */
async function attempt(act) {
  try {
    await act();
  } catch (error) {
    notify(error instanceof Error ? error.message : String(error), "error");
  }
  await ask();
}
