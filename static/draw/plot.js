/** Line plots on a canvas: axes, lines thinned to the pixels there are, a cursor. */

/** @import { PlotMark } from "./plot_marks.js" */
/** @import { Scale } from "./ticks.js" */

import { drawMarks, placeMarks } from "./plot_marks.js";
import { shareOf, ticks, valueOf } from "./ticks.js";

/**
 * @typedef {object} Line
 * @property {Float64Array} x
 * @property {Float64Array} y
 * @property {string} color
 * @property {number} width
 * @property {number[]} [dash]
 * @property {{ low: Float64Array, high: Float64Array }} [band] an area around it, as long as `y`
 * @property {number[]} [breaks] rows that nothing leads to from the row before, ascending
 */

/**
 * @typedef {{ lines: Line[], x: Scale, y: Scale, cursor: number | null, xLabel: string, marks?: PlotMark[],
 * labelsBelow?: boolean }} Picture `labelsBelow`: of the marks, where the lines are at the top
 */

/**
 * @typedef {{ text: string, grid: string, cursor: string, font: string, mark?: string, paper?: string }} Colors
 */

/** What the axes take at each side, where their words have the usual size. */
const AXES = { left: 46, right: 10, top: 8, bottom: 20 };
/** Pixels that words usually have, from a column of numbers to its axis, and from an axis down to its words. */
const [USUAL, BESIDE, BELOW] = [11, 7, 15];

/**
 * How much larger than usual the words of a plot are, since it was last drawn.
 *
 * @type {WeakMap<HTMLCanvasElement, number>}
 */
const scales = new WeakMap();
/** So few points are drawn as dots, too: one alone is no line. */
const FEW = 2;

/**
 * At most about two points a pixel: of the points that fall on one pixel, the first, least, greatest
 * and last, so that no spike is lost.
 *
 * @param {Float64Array} x @param {Float64Array} y @param {(value: number) => number} column pixel of an x
 * @returns {number[]} indices to draw, in order
 */
export function thinned(x, y, column) {
  const count = Math.min(x.length, y.length);
  /** @type {number[]} */
  const kept = [];
  let start = 0;
  while (start < count) {
    const pixel = Math.floor(column(x[start] ?? 0));
    let [least, greatest, end] = [start, start, start + 1];
    while (end < count && Math.floor(column(x[end] ?? 0)) === pixel) {
      const value = y[end] ?? NaN;
      if (value < (y[least] ?? NaN) || Number.isNaN(y[least])) least = end;
      if (value > (y[greatest] ?? NaN) || Number.isNaN(y[greatest])) greatest = end;
      end++;
    }
    const chosen = [...new Set([start, least, greatest, end - 1])].sort((a, b) => a - b);
    kept.push(...chosen);
    start = end;
  }
  return kept;
}

/**
 * A line as the lines between its breaks.
 *
 * @template {Line} L @param {L} line @returns {L[]}
 */
export function piecesOf(line) {
  const starts = [0, ...(line.breaks ?? [])];
  return starts.map((from, piece) => {
    const to = starts[piece + 1] ?? line.x.length;
    const part = (/** @type {Float64Array} */ values) => values.subarray(from, to);
    const band = line.band && { low: part(line.band.low), high: part(line.band.high) };
    return { ...line, x: part(line.x), y: part(line.y), breaks: [], ...(band ? { band } : {}) };
  });
}

/**
 * @param {Float64Array} x ascending @param {number} value @returns {number} index of the nearest, −1 if empty
 */
export function nearest(x, value) {
  let [low, high] = [0, x.length - 1];
  if (high < 0) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((x[middle] ?? 0) < value) low = middle;
    else high = middle;
  }
  return Math.abs((x[low] ?? 0) - value) <= Math.abs((x[high] ?? 0) - value) ? low : high;
}

/**
 * @param {HTMLCanvasElement} canvas @param {Picture} picture @param {Colors} colors
 */
export function drawPlot(canvas, picture, colors) {
  const context = canvas.getContext("2d");
  if (!context) return;
  fitCanvas(canvas, context);
  scales.set(canvas, Math.max(1, (parseFloat(colors.font) || USUAL) / USUAL));
  const inner = plotArea(canvas);
  if (inner.width <= 0 || inner.height <= 0) return;
  context.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
  context.font = colors.font;
  const toX = (/** @type {number} */ value) => inner.left + inner.width * shareOf(picture.x, value);
  const toY = (/** @type {number} */ value) => inner.top + inner.height * (1 - shareOf(picture.y, value));
  drawAxes(context, picture, inner, toX, toY, colors);
  context.save();
  context.beginPath();
  context.rect(inner.left - 1, inner.top - 2, inner.width + 2, inner.height + 4);
  context.clip();
  for (const line of picture.lines.flatMap(piecesOf)) drawBand(context, line, toX, toY);
  for (const line of picture.lines.flatMap(piecesOf)) drawLine(context, line, toX, toY);
  context.restore();
  if (picture.marks?.length) {
    const [right, bottom] = [inner.left + inner.width, inner.top + inner.height];
    const widthOf = (/** @type {string} */ text) => context.measureText(text).width;
    const placed = placeMarks(picture.marks, toX, { left: inner.left, right }, widthOf);
    drawMarks(
      context,
      placed,
      { top: inner.top, bottom, below: picture.labelsBelow ?? false },
      {
        line: colors.mark ?? colors.grid,
        text: colors.text,
        paper: colors.paper ?? "transparent",
      },
    );
  }
  if (picture.cursor !== null) {
    const x = Math.round(toX(picture.cursor)) + 0.5;
    context.strokeStyle = colors.cursor;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, inner.top);
    context.lineTo(x, inner.top + inner.height);
    context.stroke();
  }
}

/**
 * Where the lines of a plot are, between its axes.
 *
 * @param {HTMLCanvasElement} canvas
 * @returns {{ left: number, top: number, width: number, height: number, scale: number }} `scale`: of its words
 */
export function plotArea(canvas) {
  const scale = scales.get(canvas) ?? 1;
  const [left, right, bottom] = [scale * AXES.left, scale * AXES.right, scale * AXES.bottom];
  const { clientWidth, clientHeight } = canvas;
  return {
    left,
    top: AXES.top,
    width: clientWidth - left - right,
    height: clientHeight - AXES.top - bottom,
    scale,
  };
}

/**
 * @param {CanvasRenderingContext2D} context @param {Picture} picture
 * @param {ReturnType<typeof plotArea>} inner
 * @param {(value: number) => number} toX @param {(value: number) => number} toY @param {Colors} colors
 */
function drawAxes(context, picture, inner, toX, toY, colors) {
  context.fillStyle = colors.text;
  context.strokeStyle = colors.grid;
  context.lineWidth = 1;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const { value, text } of ticks(picture.y, Math.max(2, inner.height / (36 * inner.scale)))) {
    const y = Math.round(toY(value)) + 0.5;
    context.beginPath();
    context.moveTo(inner.left, y);
    context.lineTo(inner.left + inner.width, y);
    context.stroke();
    context.fillText(text, inner.left - BESIDE, y);
  }
  context.textBaseline = "alphabetic";
  const bottom = inner.top + inner.height + BELOW * inner.scale;
  for (const { value, text } of ticks(picture.x, Math.max(2, inner.width / (70 * inner.scale)))) {
    const x = toX(value);
    context.textAlign = x < inner.left + 4 ? "left" : x > inner.left + inner.width - 12 ? "right" : "center";
    context.fillText(text, x, bottom);
  }
  context.textAlign = "right";
  context.fillText(picture.xLabel, inner.left - BESIDE, bottom);
}

/**
 * The area around a line, behind all lines.
 *
 * @param {CanvasRenderingContext2D} context @param {Line} line @param {(value: number) => number} toX
 * @param {(value: number) => number} toY
 */
function drawBand(context, { x, y, color, band }, toX, toY) {
  if (!band) return;
  const along = thinned(x, y, toX).filter(
    (index) => Number.isFinite(toY(band.low[index] ?? NaN)) && Number.isFinite(toY(band.high[index] ?? NaN)),
  );
  context.beginPath();
  for (const index of along) context.lineTo(toX(x[index] ?? 0), toY(band.high[index] ?? 0));
  for (const index of along.reverse()) context.lineTo(toX(x[index] ?? 0), toY(band.low[index] ?? 0));
  context.closePath();
  context.globalAlpha = 0.18;
  context.fillStyle = color;
  context.fill();
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Line} line @param {(value: number) => number} toX
 * @param {(value: number) => number} toY
 */
function drawLine(context, { x, y, color, width, dash = [] }, toX, toY) {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.setLineDash(dash);
  context.beginPath();
  let pen = false;
  for (const index of thinned(x, y, toX)) {
    const level = toY(y[index] ?? NaN);
    if (!Number.isFinite(level)) {
      pen = false;
      continue;
    }
    if (pen) context.lineTo(toX(x[index] ?? 0), level);
    else context.moveTo(toX(x[index] ?? 0), level);
    pen = true;
  }
  context.stroke();
  context.setLineDash([]);
  if (x.length > FEW) return;
  context.fillStyle = color;
  context.beginPath();
  x.forEach((place, index) => {
    const level = toY(y[index] ?? NaN);
    if (!Number.isFinite(level)) return;
    context.moveTo(toX(place) + width + 1, level);
    context.arc(toX(place), level, width + 1, 0, 2 * Math.PI);
  });
  context.fill();
}

/**
 * The pixel of a value.
 *
 * @param {HTMLCanvasElement} canvas @param {Scale} scale @param {number} value
 */
export function pixelOf(canvas, scale, value) {
  const { left, width } = plotArea(canvas);
  return left + width * shareOf(scale, value);
}

/**
 * The value under a pointer.
 *
 * @param {HTMLCanvasElement} canvas @param {Scale} scale @param {number} offsetX
 */
export function valueUnder(canvas, scale, offsetX) {
  const { left, width } = plotArea(canvas);
  const share = (offsetX - left) / width;
  return valueOf(scale, Math.min(1, Math.max(0, share)));
}

/**
 * Give a canvas as many pixels as it covers on the screen; coordinates stay CSS pixels.
 *
 * @param {HTMLCanvasElement} canvas @param {CanvasRenderingContext2D} context
 * @returns {{ width: number, height: number }}
 */
export function fitCanvas(canvas, context) {
  const ratio = Math.min(3, globalThis.devicePixelRatio || 1);
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns;
    canvas.height = rows;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { width, height };
}
