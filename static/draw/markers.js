/** Shapes that tell classes apart where colours do not. */

import { MARKERS } from "./colors.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * Corners of polygons on the unit circle, from the top.
 *
 * @param {number} corners @param {number} [turn] @param {number} [inner] radius of every second corner
 */
function polygon(corners, turn = 0, inner = 1) {
  return Array.from({ length: corners }, (_, index) => {
    const angle = turn + (2 * Math.PI * index) / corners;
    const radius = index % 2 ? inner : 1;
    return /** @type {[number, number]} */ ([radius * Math.sin(angle), -radius * Math.cos(angle)]);
  });
}

const ARM = 0.36;

/** Outlines that cover about as much as the unit circle does. @type {Record<string, [number, number][]>} */
const OUTLINES = {
  square: polygon(4, Math.PI / 4).map(([x, y]) => [1.22 * x, 1.22 * y]),
  triangle: polygon(3).map(([x, y]) => [1.4 * x, 1.4 * y + 0.2]),
  diamond: polygon(4).map(([x, y]) => [1.2 * x, 1.35 * y]),
  plus: [
    [-ARM, -1.2],
    [ARM, -1.2],
    [ARM, -ARM],
    [1.2, -ARM],
    [1.2, ARM],
    [ARM, ARM],
    [ARM, 1.2],
    [-ARM, 1.2],
    [-ARM, ARM],
    [-1.2, ARM],
    [-1.2, -ARM],
    [-ARM, -ARM],
  ],
  star: polygon(10, 0, 0.5).map(([x, y]) => [1.45 * x, 1.45 * y]),
};
OUTLINES["cross"] = (OUTLINES["plus"] ?? []).map(([x, y]) => [
  (x - y) * Math.SQRT1_2,
  (x + y) * Math.SQRT1_2,
]);

/** @param {number} index of a class */
export function markerOf(index) {
  return MARKERS[((index % MARKERS.length) + MARKERS.length) % MARKERS.length] ?? "circle";
}

/**
 * Add a marker's outline to the present path.
 *
 * @param {CanvasRenderingContext2D | Path2D} path @param {string} marker @param {number} x @param {number} y
 * @param {number} radius
 */
export function traceMarker(path, marker, x, y, radius) {
  const outline = OUTLINES[marker];
  if (!outline) {
    path.moveTo(x + radius, y);
    path.arc(x, y, radius, 0, 2 * Math.PI);
    if (marker === "ring") path.arc(x, y, radius * 0.45, 0, 2 * Math.PI, true);
    return;
  }
  outline.forEach(([across, down], index) => {
    if (index === 0) path.moveTo(x + across * radius, y + down * radius);
    else path.lineTo(x + across * radius, y + down * radius);
  });
  path.closePath();
}

/** A marker as an icon, for legends. @param {string} marker @param {string} className */
export function markerIcon(marker, className) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "-1.7 -1.7 3.4 3.4");
  svg.setAttribute("class", `marker ${className}`);
  svg.setAttribute("aria-hidden", "true");
  const outline = OUTLINES[marker];
  const path = document.createElementNS(SVG, "path");
  path.setAttribute(
    "d",
    outline
      ? `M${outline.map((place) => place.map((at) => at.toFixed(2)).join(" ")).join("L")}Z`
      : "M1 0A1 1 0 1 1 -1 0A1 1 0 1 1 1 0Z",
  );
  if (marker === "ring") path.setAttribute("class", "hollow");
  svg.append(path);
  return svg;
}

/**
 * A stroke with a line's dashes, for a legend.
 *
 * @param {number[]} dash @param {string} [className]
 */
export function strokeIcon(dash, className = "stroke") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 28 8");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", "M0 4H28");
  line.setAttribute("stroke-dasharray", dash.join(" "));
  svg.append(line);
  return svg;
}
