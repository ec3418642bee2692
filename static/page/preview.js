/** A preview in the form, of the planned rate or of the loss: drawn by a script that is fetched when it is opened. */

/** @import { RunControl } from "../run/run.js" */

import { element } from "../core/dom.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  rate: "Planned rate",
  loss: "Shape of the loss",
  cannotBeShown: "It cannot be shown: {message}",
});

/**
 * Folded until it is opened, or another kind is chosen in the control that it is of.
 *
 * @param {RunControl} run @param {"rate" | "loss"} what @param {HTMLElement} control
 */
export function previewOf(run, what, control) {
  const place = element("div", { class: "preview" });
  const folded = element(
    "details",
    { class: "more needs-control" },
    element("summary", {}, TEXTS[what]),
    place,
  );
  control.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLSelectElement) folded.open = true;
  });
  folded.addEventListener("toggle", () => void import("./preview/chart.js").then(show, explain), {
    once: true,
  });
  const show = (/** @type {typeof import("./preview/chart.js")} */ { showPreview }) =>
    showPreview(run, what, folded, place);
  const explain = (/** @type {Error} */ { message }) =>
    place.replaceChildren(TEXTS.cannotBeShown({ message }));
  return folded;
}
