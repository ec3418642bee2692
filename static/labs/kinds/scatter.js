/** The points and the lines fitted to them, on a canvas that takes points in and away. */

/** @import { Pair, View } from "./points.js" */

import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { fitCanvas } from "../../draw/plot.js";
import { placesOn } from "../../draw/relief.js";
import { color, plotFont } from "../../draw/theme_colors.js";
import { ticks } from "../../draw/ticks.js";
import { rounded, turned, viewOf } from "./points.js";

const TEXTS = texts(import.meta.url, {
  pointsLinesFittedThem: "The points and the lines fitted to them",
});

/** @typedef {{ slope: number, intercept: number, color: string }} Line */

/** Pixels within which a click is on a point. */
const NEAR = 8;

export class Scatter {
  canvas = element("canvas", {
    class: "kinds-points",
    tabindex: 0,
    role: "img",
    "aria-label": TEXTS.pointsLinesFittedThem,
  });
  /** @type {Pair[]} */
  #points = [];
  #changed;

  /** @param {(points: Pair[] | null) => void} changed null: too few would be left */
  constructor(changed) {
    this.#changed = changed;
    this.canvas.addEventListener("click", (event) => this.#click(event));
  }

  /** @param {MouseEvent} event */
  #click({ offsetX, offsetY }) {
    const { clientWidth, clientHeight } = this.canvas;
    const { toX, toY, fromX, fromY } = placesOn(clientWidth, clientHeight, viewOf(this.#points));
    const near = this.#points.findIndex(([x, y]) => Math.hypot(toX(x) - offsetX, toY(y) - offsetY) < NEAR);
    this.#changed(turned(this.#points, near, rounded(fromX(offsetX), fromY(offsetY), 2)));
  }

  /** @param {Pair[]} points @param {Line[]} lines */
  paint(points, lines) {
    this.#points = points;
    const context = this.canvas.getContext("2d");
    if (!context || this.canvas.clientWidth < 40) return;
    const { width, height } = fitCanvas(this.canvas, context);
    context.clearRect(0, 0, width, height);
    const view = viewOf(points);
    const places = placesOn(width, height, view);
    const { box } = places;
    drawAxes(context, view, places);
    context.save();
    context.beginPath();
    context.rect(box.left, box.top, box.width, box.height);
    context.clip();
    for (const line of lines) drawLine(context, line, view, places);
    drawPoints(context, points, places);
    context.restore();
  }
}

/** @typedef {ReturnType<typeof placesOn>} Places */

/** @param {CanvasRenderingContext2D} context @param {View} view @param {Places} places */
function drawAxes(context, { x, y }, { box, toX, toY }) {
  context.fillStyle = color("ink-3");
  context.strokeStyle = color("line");
  context.font = plotFont();
  context.strokeRect(box.left + 0.5, box.top + 0.5, box.width - 1, box.height - 1);
  context.textAlign = "center";
  for (const { value, text } of ticks({ low: x[0], high: x[1], log: false }, 4))
    context.fillText(text, toX(value), box.top + box.height + 15);
  context.textAlign = "right";
  for (const { value, text } of ticks({ low: y[0], high: y[1], log: false }, 4))
    context.fillText(text, box.left - 6, toY(value) + 4);
}

/** @param {CanvasRenderingContext2D} context @param {Line} line @param {View} view @param {Places} places */
function drawLine(context, { slope, intercept, color: own }, { x: ends }, { toX, toY }) {
  context.strokeStyle = own;
  context.lineWidth = 2;
  context.beginPath();
  for (const x of ends) context.lineTo(toX(x), toY(slope * x + intercept));
  context.stroke();
}

/** @param {CanvasRenderingContext2D} context @param {Pair[]} points @param {Places} places */
function drawPoints(context, points, { toX, toY }) {
  context.fillStyle = color("ink-2");
  context.strokeStyle = color("paper");
  context.lineWidth = 1;
  for (const [x, y] of points) {
    context.beginPath();
    context.arc(toX(x), toY(y), 4, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
}
