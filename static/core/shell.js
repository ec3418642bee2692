/** The header of the pages around the playground: a link to copy, and the run that this window was last in. */

import { byId, element } from "./dom.js";
import { followCurrentRun } from "./follow_run.js";

followCurrentRun();

byId("share").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(location.href);
    notify("Link copied");
  } catch {
    notify(`No clipboard here. The link is ${location.href}`);
  }
});

/** @type {ReturnType<typeof setTimeout> | undefined} */
let hiding;

/** Say something for a few seconds. @param {string} text @param {"info" | "error"} [tone] */
export function notify(text, tone = "info") {
  clearTimeout(hiding);
  const place = byId("notice");
  place.replaceChildren(element("p", { class: tone }, text));
  hiding = setTimeout(() => place.replaceChildren(), tone === "error" ? 7000 : 2500);
}
