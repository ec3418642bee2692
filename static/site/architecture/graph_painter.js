/** The graph of an architecture on a canvas: only what is in view is drawn. */

/** @import { Kind } from "./folding.js" */
/** @import { Box, Edge, Placed } from "./layering.js" */
/** @import { View } from "./viewport.js" */

import { color } from "../../draw/theme_colors.js";
import { isGroup } from "./folding.js";
import { LEGIBLE, seen } from "./viewport.js";
import { categoryOf, colorOf, mapsText, partDetail, partName } from "./words.js";

/** @typedef {{ left: number, top: number, right: number, bottom: number }} Bounds */

/**
 * @typedef {object} Scene
 * @property {Placed} placed
 * @property {{ edge: Edge, bounds: Bounds }[]} edges
 * @property {Box[]} frames open groups, the outer ones first
 * @property {Box[]} boxes all others
 * @property {Record<string, Kind>} kinds
 */

const RADIUS = 6;
const STRIP = 4;

/**
 * What is drawn of a layout, prepared once.
 *
 * @param {Placed} placed @param {Record<string, Kind>} kinds @returns {Scene}
 */
export function sceneOf(placed, kinds) {
  return {
    placed,
    kinds,
    edges: placed.edges.map((edge) => ({ edge, bounds: boundsOf(edge) })),
    frames: placed.boxes.filter(({ open }) => open).sort((one, other) => one.depth - other.depth),
    boxes: placed.boxes.filter(({ open }) => !open),
  };
}

/** @param {Edge} edge @returns {Bounds} */
function boundsOf({ points }) {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  return {
    left: Math.min(...xs),
    right: Math.max(...xs) + 90,
    top: Math.min(...ys),
    bottom: Math.max(...ys),
  };
}

/**
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {View} view
 * @param {{ width: number, height: number, ratio: number }} window
 * @param {{ selected: string | null, pointed: string | null }} marked
 */
export function paintGraph(context, scene, view, window, marked) {
  const { ratio, width, height } = window;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y);
  const part = seen(view, window);
  const legible = view.scale >= LEGIBLE;
  for (const box of scene.frames) if (meets(box, part)) frame(context, box, marked);
  wires(context, scene, part, legible, view.scale);
  if (legible) for (const box of scene.frames) if (meets(box, part)) heading(context, box, scene.kinds);
  for (const box of scene.boxes) if (meets(box, part)) node(context, box, scene.kinds, legible, marked);
}

/** @param {Box} box @param {Bounds} part */
function meets({ x, y, width, height }, { left, top, right, bottom }) {
  return x <= right && x + width >= left && y <= bottom && y + height >= top;
}

/** @param {CanvasRenderingContext2D} context @param {number} size @param {number} [weight] */
function font(context, size, weight = 400) {
  context.font = `${weight} ${size}px ${color("font")}`;
}

/** @typedef {{ selected: string | null, pointed: string | null }} Marked */

/** @param {CanvasRenderingContext2D} context @param {Box} box @param {Marked} marked */
function frame(context, box, marked) {
  context.beginPath();
  context.roundRect(box.x, box.y, box.width, box.height, 10);
  context.fillStyle = groundOf(box);
  context.fill();
  outline(context, box, marked, "line");
}

/** Frames within frames are told apart by their grounds. @param {Box} box */
function groundOf({ depth }) {
  return color(depth % 2 ? "panel" : "tile");
}

/**
 * The name of an open group, over the edges that come in.
 *
 * @param {CanvasRenderingContext2D} context @param {Box} box @param {Record<string, Kind>} kinds
 */
function heading(context, box, kinds) {
  const name = `−  ${partName(box.part)}`;
  font(context, 12, 600);
  const named = context.measureText(name).width;
  font(context, 11);
  const detail = clipped(context, partDetail(box.part, kinds), box.width - named - 40);
  context.fillStyle = groundOf(box);
  context.fillRect(box.x + 10, box.y + 7, named + context.measureText(detail).width + 16, 18);
  context.fillStyle = color("ink-3");
  context.fillText(detail, box.x + 22 + named, box.y + 20);
  font(context, 12, 600);
  context.fillStyle = color("ink-2");
  context.fillText(name, box.x + 12, box.y + 20);
}

/** @param {CanvasRenderingContext2D} context @param {Box} box @param {Marked} marked @param {string} usual */
function outline(context, box, { selected, pointed }, usual) {
  const chosen = box.id === selected;
  context.lineWidth = chosen ? 2 : 1;
  context.strokeStyle = color(chosen ? "accent" : box.id === pointed ? "ink-3" : usual);
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context @param {Box} box @param {Record<string, Kind>} kinds
 * @param {boolean} legible @param {Marked} marked
 */
function node(context, box, kinds, legible, marked) {
  const { x, y, width, height, part } = box;
  const group = part !== null && isGroup(part);
  if (group) behind(context, box);
  context.beginPath();
  context.roundRect(x, y, width, height, RADIUS);
  context.fillStyle = color("panel");
  context.fill();
  context.fillStyle = colorOf(group ? "group" : part ? categoryOf(kinds[part.kind]) : "other");
  context.save();
  context.clip();
  context.fillRect(x, y, legible ? STRIP : width, height);
  context.restore();
  context.beginPath();
  context.roundRect(x, y, width, height, RADIUS);
  outline(context, box, marked, "line-strong");
  if (!legible) return;
  font(context, 12.5, 600);
  context.fillStyle = color("ink");
  const detail = partDetail(part, kinds);
  const room = width - 24 - (group ? 14 : 0);
  context.fillText(clipped(context, partName(part), room), x + 14, y + (detail ? 18 : height / 2 + 4));
  font(context, 11);
  context.fillStyle = color("ink-3");
  context.fillText(clipped(context, detail, width - 24), x + 14, y + 33);
  if (!group) return;
  font(context, 14, 600);
  context.fillText("+", x + width - 18, y + 19);
}

/**
 * Two more outlines behind a closed group: there is more in it.
 *
 * @param {CanvasRenderingContext2D} context @param {Box} box
 */
function behind(context, { x, y, width, height }) {
  context.lineWidth = 1;
  context.strokeStyle = color("line-strong");
  context.fillStyle = color("panel");
  for (const by of [6, 3]) {
    context.beginPath();
    context.roundRect(x + by, y + by, width - 2 * by + by, height, RADIUS);
    context.fill();
    context.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {Bounds} part @param {boolean} legible
 * @param {number} scale
 */
function wires(context, scene, part, legible, scale) {
  const visible = scene.edges.filter(
    ({ bounds }) =>
      bounds.left <= part.right &&
      bounds.right >= part.left &&
      bounds.top <= part.bottom &&
      bounds.bottom >= part.top,
  );
  context.lineWidth = Math.max(1.25, 0.7 / scale);
  context.strokeStyle = color("edge-neutral");
  context.beginPath();
  for (const { edge } of visible) trace(context, edge);
  context.stroke();
  if (!legible) return;
  context.fillStyle = color("edge-neutral");
  for (const { edge } of visible) if (edge.ends) head(context, edge);
  font(context, 10.5);
  context.fillStyle = color("ink-3");
  for (const { edge } of visible)
    if (edge.label) context.fillText(mapsText(edge.label.shape), edge.label.x, edge.label.y);
}

/** @param {CanvasRenderingContext2D} context @param {Edge} edge */
function trace(context, { points }) {
  points.forEach(({ x, y }, index) => {
    const before = points[index - 1];
    if (!before) context.moveTo(x, y);
    else if (index % 2 || before.x === x) context.lineTo(x, y);
    else {
      const middle = (before.y + y) / 2;
      context.bezierCurveTo(before.x, middle, x, middle, x, y);
    }
  });
}

/** @param {CanvasRenderingContext2D} context @param {Edge} edge */
function head(context, { points }) {
  const end = points.at(-1);
  if (!end) return;
  context.beginPath();
  context.moveTo(end.x, end.y);
  context.lineTo(end.x - 3.5, end.y - 6);
  context.lineTo(end.x + 3.5, end.y - 6);
  context.fill();
}

/** Widths of texts that were cut, by font and text. @type {Map<string, string>} */
const cut = new Map();

/** @param {CanvasRenderingContext2D} context @param {string} text @param {number} room */
function clipped(context, text, room) {
  const key = `${context.font}|${Math.round(room)}|${text}`;
  const known = cut.get(key);
  if (known !== undefined) return known;
  let short = text;
  while (short.length > 1 && context.measureText(short === text ? text : `${short}…`).width > room)
    short = short.slice(0, -1);
  const result = short === text ? text : `${short}…`;
  if (cut.size > 4000) cut.clear();
  cut.set(key, result);
  return result;
}
