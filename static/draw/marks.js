/** What stands at one place of a picture: runners, starts, minima, where a network is. */

import { color, plotFont } from "./theme_colors.js";
import { MARKERS } from "./colors.js";

/**
 * A minimum: a plus with an edge.
 *
 * @param {CanvasRenderingContext2D} context @param {number} x @param {number} y
 */
export function drawTarget(context, x, y) {
  for (const [style, width] of /** @type {[string, number][]} */ ([
    [color("paper"), 5],
    [color("ink"), 2],
  ])) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(x - 6, y);
    context.lineTo(x + 6, y);
    context.moveTo(x, y - 6);
    context.lineTo(x, y + 6);
    context.stroke();
  }
}

/**
 * A start that can be dragged: a ring around it.
 *
 * @param {CanvasRenderingContext2D} context @param {number} x @param {number} y
 */
export function drawStart(context, x, y) {
  context.beginPath();
  context.arc(x, y, 10, 0, 2 * Math.PI);
  context.strokeStyle = color("paper");
  context.lineWidth = 5;
  context.stroke();
  context.strokeStyle = color("accent");
  context.lineWidth = 2.5;
  context.stroke();
}

/**
 * Where a path began: an open dot.
 *
 * @param {CanvasRenderingContext2D} context @param {number} x @param {number} y
 */
export function drawOrigin(context, x, y) {
  context.strokeStyle = color("ink");
  context.fillStyle = color("paper");
  context.lineWidth = 1.75;
  context.beginPath();
  context.arc(x, y, 5, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
}

/**
 * Where a network is: a cross, and words beside it, to the left where the picture ends.
 *
 * @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {string} [text]
 */
export function drawCross(context, x, y, text = "") {
  for (const [style, width] of /** @type {[string, number][]} */ ([
    [color("paper"), 5],
    [color("accent"), 2.5],
  ])) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(x - 5, y - 5);
    context.lineTo(x + 5, y + 5);
    context.moveTo(x + 5, y - 5);
    context.lineTo(x - 5, y + 5);
    context.stroke();
  }
  if (!text) return;
  context.font = plotFont(11, "600");
  const fits = x + 9 + context.measureText(text).width < context.canvas.clientWidth - 12;
  context.textAlign = fits ? "left" : "right";
  context.textBaseline = "middle";
  context.lineWidth = 3;
  context.strokeStyle = color("paper");
  const at = /** @type {const} */ ([x + (fits ? 9 : -9), y - 9]);
  context.strokeText(text, ...at);
  context.fillStyle = color("ink");
  context.fillText(text, ...at);
}

/**
 * One of the eight markers, filled and outlined with what the context has.
 *
 * @param {CanvasRenderingContext2D} context @param {number} index @param {number} x @param {number} y
 * @param {number} radius
 */
export function drawMarker(context, index, x, y, radius) {
  const marker = MARKERS[index % MARKERS.length];
  context.beginPath();
  switch (marker) {
    case "square":
      context.rect(x - 0.88 * radius, y - 0.88 * radius, 1.76 * radius, 1.76 * radius);
      break;
    case "triangle":
      polygon(context, x, y + 0.1 * radius, 1.2 * radius, 3, -90);
      break;
    case "diamond":
      polygon(context, x, y, 1.2 * radius, 4, -90);
      break;
    case "cross":
      crossed(context, x, y, 1.15 * radius, 45);
      break;
    case "plus":
      crossed(context, x, y, 1.15 * radius, 0);
      break;
    case "star":
      star(context, x, y, 1.3 * radius);
      break;
    case "ring":
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.moveTo(x + 0.4 * radius, y);
      context.arc(x, y, 0.4 * radius, 0, 2 * Math.PI, true);
      break;
    default:
      context.arc(x, y, radius, 0, 2 * Math.PI);
  }
  context.closePath();
  context.fill();
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius
 * @param {number} corners @param {number} turn in degrees
 */
function polygon(context, x, y, radius, corners, turn) {
  for (let corner = 0; corner < corners; corner++) {
    const angle = ((turn + (360 * corner) / corners) * Math.PI) / 180;
    context.lineTo(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
  }
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius */
function star(context, x, y, radius) {
  for (let corner = 0; corner < 10; corner++) {
    const angle = ((-90 + 36 * corner) * Math.PI) / 180;
    const reach = corner % 2 ? 0.48 * radius : radius;
    context.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
  }
}

/**
 * A thick cross.
 *
 * @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius
 * @param {number} turn in degrees
 */
function crossed(context, x, y, radius, turn) {
  const [cos, sin] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
  const arm = 0.38;
  for (const [u, v] of /** @type {[number, number][]} */ ([
    [-arm, -1],
    [arm, -1],
    [arm, -arm],
    [1, -arm],
    [1, arm],
    [arm, arm],
    [arm, 1],
    [-arm, 1],
    [-arm, arm],
    [-1, arm],
    [-1, -arm],
    [-arm, -arm],
  ])) {
    context.lineTo(x + radius * (u * cos - v * sin), y + radius * (u * sin + v * cos));
  }
}
