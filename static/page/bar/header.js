/** The site's header on the playground: the run that is on the page, and what can be shared of it. */

/** @import { RunControl } from "../../run/run.js" */

import { byId } from "../../core/dom.js";
import { forgetCurrentRun, showCurrentRun } from "../../core/header.js";
import { openShareMenu } from "../share.js";

/** @param {RunControl} run */
export function buildHeader(run) {
  const share = byId("share");
  share.setAttribute("aria-haspopup", "dialog");
  share.addEventListener("click", () => openShareMenu(share, run));
  const tell = () => {
    const { run: shown, status, connection } = run.state;
    if (!shown) return;
    if (connection === "gone") forgetCurrentRun(shown.id);
    else if (status)
      showCurrentRun({ id: shown.id, title: shown.title, state: status.state, step: status.step });
  };
  for (const part of /** @type {const} */ (["run", "status", "connection"]))
    run.store.watch((state) => state[part], tell);
}
