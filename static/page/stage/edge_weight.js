/** A click on an edge opens its weight. */

import { element, place } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { openPopover } from "../../widgets/menu.js";
import { isSettable, weightForm } from "../../widgets/weight_edit.js";

const TEXTS = texts(import.meta.url, {
  weight: "Weight",
});

/** @import { RunControl } from "../../run/run.js" */
/** @import { Stage } from "./stage.js" */

/** @param {RunControl} run @param {Stage} stage */
export function listenToEdges(run, stage) {
  stage.onEdge(({ link, source, target, x, y }) => {
    if (!isSettable(run, link.to.head)) return;
    const anchor = element("span", { class: "edge-anchor" });
    place(anchor, x, y, 0, 0);
    stage.addLayer(anchor);
    const popover = openPopover(anchor, TEXTS.weight, [weightForm(run, link, source, target)]);
    popover.classList.add("weight-popover");
    popover.addEventListener(
      "toggle",
      (event) => /** @type {ToggleEvent} */ (event).newState === "closed" && anchor.remove(),
    );
  });
}
