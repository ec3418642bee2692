/** What the page begins with: the experiment of a link, the run of the address, an example, or home. */

/** @import { Preset } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */

import { openPath } from "../core/address.js";
import { getItemExample } from "../core/api.js";
import { fromFragment } from "../core/share_link.js";
import { texts } from "../core/texts.js";
import { goHome } from "./home.js";

const TEXTS = texts(import.meta.url, {
  damagedLink: "This link holds no experiment that can be read: {why}.",
  noExample: "There is no example '{name}': this is the first.",
  noStudy: "There is no study '{name}' that begins with an example.",
});

/** @param {RunControl} run */
export async function arrive(run) {
  if ((await openFragment(run)) === "started") return;
  const id = runOfAddress();
  if (id) return run.attach(id);
  const query = new URLSearchParams(location.search);
  const item = query.get("item");
  if (item !== null) return said(run, async () => run.start(await getItemExample(item), { example: true }));
  const wanted = query.get("example");
  const example = run.state.presets.find(({ name }) => name === wanted);
  if (wanted !== null && !example) run.notify(TEXTS.noExample({ name: wanted.slice(0, 80) }), "error");
  await said(run, () => (example ? openExample(run, example, query.get("study")) : goHome(run)));
}

/**
 * Start an example; with a study, it waits, and the study begins in its panel.
 *
 * @param {RunControl} run @param {Preset} example @param {string | null} study
 */
async function openExample(run, { experiment, race }, study) {
  const declared = run.state.catalog["studies"]?.some(({ kind, panel }) => kind === study && panel);
  const known = declared || (study === "variants" && Boolean(race));
  if (study !== null && !known) run.notify(TEXTS.noStudy({ name: study.slice(0, 80) }), "error");
  await run.start(experiment, known ? { example: true, start: "paused" } : { example: true });
  if (known) run.store.set({ begins: study });
}

/**
 * Links that are opened while the page is, the way back and forward through the runs it has shown, and the way
 * to another page.
 *
 * @param {RunControl} run
 */
export function listenToAddress(run) {
  addEventListener("pagehide", () => run.leave());
  addEventListener("hashchange", () => void openFragment(run));
  addEventListener("popstate", () => {
    const id = runOfAddress();
    if (location.hash.startsWith("#g1=") || id === run.id) return;
    if (id) run.attach(id);
    else void said(run, () => goHome(run));
  });
}

/** The run that the address names. @returns {string | null} */
function runOfAddress() {
  return /^\/runs\/([\w-]+)$/.exec(openPath())?.[1] ?? null;
}

/**
 * An experiment in the address is started where our own page led to it, or where the user says so.
 *
 * @param {RunControl} run @returns {Promise<"none" | "left" | "started">}
 */
async function openFragment(run) {
  const { hash } = location;
  if (!hash.startsWith("#g1=")) return "none";
  const { askWhetherToStart, isOwnLink } = await import("../widgets/link_question.js");
  const ours = isOwnLink(hash);
  try {
    const experiment = await fromFragment(hash);
    if (!experiment) return "none";
    if (ours || (await askWhetherToStart(experiment, run.state.catalog))) {
      await said(run, () => run.start(experiment, { unwatched: ours ? "continue" : "stop" }));
      return "started";
    }
  } catch (error) {
    run.notify(TEXTS.damagedLink({ why: error instanceof Error ? error.message : String(error) }), "error");
  }
  // A reload does not ask again.
  if (location.hash === hash) history.replaceState(history.state, "", location.pathname + location.search);
  return "left";
}

/** @param {RunControl} run @param {() => Promise<unknown>} begin what may be refused, which is then said */
async function said(run, begin) {
  try {
    await begin();
  } catch (error) {
    run.notify(error instanceof Error ? error.message : String(error), "error");
  }
}
