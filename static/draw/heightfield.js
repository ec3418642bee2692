/**
 * A loss landscape in three dimensions, to be turned: a grid of heights drawn back to front, which for a field of
 * heights is exact, with the path floating at its own losses, so that one sees how far the plane is from it.
 */

/** @import { Theme } from "./colors.js" */
/** @import { Relief } from "./relief.js" */

import { color } from "../page/ink.js";
import { cssColor } from "./colors.js";
import { fitCanvas } from "./plot.js";
import { dotColor, lossScale } from "./relief.js";
import { heightColor } from "./terrain.js";

/** @typedef {{ turn: number, tilt: number }} Camera angles in radians: about the vertical; from the side (0) to above (π/2) */

/** @returns {Camera} */
export function camera() {
  return { turn: -0.65, tilt: 0.62 };
}

/** Height of the field, as a share of its sides. */
const HEIGHT = 0.62;

/** Steps of colour: quads of one colour are one path. */
const SHADES = 64;

/**
 * A point of the unit cube on the screen.
 *
 * @param {number} x −½ to ½ @param {number} y −½ to ½ @param {number} z 0 to 1 @param {Camera} from
 * @returns {[number, number, number]} right, up, and depth, which grows towards the eye
 */
export function projected(x, y, z, { turn, tilt }) {
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const right = x * cos - y * sin;
  const away = x * sin + y * cos;
  const level = (z - 0.4) * HEIGHT;
  const up = away * Math.sin(tilt) + level * Math.cos(tilt);
  const depth = -away * Math.cos(tilt) + level * Math.sin(tilt);
  const nearness = 1 / (1 - 0.28 * depth);
  return [right * nearness, up * nearness, depth];
}

/**
 * The order in which rows, or columns, are drawn: the farthest first.
 *
 * @param {number} count @param {boolean} ascending
 */
function order(count, ascending) {
  return Array.from({ length: count }, (_, index) => (ascending ? index : count - 1 - index));
}

/** @param {HTMLCanvasElement} canvas @param {Relief} relief @param {Camera} from @param {Theme} theme */
export function drawHeightfield(canvas, relief, from, theme) {
  const context = canvas.getContext("2d");
  if (!context || canvas.clientWidth < 40) return;
  const { width, height } = fitCanvas(canvas, context);
  context.clearRect(0, 0, width, height);
  const [columns, rows] = [relief.x.length, relief.y.length];
  if (columns < 2 || rows < 2) return;
  const { shares, ofPaths } = lossScale(relief);
  const size = Math.min(width / 1.56, height / 1.24);
  /** @type {(x: number, y: number, z: number) => [number, number]} */
  const place = (x, y, z) => {
    const [right, up] = projected(x, y, z, from);
    return [width / 2 + size * right, height * 0.5 - size * up];
  };
  drawFloor(context, place);
  const points = new Float32Array(2 * columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const index = row * columns + column;
      const [left, top] = place(column / (columns - 1) - 0.5, row / (rows - 1) - 0.5, shares[index] ?? 0);
      points[2 * index] = left;
      points[2 * index + 1] = top;
    }
  }
  const colors = Array.from({ length: SHADES + 1 }, (_, shade) => cssColor(heightColor(shade / SHADES, theme)));
  context.lineJoin = "round";
  const mesh = theme === "dark" ? "rgb(255 255 255 / 15%)" : "rgb(20 20 40 / 16%)";
  // The far end of each axis, seen from the eye, comes first.
  const rowsUp = Math.cos(from.turn) < 0;
  const columnsUp = Math.sin(from.turn) < 0;
  context.lineWidth = columns > 60 ? 0.5 : 0.75;
  for (const row of order(rows - 1, rowsUp)) {
    for (const column of order(columns - 1, columnsUp)) {
      const corners = [row * columns + column, row * columns + column + 1, (row + 1) * columns + column + 1, (row + 1) * columns + column];
      const mean = corners.reduce((sum, corner) => sum + (shares[corner] ?? NaN), 0) / 4;
      if (Number.isNaN(mean)) continue;
      context.beginPath();
      corners.forEach((corner) => context.lineTo(points[2 * corner] ?? 0, points[2 * corner + 1] ?? 0));
      context.closePath();
      const fill = colors[Math.round(SHADES * Math.min(1, Math.max(0, mean)))] ?? "#888";
      context.fillStyle = context.strokeStyle = fill;
      context.fill();
      context.stroke(); // closes the seams between quads
      context.strokeStyle = mesh;
      context.stroke();
    }
  }
  relief.paths.forEach((path, index) => drawPath(context, relief, path, ofPaths[index] ?? new Float32Array(), place));
}

/** @param {CanvasRenderingContext2D} context @param {(x: number, y: number, z: number) => [number, number]} place */
function drawFloor(context, place) {
  context.strokeStyle = color("line-strong");
  context.lineWidth = 1;
  context.beginPath();
  for (const [x, y] of /** @type {[number, number][]} */ ([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])) context.lineTo(...place(x, y, 0));
  context.closePath();
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context @param {Relief} relief @param {Relief["paths"][number]} path
 * @param {Float32Array} shares @param {(x: number, y: number, z: number) => [number, number]} place
 */
function drawPath(context, { x, y }, path, shares, place) {
  const count = path.places.length / 2;
  const across = (/** @type {number} */ value, /** @type {ArrayLike<number>} */ axis) => (value - (axis[0] ?? 0)) / ((axis[axis.length - 1] ?? 1) - (axis[0] ?? 0)) - 0.5;
  const dots = Array.from({ length: count }, (_, index) => place(across(path.places[2 * index] ?? 0, x), across(path.places[2 * index + 1] ?? 0, y), (shares[index] ?? 0) + 0.015));
  if (dots.length === 0) return;
  context.strokeStyle = path.color ?? color("ink");
  context.lineWidth = 1.75;
  context.beginPath();
  for (const dot of dots) context.lineTo(...dot);
  context.stroke();
  context.lineWidth = 1;
  if (path.dots) {
    dots.forEach(([left, top], index) => {
      context.fillStyle = dotColor(shares[index] ?? NaN);
      context.beginPath();
      context.arc(left, top, 3, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    });
  }
  const [left, top] = dots.at(-1) ?? [0, 0];
  context.fillStyle = color("accent");
  context.beginPath();
  context.arc(left, top, 5, 0, 2 * Math.PI);
  context.fill();
}

/**
 * Turn a picture by dragging and with the arrow keys; it is also called by them once at the end.
 *
 * @param {HTMLElement} canvas @param {Camera} from changed in place @param {() => void} paint
 */
export function turnable(canvas, from, paint) {
  /** @type {[number, number] | null} */
  let last = null;
  const turn = (/** @type {number} */ right, /** @type {number} */ up) => {
    from.turn += right;
    from.tilt = Math.min(Math.PI / 2, Math.max(0.08, from.tilt + up));
    paint();
  };
  canvas.addEventListener("pointerdown", (event) => {
    last = [event.clientX, event.clientY];
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    turn((event.clientX - last[0]) * 0.01, (event.clientY - last[1]) * 0.008);
    last = [event.clientX, event.clientY];
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (last = null));
  canvas.addEventListener("keydown", (event) => {
    const step = /** @type {Record<string, [number, number]>} */ ({ ArrowLeft: [-0.12, 0], ArrowRight: [0.12, 0], ArrowUp: [0, 0.08], ArrowDown: [0, -0.08] })[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    turn(...step);
  });
}
