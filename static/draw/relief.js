/**
 * A loss landscape from above: heights as colour and contour lines, with a path whose points have losses of
 * their own.
 */

/** @import { Rgb, Theme } from "./colors.js" */

import { shortNumber } from "../core/format.js";
import { color, plotFont } from "./theme_colors.js";
import { cssColor, magnitude } from "./colors.js";
import { drawCross, drawOrigin } from "./marks.js";
import { fitCanvas } from "./plot.js";
import { heightColor, heightPixels, isoline, sharesOf } from "./terrain.js";
import { ticks } from "./ticks.js";

/**
 * What there is to draw.
 *
 * @typedef {object} Relief
 * @property {ArrayLike<number>} x coefficients along the columns
 * @property {ArrayLike<number>} y along the rows, the first row lowest
 * @property {ArrayLike<number>} losses row by row; NaN where nothing is known
 * @property {Path[]} paths
 * @property {{ x: number, y: number, text: string, loss?: number }[]} [marks] a loss left out is the grid's
 * @property {[string, string]} axes what the axes are called
 * @property {string} [unknown] words for a picture of which nothing is known yet
 */

/**
 * @typedef {object} Path
 * @property {ArrayLike<number>} places x and y of each point, one after the other
 * @property {ArrayLike<number>} losses of each point, its own
 * @property {string} [color] of the line; left out: ink
 * @property {boolean} [dots] whether each point is a dot in the colour of its own loss
 */

const MARGIN = { left: 46, right: 10, top: 8, bottom: 22 };

/** Contour lines between the least and the greatest. */
const LINES = 14;

/**
 * The losses of a landscape and of its paths on one logarithmic scale from 0 to 1.
 *
 * @param {Pick<Relief, "losses" | "paths">} relief
 */
export function lossScale({ losses, paths }) {
  const all = [losses, ...paths.map((path) => path.losses)].flatMap((values) => Array.from(values));
  const least = all.reduce((low, value) => (value < low ? value : low), Infinity);
  const { shares, shareAt, heightAt } = sharesOf(all, Number.isFinite(least) ? least : 0);
  let at = losses.length;
  const ofPaths = paths.map((path) => shares.subarray(at, (at += path.losses.length)));
  return { shares: shares.subarray(0, losses.length), ofPaths, shareAt, heightAt };
}

/**
 * Where things lie on a canvas of this size.
 *
 * @param {number} width @param {number} height @param {Pick<Relief, "x" | "y">} relief
 */
export function placesOn(width, height, { x, y }) {
  const box = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: Math.max(1, height - MARGIN.top - MARGIN.bottom),
  };
  const [x0, x1] = [x[0] ?? 0, x[x.length - 1] ?? 1];
  const [y0, y1] = [y[0] ?? 0, y[y.length - 1] ?? 1];
  return {
    box,
    toX: (/** @type {number} */ value) => box.left + (box.width * (value - x0)) / (x1 - x0),
    toY: (/** @type {number} */ value) => box.top + (box.height * (y1 - value)) / (y1 - y0),
    fromX: (/** @type {number} */ pixel) => x0 + ((pixel - box.left) / box.width) * (x1 - x0),
    fromY: (/** @type {number} */ pixel) => y1 - ((pixel - box.top) / box.height) * (y1 - y0),
  };
}

/** @param {HTMLCanvasElement} canvas @param {Relief} relief @param {Theme} theme */
export function drawRelief(canvas, relief, theme) {
  const context = canvas.getContext("2d");
  if (!context || canvas.clientWidth < 40) return;
  const { width, height } = fitCanvas(canvas, context);
  context.clearRect(0, 0, width, height);
  const places = placesOn(width, height, relief);
  const { box } = places;
  const scale = lossScale(relief);
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.height);
  context.clip();
  if (relief.losses.length > 0) drawGround(context, relief, scale.shares, box, theme);
  relief.paths.forEach((path, index) =>
    drawPath(context, path, scale.ofPaths[index] ?? new Float32Array(), places, theme),
  );
  for (const mark of relief.marks ?? [])
    drawCross(context, places.toX(mark.x), places.toY(mark.y), mark.text);
  context.restore();
  drawAxes(context, relief, places);
}

/**
 * @param {CanvasRenderingContext2D} context @param {Relief} relief @param {Float32Array} shares
 * @param {{ left: number, top: number, width: number, height: number }} box @param {Theme} theme
 */
function drawGround(context, { x, y }, shares, box, theme) {
  const [columns, rows] = [x.length, y.length];
  const flipped = rowsTurned(shares, columns, rows);
  const image = new ImageData(columns, rows);
  new Uint32Array(image.data.buffer).set(heightPixels(flipped, theme));
  const small = new OffscreenCanvas(columns, rows);
  small.getContext("2d")?.putImageData(image, 0, 0);
  // The grid goes from edge to edge: the middle of the outermost pixels is the edge.
  const [cell, row] = [box.width / (columns - 1), box.height / (rows - 1)];
  context.imageSmoothingQuality = "high";
  context.drawImage(small, box.left - cell / 2, box.top - row / 2, box.width + cell, box.height + row);
  context.strokeStyle = theme === "dark" ? "rgb(255 255 255 / 18%)" : "rgb(20 20 40 / 22%)";
  context.lineWidth = 1;
  context.beginPath();
  for (let line = 1; line < LINES; line++) {
    const segments = isoline(flipped, columns, rows, line / LINES);
    for (let at = 0; at + 3 < segments.length; at += 4) {
      context.moveTo(box.left + cell * (segments[at] ?? 0), box.top + row * (segments[at + 1] ?? 0));
      context.lineTo(box.left + cell * (segments[at + 2] ?? 0), box.top + row * (segments[at + 3] ?? 0));
    }
  }
  context.stroke();
}

/**
 * The first row last: pictures begin at the top.
 *
 * @param {Float32Array} values @param {number} columns @param {number} rows
 */
export function rowsTurned(values, columns, rows) {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    turned.set(values.subarray(row * columns, (row + 1) * columns), (rows - 1 - row) * columns);
  return turned;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Path} path @param {Float32Array} shares
 * @param {ReturnType<typeof placesOn>} places @param {Theme} theme
 */
function drawPath(context, path, shares, { toX, toY }, theme) {
  const count = path.places.length / 2;
  if (count === 0) return;
  const line = new Path2D();
  for (let index = 0; index < count; index++)
    line.lineTo(toX(path.places[2 * index] ?? 0), toY(path.places[2 * index + 1] ?? 0));
  context.lineJoin = context.lineCap = "round";
  context.strokeStyle = theme === "dark" ? "rgb(0 0 0 / 50%)" : "rgb(255 255 255 / 70%)";
  context.lineWidth = 4.5;
  context.stroke(line);
  context.strokeStyle = path.color ?? color("ink");
  context.lineWidth = path.dots ? 1.25 : 2;
  context.stroke(line);
  if (path.dots) {
    const radius = count > 80 ? 3 : 4;
    context.lineWidth = 1;
    context.strokeStyle = color("ink");
    for (let index = 0; index < count; index++) {
      context.fillStyle = dotColor(shares[index] ?? NaN);
      context.beginPath();
      context.arc(
        toX(path.places[2 * index] ?? 0),
        toY(path.places[2 * index + 1] ?? 0),
        radius,
        0,
        2 * Math.PI,
      );
      context.fill();
      context.stroke();
    }
  }
  const last = path.places.length - 2;
  drawOrigin(context, toX(path.places[0] ?? 0), toY(path.places[1] ?? 0));
  drawCross(context, toX(path.places[last] ?? 0), toY(path.places[last + 1] ?? 0));
}

/** The colour of a share of the height at full strength. @param {number} share */
export function dotColor(share) {
  return cssColor(magnitude(0.04 + 0.92 * (Number.isNaN(share) ? 1 : share)));
}

/**
 * @param {CanvasRenderingContext2D} context @param {Relief} relief @param {ReturnType<typeof placesOn>}
 * places
 */
function drawAxes(context, { x, y, axes }, { box, toX, toY }) {
  context.fillStyle = color("ink-3");
  context.strokeStyle = color("line");
  context.lineWidth = 1;
  context.strokeRect(box.left + 0.5, box.top + 0.5, box.width - 1, box.height - 1);
  context.font = plotFont(12, "italic");
  const name = context.measureText(axes[0]).width;
  context.font = plotFont();
  context.textBaseline = "alphabetic";
  context.textAlign = "center";
  for (const { value, text } of ticks(
    { low: x[0] ?? 0, high: x[x.length - 1] ?? 1, log: false },
    box.width / 80,
  )) {
    const place = toX(value);
    if (place > box.left + 10 && place < box.left + box.width - name - 18)
      context.fillText(text, place, box.top + box.height + 15);
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const { value, text } of ticks(
    { low: y[0] ?? 0, high: y[y.length - 1] ?? 1, log: false },
    box.height / 44,
  )) {
    if (toY(value) > box.top + 14) context.fillText(text, box.left - 6, toY(value));
  }
  context.font = plotFont(12, "italic");
  context.textBaseline = "alphabetic";
  context.fillText(axes[0], box.left + box.width, box.top + box.height + 16);
  // Within the picture, because a word may be longer than the margin is wide.
  context.textAlign = "left";
  context.lineWidth = 3;
  context.strokeStyle = color("paper");
  context.globalAlpha = 0.75;
  context.strokeText(axes[1], box.left + 6, box.top + 16);
  context.globalAlpha = 1;
  context.fillStyle = color("ink-2");
  context.fillText(axes[1], box.left + 6, box.top + 16);
}

/**
 * The scale beside a relief: colours and the losses they stand for.
 *
 * @param {HTMLCanvasElement} canvas @param {Relief} relief @param {Theme} theme
 */
export function drawScale(canvas, relief, theme) {
  const context = canvas.getContext("2d");
  if (!context || canvas.clientWidth < 20) return;
  const { width, height } = fitCanvas(canvas, context);
  context.clearRect(0, 0, width, height);
  const { heightAt } = lossScale(relief);
  const [bar, top, bottom] = [10, MARGIN.top, height - MARGIN.bottom];
  for (let row = top; row < bottom; row++) {
    context.fillStyle = cssColor(heightColor(1 - (row - top) / (bottom - top), theme));
    context.fillRect(0, row, bar, 1.5);
  }
  context.fillStyle = color("ink-3");
  context.font = plotFont();
  context.textBaseline = "middle";
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const value = heightAt(share);
    if (Number.isFinite(value))
      context.fillText(shortNumber(value, 2), bar + 6, bottom - share * (bottom - top));
  }
}

/**
 * The loss of the grid point nearest to a place.
 *
 * @param {Relief} relief @param {number} atX @param {number} atY
 */
export function lossAt({ x, y, losses }, atX, atY) {
  const column = Math.round(((atX - (x[0] ?? 0)) / ((x[x.length - 1] ?? 1) - (x[0] ?? 0))) * (x.length - 1));
  const row = Math.round(((atY - (y[0] ?? 0)) / ((y[y.length - 1] ?? 1) - (y[0] ?? 0))) * (y.length - 1));
  if (column < 0 || row < 0 || column >= x.length || row >= y.length) return NaN;
  return losses[row * x.length + column] ?? NaN;
}
