/** The current run in the header of a page without a run: asked about while the page is looked at. */

import { getRun } from "./api.js";
import { rememberedRun } from "./current_run.js";
import { forgetCurrentRun, showCurrentRun } from "./header.js";
import { Refused } from "./live.js";

/** Milliseconds until the next question about a run that trains, and about one that stands still. */
const SOON = 2_000;
const LATER = 15_000;

/** Follow the run that this window was last in, if there is one. */
export function followCurrentRun() {
  const known = rememberedRun();
  if (!known) return;
  showCurrentRun(known);
  void look(known.id);
}

/** @param {string} id */
async function look(id) {
  await seen();
  try {
    const { title, state, step } = await getRun(id);
    showCurrentRun({ id, title, state, step });
    setTimeout(() => void look(id), state === "training" ? SOON : LATER);
  } catch (error) {
    if (error instanceof Refused) forgetCurrentRun(id);
    else setTimeout(() => void look(id), LATER); // the server does not answer: it is as it was last heard of
  }
}

/** Until the page can be seen. @returns {Promise<void>} */
function seen() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) =>
    document.addEventListener("visibilitychange", () => resolve(), { once: true }),
  );
}
