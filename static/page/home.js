/**
 * Home: the example that a first visit finds training. It is found again by the logo and after a reload; later
 * visits also have a row of what was run lately, and doors to the rest of the site.
 */

/** @import { ListedRun } from "../core/api.js" */
/** @import { RunControl } from "../run/run.js" */

import { at } from "../core/address.js";
import { getRun, listRuns } from "../core/api.js";
import { element } from "../core/dom.js";
import { age, shortNumber, wholeNumber } from "../core/format.js";
import { Refused } from "../core/live.js";
import { keptInWindow, storeChoice, storedChoice } from "../core/storage.js";
import { texts } from "../core/texts.js";
import { HINTS } from "./panes.js";

const TEXTS = texts(import.meta.url, {
  play: "Play",
  learn: "Learn",
  labs: "Labs",
  teach: "Teach",
  label: "Recent runs and other ways to begin",
  recent: "Recent runs",
  loss: "loss {loss}",
  step: "step {step}",
});

/** The doors, by the address that the header leads to. @type {readonly (readonly [string, string])[]} */
const DOORS = [
  [at("/gallery"), TEXTS.play],
  [at("/learn"), TEXTS.learn],
  [at("/labs"), TEXTS.labs],
  [at("/team"), TEXTS.teach],
];

/** The name under which the browser remembers the home run, and the history's state of one's arrival at home. */
const HOME_RUN = "home-run";
const AT_HOME = { home: true };

/** The most runs in the row. */
const MOST = 4;

/**
 * Show the home run: the one of an earlier visit while nothing is changed in it, else a new one.
 *
 * @param {RunControl} run
 */
export async function goHome(run) {
  const known = storedChoice(HOME_RUN);
  if (known !== null) history.replaceState(AT_HOME, "");
  if (known !== null && (await isUntouched(known))) return run.attach(known);
  const [first] = run.state.presets;
  if (first) storeChoice(HOME_RUN, await run.start(first.experiment, { unwatched: "pause", example: true }));
}

/**
 * Hints to those who come home for the first time, once their run is there. The first visit lasts as long as its
 * window.
 *
 * @param {RunControl} run
 */
export function welcome(run) {
  let asked = false;
  run.store.watch(
    (state) => (state.run?.control && state.status ? state.run.id : null),
    async (id) => {
      if (asked || id === null || !isFirstVisit(id)) return;
      asked = true;
      const { showHints } = await import("./hints.js");
      showHints(run);
    },
  );
}

/** Whether there are hints to show beside a run. @param {string} id */
function isFirstVisit(id) {
  const left = keptInWindow(HINTS);
  return left === null ? storedChoice(HINTS) === null && storedChoice(HOME_RUN) === id : left !== "";
}

/** @param {string} id */
async function isUntouched(id) {
  try {
    const { example, state } = await getRun(id);
    return example && state !== "failed" && state !== "damaged";
  } catch (error) {
    if (error instanceof Refused) return false; // it was deleted
    throw error;
  }
}

/**
 * What the row says of runs: number and title, and below them data, a loss or step, and when.
 *
 * @param {ListedRun[]} runs the newest first @param {string | null} shown which the page shows already
 * @param {number} now seconds since 1970
 * @returns {{ id: string, number: string, title: string, facts: string }[]}
 */
export function recentRuns(runs, shown, now) {
  const told = runs.filter(({ id, state }) => id !== shown && state !== "damaged").slice(0, MOST);
  return told.map(({ id, number, title, data, loss, step, created }) => ({
    id,
    number: String(number),
    title,
    facts: [
      !title.startsWith(data) && data,
      loss !== null ? TEXTS.loss({ loss: shortNumber(loss) }) : TEXTS.step({ step: wholeNumber(step) }),
      created !== undefined && age(now - created),
    ]
      .filter(Boolean)
      .join(" · "),
  }));
}

/**
 * The row, which is there while one is at home.
 *
 * @param {HTMLElement} root
 * @param {RunControl} run
 */
export function buildHome(root, run) {
  root.setAttribute("aria-label", TEXTS.label);
  run.store.watch(
    (state) => state.run?.id ?? null,
    (id) => {
      root.hidden = true;
      if (id !== null && history.state?.home) void fill(root, run, id);
    },
  );
}

/** @param {HTMLElement} root @param {RunControl} run @param {string} id */
async function fill(root, run, id) {
  const runs = await listRuns().catch(() => []); // the runs are what the row is for: without them it is not there
  const recent = recentRuns(runs, id, Date.now() / 1000);
  if (run.id !== id || recent.length === 0) return;
  root.replaceChildren(
    element("span", { class: "caption" }, TEXTS.recent),
    element("div", { class: "home-runs" }, ...recent.map((each) => link(run, each))),
    ...doors(),
  );
  root.hidden = false;
}

/** @param {RunControl} run @param {ReturnType<typeof recentRuns>[number]} recent */
function link(run, { id, number, title, facts }) {
  const onclick = (/** @type {MouseEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // into another tab or window
    event.preventDefault();
    run.attach(id);
  };
  return element(
    "a",
    { href: at(`/runs/${id}`), title, onclick },
    element("span", {}, element("b", {}, number), ` ${title}`),
    element("small", {}, facts),
  );
}

/** Links to the parts of the site that there are. */
function doors() {
  const links = DOORS.filter(([path]) => document.querySelector(`#site-nav a[href="${path}"]`));
  return links.map(([path, label]) => element("a", { class: "button", href: path }, label));
}
