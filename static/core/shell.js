/** The header of the pages around the playground: a link to copy, and the run that this window was last in. */

import { texts } from "./texts.js";
import { byId } from "./dom.js";
import { followCurrentRun } from "./follow_run.js";
import { noticesAt } from "./notices.js";

const TEXTS = texts(import.meta.url, {
  linkCopied: "Link copied",
  noClipboard: "No clipboard here. The link is {href}",
});

followCurrentRun();

byId("share").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(location.href);
    notify(TEXTS.linkCopied);
  } catch {
    notify(TEXTS.noClipboard({ href: location.href }));
  }
});

/** Say something for a few seconds. */
export const notify = noticesAt(byId("notice"));
