/** A block as a small picture: what changes an output alone is written on what gives it. */

/** @import { Kind, PlanNode } from "./folding.js" */
/** @import { Box, Edge } from "./layering.js" */

import { texts } from "../../core/texts.js";
import { group, merged } from "./folding.js";
import { placed, SMALL } from "./layering.js";
import { categoryOf, colorOf, windowText } from "./words.js";

const TEXTS = texts(import.meta.url, {
  depthwise: "{window} dw",
  concatenation: "concat",
  maximum: "max {window}",
  average: "mean {window}",
  mean: "mean",
  dense: "dense {units}",
  norm: "norm",
});

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = 8;

/**
 * @param {PlanNode[]} nodes @param {Record<string, Kind>} kinds @param {string} label what is seen, in words
 * @returns {SVGSVGElement}
 */
export function blockPicture(nodes, kinds, label) {
  const { nodes: kept } = merged(nodes, kinds);
  const { boxes, edges, width, height } = placed(group("", null, kept), new Set(), null, SMALL);
  const whole = height + 2 * MARGIN + SMALL.rise;
  const picture = made("svg", {
    viewBox: `${-MARGIN} ${-MARGIN} ${width + 2 * MARGIN} ${whole}`,
    width: width + 2 * MARGIN,
    height: whole,
    role: "img",
    "aria-label": label,
  });
  picture.append(...edges.map(wire), out(boxes), ...boxes.map((box) => boxPicture(box, kinds)));
  return /** @type {SVGSVGElement} */ (picture);
}

/** @param {Edge} edge */
function wire({ points }) {
  const steps = points.map(({ x, y }, index) => {
    const before = points[index - 1];
    if (!before) return `M${x} ${y}`;
    const middle = (before.y + y) / 2;
    return index % 2 ? `L${x} ${y}` : `C${before.x} ${middle} ${x} ${middle} ${x} ${y}`;
  });
  return made("path", { class: "wire", d: steps.join(" ") });
}

/** What leaves the last node. @param {Box[]} boxes */
function out(boxes) {
  const last = boxes.at(-1);
  if (!last) return made("g", {});
  const x = last.x + last.width / 2;
  return made("path", { class: "wire", d: `M${x} ${last.y + last.height} v${SMALL.rise}` });
}

/** @param {Box} box @param {Record<string, Kind>} kinds */
function boxPicture({ part, x, y, width, height }, kinds) {
  const node = /** @type {PlanNode} */ (part);
  const kind = kinds[node.kind];
  const words = made("text", { x: x + width / 2, y: y + height / 2 + 4 });
  words.textContent = labelOf(node, kind);
  const box = made("rect", { x, y, width, height, rx: 4 });
  const strip = made("rect", { class: "strip", x: x + 3, y: y + 4, width: 3, height: height - 8, rx: 1.5 });
  strip.setAttribute("fill", colorOf(categoryOf(kind)));
  const title = made("title", {});
  title.textContent = `${node.name.slice(node.name.lastIndexOf(".") + 1)}: ${kind?.label ?? node.kind}`;
  const all = made("g", {});
  all.append(title, box, strip, words);
  return all;
}

/**
 * `3×3, 64`, or `3×3, 32×4` in 32 groups of 4 maps; a sum is a plus.
 *
 * @param {PlanNode} node @param {Kind | undefined} kind
 */
export function labelOf(node, kind) {
  if (kind?.role === "convolution") {
    const window = windowText(node.kernel ?? []);
    if (node.groups === node.shape[0]) return TEXTS.depthwise({ window });
    const maps = node.shape[0] ?? 0;
    return node.groups > 1 ? `${window}, ${node.groups}×${maps / node.groups}` : `${window}, ${maps}`;
  }
  if (kind?.role === "sum") return "+";
  if (kind?.role === "concatenation") return TEXTS.concatenation;
  if (kind?.role === "max_pooling") return TEXTS.maximum({ window: windowText(node.kernel ?? []) });
  if (kind?.role === "average_pooling")
    return node.kernel?.length ? TEXTS.average({ window: windowText(node.kernel) }) : TEXTS.mean;
  if (kind?.role === "dense") return TEXTS.dense({ units: node.shape[0] ?? 0 });
  return categoryOf(kind) === "normalization" ? TEXTS.norm : (kind?.label ?? node.kind);
}

/** @param {string} tag @param {Record<string, string | number>} attributes */
function made(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  return node;
}
