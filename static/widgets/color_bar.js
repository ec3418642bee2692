/** A bar of a colour scale between its two ends; drawn, so that a picture that is taken away has it too. */

import { element, setText } from "../core/dom.js";
import { putPixels } from "../draw/signals.js";

export function scaleBar() {
  const bar = element("canvas", { class: "pixels", "aria-hidden": true });
  const [low, high] = [element("span", { "data-label": "" }), element("span", { "data-label": "" })];
  return {
    element: element("span", { class: "scale-bar" }, low, bar, high),
    /** @param {Uint32Array} table @param {string} least @param {string} most */
    paint(table, least, most) {
      putPixels(bar, table, table.length, 1);
      setText(low, least);
      setText(high, most);
    },
  };
}
