/** Sample points and the places that are pointed at, over the answer. */

/** @import { Theme } from "../../draw/colors.js" */
/** @import { Place } from "./model.js" */

import { category, cssColor, diverging } from "../../draw/colors.js";
import { markerOf, traceMarker } from "../../draw/markers.js";
import { color } from "../../draw/theme_colors.js";

/** @typedef {{ width: number, height: number }} Size */

/** Pixels of a side up to which points have their usual size; they grow with a larger one. */
const USUAL = 360;

/**
 * Training points are filled, test points are rings: the same two looks as the lines of the curves.
 *
 * @param {CanvasRenderingContext2D} context @param {Size} size
 * @param {(Place & { target: number })[]} points @param {"train" | "test"} set
 * @param {{ classes: number, theme: Theme }} look
 */
export function drawPoints(context, { width, height }, points, set, { classes, theme }) {
  const draw = set === "train" ? drawFilled : drawRing;
  const radius = (set === "train" ? 3 : 2.6) * Math.max(1, Math.min(1.6, width / USUAL));
  for (const { x, y, target } of points) {
    context.beginPath();
    const marker = classes > 0 ? markerOf(target) : "circle";
    traceMarker(context, marker, x * width, y * height, radius);
    draw(context, colorOf(target, classes, theme));
  }
}

/** @param {number} target a class, or a value @param {number} classes @param {Theme} theme */
function colorOf(target, classes, theme) {
  if (classes > 2) return category(target);
  if (classes === 2) return color(target > 0 ? "positive" : "negative");
  return cssColor(diverging(target, theme));
}

/** @param {CanvasRenderingContext2D} context @param {string} fill */
function drawFilled(context, fill) {
  context.fillStyle = fill;
  context.fill();
  context.strokeStyle = "rgb(255 255 255 / 85%)";
  context.lineWidth = 1;
  context.stroke();
}

/** @param {CanvasRenderingContext2D} context @param {string} stroke */
function drawRing(context, stroke) {
  context.fillStyle = color("paper");
  context.fill();
  context.strokeStyle = stroke;
  context.lineWidth = 1.5;
  context.stroke();
}

/** @param {CanvasRenderingContext2D} context @param {Size} size @param {Place} place @param {string} stroke */
export function drawCircle(context, { width, height }, { x, y }, stroke) {
  context.strokeStyle = stroke;
  context.lineWidth = 1.25;
  context.beginPath();
  context.arc(x * width, y * height, 6, 0, 2 * Math.PI);
  context.stroke();
}
