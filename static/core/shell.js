/** The header of the pages around the playground: a link to copy, and the run that this window was last in. */

import { byId } from "./dom.js";
import { followCurrentRun } from "./follow_run.js";
import { noticesAt } from "./notices.js";

followCurrentRun();

byId("share").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(location.href);
    notify("Link copied");
  } catch {
    notify(`No clipboard here. The link is ${location.href}`);
  }
});

/** Say something for a few seconds. */
export const notify = noticesAt(byId("notice"));
