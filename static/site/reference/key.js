/** A line of a legend: how something is drawn, its name, and its value. */

import { element } from "../../core/dom.js";
import { markerIcon } from "../../draw/markers.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {{ name: string, color: string, dash?: number[], marker: string }} drawn `dash`: absent of points
 * @param {string} [value]
 */
export function keyOf({ name, color, dash, marker }, value = "") {
  const sample = element("span", { class: "figure-sample" }, dash && strokeOf(dash), markerIcon(marker, ""));
  sample.style.setProperty("--series", color);
  return element("li", {}, sample, element("span", {}, name), value && element("output", {}, value));
}

/** @param {number[]} dash */
function strokeOf(dash) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 28 8");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", "M0 4H28");
  line.setAttribute("stroke-dasharray", dash.join(" "));
  svg.append(line);
  return svg;
}
