/**
 * A field of heights in three dimensions, to be turned: drawn back to front, which for a field of heights is
 * exact.
 * Ground, tracks and marks are drawn apart, so that what moves can have a canvas of its own above a ground
 * that stays.
 */

/** @import { Rgb, Theme } from "./colors.js" */

import { shortNumber } from "../core/format.js";
import { color, plotFont } from "./theme_colors.js";
import { cssColor, mix } from "./colors.js";
import { fitCanvas } from "./plot.js";
import { heightColor } from "./terrain.js";

/**
 * @typedef {{ turn: number, tilt: number }} Camera angles in radians: about the vertical; from the side (0)
 * to above (π/2)
 */

/** A place: x and y from −½ to ½, and the share of the height. @typedef {[number, number, number]} Place */

/**
 * What the ground is drawn from.
 *
 * @typedef {object} Field
 * @property {ArrayLike<number>} shares of the height, row by row, the first row where y is least; NaN where
 * nothing is known
 * @property {number} columns
 * @property {number} rows
 */

/**
 * An axis along the floor: its name and the numbers at its ends.
 *
 * @typedef {{ name: string, low: number, high: number }} Axis
 */

/**
 * A path over the ground.
 *
 * @typedef {object} Track
 * @property {Place[]} points
 * @property {string} color
 * @property {boolean} [dashed]
 * @property {string[]} [dots] the colour of each point, where points are to be told apart
 */

/**
 * Something at one place: painted as it is anywhere else.
 *
 * @typedef {{ at: Place, paint: (context: CanvasRenderingContext2D, x: number, y: number) => void }} Mark
 */

/**
 * Where things are drawn, seen from a camera.
 *
 * @typedef {{
 *   context: CanvasRenderingContext2D, from: Camera, place: (...place: Place) => [number, number]
 * }} Scene
 */

/** @returns {Camera} */
export function camera() {
  return { turn: -0.65, tilt: 0.62 };
}

/** Height of the field, as a share of its sides. */
const HEIGHT = 0.55;

/** Steps of colour: the ground is one of these before light falls on it. */
const SHADES = 64;

/** Lines of the mesh along either axis, about; more are drawn as fill alone. */
const MESH = 40;

/** The most that light and shade change a colour; and the slope at which half of it is reached. */
const [MOST_LIGHT, HALF_SLOPE] = [0.26, 3];

/**
 * A place on the screen, in sides of the field.
 *
 * @param {number} x @param {number} y @param {number} z @param {Camera} from
 * @returns {[number, number, number]} right, up, and depth, which grows towards the eye
 */
export function projected(x, y, z, { turn, tilt }) {
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const right = x * cos - y * sin;
  const away = x * sin + y * cos;
  const level = (z - 0.45) * HEIGHT;
  const up = away * Math.sin(tilt) + level * Math.cos(tilt);
  const depth = -away * Math.cos(tilt) + level * Math.sin(tilt);
  const nearness = 1 / (1 - 0.28 * depth);
  return [right * nearness, up * nearness, depth];
}

/**
 * Pixels of a side of the field, so that all of it is seen however it is turned, with room for numbers beside
 * the floor.
 *
 * @param {number} width @param {number} height @param {number} tilt
 */
export function sizeOn(width, height, tilt) {
  const far = [-Math.SQRT1_2, Math.SQRT1_2]; // how far before and behind the middle a corner comes
  const reach = Math.max(
    ...far.flatMap((away) => [0, 1].map((z) => Math.abs(projected(0, away, z, { turn: 0, tilt })[1]))),
  );
  return Math.min(width / 1.6, height / (2.1 * reach));
}

/**
 * An empty canvas to draw on; null where it is too small to show anything.
 *
 * @param {HTMLCanvasElement} canvas @param {Camera} from @returns {Scene | null}
 */
export function sceneOn(canvas, from) {
  const context = canvas.getContext("2d");
  if (!context || canvas.clientWidth < 40) return null;
  const { width, height } = fitCanvas(canvas, context);
  context.clearRect(0, 0, width, height);
  context.lineJoin = context.lineCap = "round";
  const size = sizeOn(width, height, from.tilt);
  return {
    context,
    from,
    place(x, y, z) {
      const [right, up] = projected(x, y, z, from);
      return [width / 2 + size * right, height / 2 - size * up];
    },
  };
}

/**
 * The order in which rows, or columns, are drawn: the farthest first.
 *
 * @param {number} count @param {boolean} ascending
 */
function order(count, ascending) {
  return Array.from({ length: count }, (_, index) => (ascending ? index : count - 1 - index));
}

/**
 * Light or shade on a slope, from a light where x is great and y is small. Steep ground nears the most of it without
 * ever reaching it: cut off, neighbours that are steep one way and the other would be as light and as dark as can be.
 *
 * @param {number} alongX @param {number} alongY rises over twice a side of the field @returns {number} −MOST_LIGHT to
 * MOST_LIGHT
 */
export function lightOn(alongX, alongY) {
  const slope = (0.9 * alongX - 0.6 * alongY) / 2;
  const steepness = Math.hypot(alongX, alongY) / 2;
  return (MOST_LIGHT * slope) / (HALF_SLOPE + steepness);
}

/** @param {Scene} scene @param {Field} field @param {[Axis, Axis]} axes @param {Theme} theme */
export function drawField({ context, from, place }, field, axes, theme) {
  const { shares, columns, rows } = field;
  if (columns < 2 || rows < 2) return;
  drawFloor(context, place);
  const points = new Float32Array(2 * columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      points.set(
        place(column / (columns - 1) - 0.5, row / (rows - 1) - 0.5, shares[row * columns + column] ?? NaN),
        2 * (row * columns + column),
      );
    }
  }
  const colors = Array.from({ length: SHADES + 1 }, (_, shade) => heightColor(shade / SHADES, theme));
  const [light, dark] = /** @type {[Rgb, Rgb]} */ ([
    [255, 255, 255],
    [10, 10, 24],
  ]);
  const mesh = theme === "dark" ? "rgb(255 255 255 / 14%)" : "rgb(20 20 40 / 17%)";
  const [everyColumn, everyRow] = [Math.ceil((columns - 1) / MESH), Math.ceil((rows - 1) / MESH)];
  const lineTo = (/** @type {number} */ index) =>
    context.lineTo(points[2 * index] ?? 0, points[2 * index + 1] ?? 0);
  const side = (/** @type {number} */ one, /** @type {number} */ other) => {
    context.moveTo(points[2 * one] ?? 0, points[2 * one + 1] ?? 0);
    lineTo(other);
  };
  context.lineWidth = 0.75;
  // The far end of each axis, seen from the eye, comes first.
  const [rowsUp, columnsUp] = [Math.cos(from.turn) < 0, Math.sin(from.turn) < 0];
  for (const row of order(rows - 1, rowsUp)) {
    for (const column of order(columns - 1, columnsUp)) {
      const at = row * columns + column;
      const corners = [at, at + 1, at + columns + 1, at + columns];
      const [a = NaN, b = NaN, c = NaN, d = NaN] = corners.map((index) => shares[index]);
      const mean = (a + b + c + d) / 4;
      if (Number.isNaN(mean)) continue;
      const shade = lightOn((b + c - a - d) * (columns - 1), (c + d - a - b) * (rows - 1));
      const base = colors[Math.round(SHADES * Math.min(1, Math.max(0, mean)))] ?? light;
      context.fillStyle = context.strokeStyle = cssColor(
        shade > 0 ? mix(base, light, shade) : mix(base, dark, -shade),
      );
      context.beginPath();
      corners.forEach(lineTo);
      context.closePath();
      context.fill();
      context.stroke(); // closes the seams between quads
      context.strokeStyle = mesh;
      // The sides away from the eye: what is nearer is yet to be drawn, and would cover a line along its
      // side.
      const [line, across] = [row + (rowsUp ? 0 : 1), column + (columnsUp ? 0 : 1)];
      context.beginPath();
      if (line % everyRow === 0) side(line * columns + column, line * columns + column + 1);
      if (across % everyColumn === 0) side(at - column + across, at - column + across + columns);
      context.stroke();
    }
  }
  drawAxes(context, from, axes, place);
}

/** @param {CanvasRenderingContext2D} context @param {Scene["place"]} place */
function drawFloor(context, place) {
  context.strokeStyle = color("line-strong");
  context.lineWidth = 1;
  context.beginPath();
  for (const [x, y] of /** @type {[number, number][]} */ ([
    [-0.5, -0.5],
    [0.5, -0.5],
    [0.5, 0.5],
    [-0.5, 0.5],
  ]))
    context.lineTo(...place(x, y, 0));
  context.closePath();
  context.stroke();
}

/** Tilt from which on what is high reaches out beyond the floor. */
const STEEP = 1.15;

/**
 * Names and ends of the axes, outside the two edges of the floor that are nearest to the eye.
 *
 * @param {CanvasRenderingContext2D} context @param {Camera} from @param {[Axis, Axis]} axes
 * @param {Scene["place"]} place
 */
function drawAxes(context, { turn, tilt }, axes, place) {
  const edge = tilt > STEEP ? 1 : 0;
  const [nearX, nearY] = [Math.sin(turn) > 0 ? -0.5 : 0.5, Math.cos(turn) > 0 ? -0.5 : 0.5];
  context.fillStyle = color("ink-3");
  context.textAlign = "center";
  context.textBaseline = "middle";
  /** @type {Box[]} */
  const taken = [];
  const write = (/** @type {string} */ text, /** @type {[number, number]} */ at) => {
    const [left, top] = apart(boxAround(at, context.measureText(text).width), taken);
    context.fillText(text, left, top);
  };
  axes.forEach(({ name, low, high }, axis) => {
    const at = (/** @type {number} */ along, /** @type {number} */ beyond) => {
      const [x, y] = axis === 0 ? [along, nearY * (1 + beyond)] : [nearX * (1 + beyond), along];
      return place(x, y, edge);
    };
    context.font = plotFont();
    write(shortNumber(low), at(-0.42, 0.11));
    write(shortNumber(high), at(0.42, 0.11));
    context.font = plotFont(13, "italic");
    write(name, at(0, 0.12));
  });
}

/** Height of a label, and the room around it. */
const [LABEL, AROUND] = [13, 4];

/** A label: its middle, and half of its sides. @typedef {{ x: number, y: number, wide: number, tall: number }} Box */

/** @param {[number, number]} at @param {number} width @returns {Box} */
export function boxAround([x, y], width) {
  return { x, y, wide: width / 2 + AROUND, tall: LABEL / 2 };
}

/**
 * Where a label stands so that it touches none before it: its own place, or further down.
 *
 * @param {Box} label @param {Box[]} taken those before it; this one is added @returns {[number, number]} its middle
 */
export function apart(label, taken) {
  const box = { ...label };
  for (const other of [...taken].sort((one, two) => one.y - two.y)) {
    const touches =
      Math.abs(other.x - box.x) < other.wide + box.wide && Math.abs(other.y - box.y) < other.tall + box.tall;
    if (touches) box.y = other.y + other.tall + box.tall;
  }
  taken.push(box);
  return [box.x, box.y];
}

/** @param {Scene} scene @param {Track[]} tracks @param {Theme} theme */
export function drawTracks({ context, place }, tracks, theme) {
  for (const { points, color: ink, dashed = false, dots } of tracks) {
    const line = new Path2D();
    const places = points.map((point) => place(...point));
    for (const [left, top] of places) line.lineTo(left, top);
    context.setLineDash(dashed ? [7, 4] : []);
    for (const [style, thickness] of /** @type {[string, number][]} */ ([
      [theme === "dark" ? "rgb(0 0 0 / 45%)" : "rgb(255 255 255 / 60%)", 4.5],
      [ink, dots ? 1.5 : 2.25],
    ])) {
      context.strokeStyle = style;
      context.lineWidth = thickness;
      context.stroke(line);
    }
    context.setLineDash([]);
    context.lineWidth = 1;
    dots?.forEach((fill, index) => {
      const [left, top] = places[index] ?? [NaN, NaN];
      context.fillStyle = fill;
      context.beginPath();
      context.arc(left, top, places.length > 80 ? 2.5 : 3.5, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    });
  }
}

/** @param {Scene} scene @param {Mark[]} marks */
export function drawMarks({ context, place }, marks) {
  for (const { at, paint } of marks) {
    const [left, top] = place(...at);
    if (!Number.isNaN(left + top)) paint(context, left, top);
  }
}

/**
 * Turn a picture by dragging and with the arrow keys.
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
    const step = /** @type {Record<string, [number, number]>} */ ({
      ArrowLeft: [-0.12, 0],
      ArrowRight: [0.12, 0],
      ArrowUp: [0, 0.08],
      ArrowDown: [0, -0.08],
    })[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    turn(...step);
  });
}
