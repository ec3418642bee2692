/** A line of a legend: how something is drawn, its name, and its value. */

import { element } from "../../core/dom.js";
import { markerIcon, strokeIcon } from "../../draw/markers.js";

/**
 * @param {{ name: string, color: string, dash?: number[], marker: string }} drawn `dash`: absent of points
 * @param {string} [value]
 */
export function keyOf({ name, color, dash, marker }, value = "") {
  const sample = element(
    "span",
    { class: "figure-sample" },
    dash && strokeIcon(dash),
    markerIcon(marker, ""),
  );
  sample.style.setProperty("--series", color);
  return element("li", {}, sample, element("span", {}, name), value && element("output", {}, value));
}
