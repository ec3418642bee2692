/** The scene on a canvas: boxes as they stand, what the chosen two share, and handles. */

/** @import { Box } from "./geometry.js" */
/** @import { Round, Standing } from "./suppression.js" */

import { category } from "../../draw/colors.js";
import { fitCanvas } from "../../draw/plot.js";
import { color, plotFont } from "../../draw/theme_colors.js";
import { HANDLES } from "../../widgets/box_board/geometry.js";
import { SCENE, shared } from "./geometry.js";

/**
 * What is drawn. `last` is the round that was shown last, none before the first.
 *
 * @typedef {{ boxes: Box[], pair: [number, number], standings: Standing[], last: Round | null }} View
 */

/** More boxes than these have no words on them. */
const MOST_NAMED = 40;

/** From the ground up. */
const STATES = /** @type {const} */ (["removed", "waiting", "kept"]);

/** The side of a handle, in pixels of the screen. */
const HANDLE = 8;

/**
 * @param {HTMLCanvasElement} canvas @param {View} view
 * @param {Pick<Box, "left" | "top" | "right" | "bottom"> | null} drawn a box that is being drawn
 */
export function paintScene(canvas, view, drawn) {
  const context = canvas.getContext("2d");
  if (!context || canvas.clientWidth < 40) return;
  const { width, height } = fitCanvas(canvas, context);
  context.clearRect(0, 0, width, height);
  const scale = width / SCENE.width;
  paintGrid(context, scale, width, height);
  paintPair(context, view, scale);
  if (view.boxes.length > MOST_NAMED) paintMany(context, view, scale);
  else {
    for (const state of STATES)
      for (const [index, standing] of view.standings.entries())
        if (standing.state === state) paintBox(context, view, index, scale);
  }
  paintLast(context, view, scale);
  const chosen = view.boxes[view.pair[0]];
  if (chosen) paintHandles(context, chosen, scale);
  if (drawn) outline(context, drawn, scale, color("accent"), 1.5, [4, 3]);
}

/** @param {CanvasRenderingContext2D} context @param {number} scale @param {number} width @param {number} height */
function paintGrid(context, scale, width, height) {
  context.strokeStyle = color("line");
  context.lineWidth = 1;
  context.beginPath();
  for (let x = 50; x < SCENE.width; x += 50) {
    context.moveTo(Math.round(x * scale) + 0.5, 0);
    context.lineTo(Math.round(x * scale) + 0.5, height);
  }
  for (let y = 50; y < SCENE.height; y += 50) {
    context.moveTo(0, Math.round(y * scale) + 0.5);
    context.lineTo(width, Math.round(y * scale) + 0.5);
  }
  context.stroke();
}

/**
 * What the chosen two share, filled; their union, faintly.
 *
 * @param {CanvasRenderingContext2D} context @param {View} view @param {number} scale
 */
function paintPair(context, { boxes, pair }, scale) {
  const [one, other] = [boxes[pair[0]], boxes[pair[1]]];
  if (!one || !other || one === other) return;
  context.fillStyle = color("accent");
  context.globalAlpha = 0.1;
  context.beginPath();
  for (const box of [one, other]) context.rect(...rectangle(box, scale));
  context.fill();
  const both = shared(one, other);
  if (both.right > both.left && both.bottom > both.top) {
    context.globalAlpha = 0.3;
    context.fillRect(...rectangle(both, scale));
  }
  context.globalAlpha = 1;
}

/**
 * Many boxes, by state and class in one stroke each, without dashes: these cost most of a frame.
 *
 * @param {CanvasRenderingContext2D} context @param {View} view @param {number} scale
 */
function paintMany(context, { boxes, standings, pair }, scale) {
  /** @type {Map<string, number[]>} */
  const groups = new Map();
  boxes.forEach((box, index) => {
    const state = standings[index]?.state ?? "waiting";
    const group = state === "removed" ? state : `${state} ${box.class}`;
    const members = groups.get(group);
    if (members) members.push(index);
    else groups.set(group, [index]);
  });
  for (const state of STATES) {
    for (const [group, members] of groups) {
      if (!group.startsWith(state)) continue;
      context.globalAlpha = state === "removed" ? 0.3 : 1;
      context.strokeStyle =
        state === "removed" ? color("ink-3") : category(Number(group.slice(state.length)));
      context.lineWidth = state === "kept" ? 2 : 1;
      context.beginPath();
      for (const index of members) context.rect(...rectangle(/** @type {Box} */ (boxes[index]), scale));
      context.stroke();
    }
  }
  context.globalAlpha = 1;
  for (const index of new Set(pair)) {
    const [box, standing] = [boxes[index], standings[index]];
    if (box && standing) paintName(context, box, index, standing.state, scale);
  }
}

/**
 * @param {CanvasRenderingContext2D} context @param {View} view @param {number} index @param {number} scale
 */
function paintBox(context, { boxes, standings }, index, scale) {
  const box = boxes[index];
  const { state } = standings[index] ?? { state: "waiting" };
  if (!box) return;
  const removed = state === "removed";
  context.globalAlpha = removed ? 0.75 : 1;
  const own = removed ? color("ink-3") : category(box.class);
  outline(context, box, scale, own, state === "kept" ? 2.5 : 1.25, removed ? [4, 4] : []);
  paintName(context, box, index, state, scale);
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Box} box @param {number} index
 * @param {Standing["state"]} state @param {number} scale
 */
function paintName(context, box, index, state, scale) {
  context.font = plotFont(11, state === "kept" ? "600" : "");
  const words = `${index + 1} · ${box.score.toFixed(2)}`;
  const wide = context.measureText(words).width + 8;
  const [x, y] = [box.left * scale, Math.max(0, box.top * scale - 16)];
  context.fillStyle = state === "kept" ? category(box.class) : color("panel");
  context.fillRect(x - 1, y, wide, 16);
  context.fillStyle = state === "kept" ? "#111" : color(state === "removed" ? "ink-3" : "ink-2");
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillText(words, x + 3, y + 8.5);
}

/**
 * From the box that was kept last to each that it removed.
 *
 * @param {CanvasRenderingContext2D} context @param {View} view @param {number} scale
 */
function paintLast(context, { boxes, last }, scale) {
  const winner = last && boxes[last.kept];
  if (!last || !winner) return;
  context.strokeStyle = context.fillStyle = color("ink-2");
  context.lineWidth = 1;
  const from = middle(winner, scale);
  for (const { box } of last.removed) {
    const to = middle(/** @type {Box} */ (boxes[box]), scale);
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
    context.beginPath();
    context.moveTo(to.x - 4, to.y - 4);
    context.lineTo(to.x + 4, to.y + 4);
    context.moveTo(to.x + 4, to.y - 4);
    context.lineTo(to.x - 4, to.y + 4);
    context.stroke();
  }
  context.beginPath();
  context.arc(from.x, from.y, 3.5, 0, 2 * Math.PI);
  context.fill();
}

/** @param {CanvasRenderingContext2D} context @param {Box} box @param {number} scale */
function paintHandles(context, box, scale) {
  const { x, y } = middle(box, scale);
  context.fillStyle = color("panel");
  context.strokeStyle = color("accent");
  context.lineWidth = 1.5;
  for (const [across, along] of HANDLES) {
    const left = x + (across * (box.right - box.left) * scale) / 2 - HANDLE / 2;
    const top = y + (along * (box.bottom - box.top) * scale) / 2 - HANDLE / 2;
    context.fillRect(left, top, HANDLE, HANDLE);
    context.strokeRect(left, top, HANDLE, HANDLE);
  }
}

/**
 * @param {Pick<Box, "left" | "top" | "right" | "bottom">} box @param {number} scale
 * @returns {[number, number, number, number]}
 */
function rectangle({ left, top, right, bottom }, scale) {
  return [left * scale, top * scale, (right - left) * scale, (bottom - top) * scale];
}

/** @param {Box} box @param {number} scale */
function middle({ left, top, right, bottom }, scale) {
  return { x: ((left + right) / 2) * scale, y: ((top + bottom) / 2) * scale };
}

/**
 * @param {CanvasRenderingContext2D} context @param {Pick<Box, "left" | "top" | "right" | "bottom">} box
 * @param {number} scale @param {string} own @param {number} wide @param {number[]} dash
 */
function outline(context, box, scale, own, wide, dash) {
  context.strokeStyle = own;
  context.lineWidth = wide;
  context.setLineDash(dash);
  context.strokeRect(...rectangle(box, scale));
  context.setLineDash([]);
}
