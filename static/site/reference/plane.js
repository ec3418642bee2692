/** A plane: points, or paths over heights. */

/** @import { FigureLine, PlanePart } from "../../types.d.ts" */

import { element, picture, setAttribute } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { currentTheme } from "../../core/theme.js";
import { divergingTable } from "../../draw/colors.js";
import { traceMarker } from "../../draw/markers.js";
import { drawOrigin } from "../../draw/marks.js";
import { drawPlot, fitCanvas } from "../../draw/plot.js";
import { putPixels } from "../../draw/signals.js";
import { heightPixels, sharesOf } from "../../draw/terrain.js";
import { color, plotColors } from "../../draw/theme_colors.js";
import { styleOf } from "./chart_model.js";
import { keyOf } from "./key.js";

const TEXTS = texts(import.meta.url, { plane: "{title}: {y} over {x}. {names}" });

/** The inner part of a plot, as draw/plot.js has it. */
const [LEFT, RIGHT, TOP, BOTTOM] = [46, 10, 8, 20];

export class PlaneView {
  #canvas = picture("figure-plot figure-square");
  #ground = document.createElement("canvas");
  #legend = element("ul", { class: "figure-legend" });

  /** @param {string} title @param {string} of what it is a plane of */
  constructor(title, of) {
    setAttribute(this.#canvas, "aria-label", `${title}: ${of}`);
    this.element = element(
      "section",
      { class: "figure-part" },
      element("h3", {}, title),
      this.#canvas,
      this.#legend,
    );
  }

  /** @param {PlanePart} plane @param {string[]} names of all lines of the figure */
  show(plane, names) {
    const [left, right, bottom, top] = plane.region;
    const x = { low: left, high: right, log: false };
    const y = { low: bottom, high: top, log: false };
    drawPlot(this.#canvas, { lines: [], x, y, cursor: null, xLabel: plane.x.label }, plotColors());
    const context = this.#canvas.getContext("2d");
    if (!context) return;
    const { width, height } = fitCanvas(this.#canvas, context);
    const inner = { width: width - LEFT - RIGHT, height: height - TOP - BOTTOM };
    context.save();
    context.beginPath();
    context.rect(LEFT, TOP, inner.width, inner.height);
    context.clip();
    this.#drawGround(context, plane, inner);
    const toX = (/** @type {number} */ value) => LEFT + (inner.width * (value - left)) / (right - left);
    const toY = (/** @type {number} */ value) => TOP + inner.height * (1 - (value - bottom) / (top - bottom));
    for (const line of plane.points) drawPoints(context, line, names.indexOf(line.name), toX, toY);
    for (const line of plane.paths) drawPath(context, line, names.indexOf(line.name), toX, toY);
    context.restore();
    this.#name(plane, names);
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {PlanePart} plane
   * @param {{ width: number, height: number }} inner
   */
  #drawGround(context, { heights, signed }, inner) {
    if (!heights) return;
    const flat = Float32Array.from(heights.flat(), (value) => value ?? NaN);
    const columns = heights[0]?.length ?? 0;
    putPixels(this.#ground, signed ? signedPixels(flat) : steepPixels(flat), columns, heights.length);
    context.drawImage(this.#ground, LEFT, TOP, inner.width, inner.height);
  }

  /** @param {PlanePart} plane @param {string[]} order */
  #name({ title, x, y, points, paths }, order) {
    const named = [
      ...points.map(({ name }) => ({ name, ...styleOf(order.indexOf(name)), dash: undefined })),
      ...paths.map(({ name }) => ({ name, ...styleOf(order.indexOf(name)) })),
    ];
    this.#legend.replaceChildren(...named.map((each) => keyOf(/** @type {any} */ (each))));
    const names = named.map(({ name }) => name).join(", ");
    setAttribute(this.#canvas, "aria-label", TEXTS.plane({ title, y: y.label, x: x.label, names }));
  }
}

/** @param {Float32Array} heights */
function steepPixels(heights) {
  const least = heights.reduce((low, each) => (each < low ? each : low), Infinity);
  return heightPixels(sharesOf(heights, least).shares, currentTheme());
}

/** @param {Float32Array} heights */
function signedPixels(heights) {
  const table = divergingTable(currentTheme());
  const reach = heights.reduce((most, each) => Math.max(most, Math.abs(each) || 0), 1e-12);
  return Uint32Array.from(heights, (each) => table[Math.round(127.5 * (1 + each / reach))] ?? 0);
}

/**
 * @param {CanvasRenderingContext2D} context @param {FigureLine} line @param {number} index
 * @param {(value: number) => number} toX @param {(value: number) => number} toY
 */
function drawPoints(context, { x, y }, index, toX, toY) {
  const { color: own, marker } = styleOf(index);
  context.fillStyle = own;
  context.strokeStyle = color("paper");
  context.lineWidth = 0.75;
  x.forEach((place, at) => {
    context.beginPath();
    traceMarker(context, marker, toX(place ?? NaN), toY(y[at] ?? NaN), 3);
    context.fill("evenodd");
    context.stroke();
  });
}

/**
 * @param {CanvasRenderingContext2D} context @param {FigureLine} line @param {number} index
 * @param {(value: number) => number} toX @param {(value: number) => number} toY
 */
function drawPath(context, { x, y }, index, toX, toY) {
  const { color: own, dash, marker } = styleOf(index);
  const trace = () => {
    context.beginPath();
    x.forEach((place, at) => {
      if (place !== null && y[at] !== null) context.lineTo(toX(place), toY(y[at] ?? 0));
    });
    context.stroke();
  };
  context.strokeStyle = color("paper");
  context.lineWidth = 4;
  trace();
  context.strokeStyle = own;
  context.lineWidth = 2;
  context.setLineDash(dash);
  trace();
  context.setLineDash([]);
  const last = x.findLastIndex((place, at) => place !== null && y[at] !== null);
  drawOrigin(context, toX(x[0] ?? 0), toY(y[0] ?? 0));
  context.fillStyle = own;
  context.strokeStyle = color("paper");
  context.beginPath();
  traceMarker(context, marker, toX(x[last] ?? 0), toY(y[last] ?? 0), 5);
  context.fill("evenodd");
  context.stroke();
}
