/** A surface in three dimensions with the runners' paths, painted back to front; ground and paths apart, so that paths can move. */

/** @import { Rgb, Theme } from "../../draw/colors.js" */

import { category, cssColor, mix } from "../../draw/colors.js";
import { fitCanvas } from "../../draw/plot.js";
import { drawMarker, heightColor } from "../../draw/terrain.js";

/** Cells on either side; more cost time and show no more. */
const CELLS = 64;

/** How tall the highest place is, where half the width of the ground is 1. */
const TALL = 0.85;

/**
 * Shares of the height, row by row from the top.
 *
 * @typedef {object} Ground
 * @property {Float32Array} shares
 * @property {number} size
 */

/** A path: x and y from −1 to 1 and the share of the height. @typedef {{ points: [number, number, number][], marker: number }} Track */

/** @typedef {{ yaw: number, pitch: number }} View */

/**
 * From places (x and y from −1 to 1, share of the height) to pixels.
 *
 * @param {View} view @param {number} width @param {number} height
 */
export function projection({ yaw, pitch }, width, height) {
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
  const [lift, tilt] = [Math.cos(pitch), Math.sin(pitch)];
  const scale = Math.min(width / 2.95, height / (2.95 * tilt + 1.1 * TALL * lift));
  return (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ share) => {
    const across = x * cos - y * sin;
    const away = x * sin + y * cos;
    return { left: width / 2 + scale * across, top: height / 2 - scale * (away * tilt + (share - 0.5) * TALL * lift) };
  };
}

/** @param {HTMLCanvasElement} canvas @param {Ground} ground @param {View} view @param {Theme} theme */
export function drawGround(canvas, ground, view, theme) {
  const context = canvas.getContext("2d");
  if (!context || canvas.clientWidth === 0) return;
  const { width, height } = fitCanvas(canvas, context);
  context.clearRect(0, 0, width, height);
  const project = projection(view, width, height);
  const cells = Math.min(CELLS, ground.size - 1);
  const share = (/** @type {number} */ column, /** @type {number} */ row) => {
    const [x, y] = [Math.round((column / cells) * (ground.size - 1)), Math.round((row / cells) * (ground.size - 1))];
    return ground.shares[y * ground.size + x] ?? NaN;
  };
  const colors = Array.from({ length: 65 }, (_, level) => heightColor(level / 64, theme));
  const [light, dark] = /** @type {[Rgb, Rgb]} */ ([[255, 255, 255], [10, 10, 24]]);
  // Farther cells first: which way that is follows from where one stands.
  const order = (/** @type {boolean} */ rising) => Array.from({ length: cells }, (_, index) => (rising ? index : cells - 1 - index));
  const rows = order(Math.cos(view.yaw) > 0);
  const columns = order(Math.sin(view.yaw) < 0);
  context.lineWidth = 0.8;
  context.lineJoin = "round";
  for (const row of rows) {
    for (const column of columns) {
      const corners = /** @type {[number, number][]} */ ([[column, row], [column + 1, row], [column + 1, row + 1], [column, row + 1]]);
      const [a = 0, b = 0, c = 0, d = 0] = corners.map(([x, y]) => share(x, y));
      if (Number.isNaN(a + b + c + d)) continue;
      const base = colors[Math.round(16 * Math.min(4, Math.max(0, a + b + c + d)))] ?? light;
      const slope = (b + c - a - d) * 0.9 + (c + d - a - b) * 0.6;
      const shade = Math.max(-0.32, Math.min(0.32, slope * 2.2));
      context.fillStyle = context.strokeStyle = cssColor(shade > 0 ? mix(base, light, shade) : mix(base, dark, -shade));
      context.beginPath();
      for (const [x, y] of corners) {
        const { left, top } = project((2 * x) / cells - 1, 1 - (2 * y) / cells, share(x, y));
        context.lineTo(left, top);
      }
      context.closePath();
      context.fill();
      context.stroke(); // closes the seams
    }
  }
}

/** @param {HTMLCanvasElement} canvas @param {Track[]} tracks @param {View} view @param {{ halo: string, edge: string }} ink */
export function drawTracks(canvas, tracks, view, { halo, edge }) {
  const context = canvas.getContext("2d");
  if (!context || canvas.clientWidth === 0) return;
  const { width, height } = fitCanvas(canvas, context);
  context.clearRect(0, 0, width, height);
  const project = projection(view, width, height);
  context.lineJoin = context.lineCap = "round";
  for (const { points, marker } of tracks) {
    const line = new Path2D();
    for (const point of points) {
      const { left, top } = project(...point);
      line.lineTo(left, top);
    }
    context.setLineDash(marker < 8 ? [] : [7, 4]);
    for (const [style, thickness] of /** @type {[string, number][]} */ ([[halo, 4.5], [category(marker), 2.25]])) {
      context.strokeStyle = style;
      context.lineWidth = thickness;
      context.stroke(line);
    }
    context.setLineDash([]);
    const last = points.at(-1);
    if (!last) continue;
    const { left, top } = project(...last);
    context.fillStyle = category(marker);
    context.strokeStyle = edge;
    context.lineWidth = 1.5;
    drawMarker(context, marker, left, top, 5.5);
  }
}
