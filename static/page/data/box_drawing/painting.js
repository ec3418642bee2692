/** A picture with its boxes on a canvas: the names of their classes, and handles of the chosen one. */

/** @import { Corners } from "../../../core/boxes.js" */
/** @import { DrawnBox } from "./annotations.js" */

import { category } from "../../../draw/colors.js";
import { fitCanvas } from "../../../draw/plot.js";
import { color, plotFont } from "../../../draw/theme_colors.js";
import { HANDLES } from "../../../widgets/box_board/geometry.js";

/** The side of a handle, in pixels of the screen. */
const HANDLE = 9;

/**
 * @param {HTMLCanvasElement} canvas @param {ImageBitmap} image @param {readonly DrawnBox[]} boxes
 * @param {readonly string[]} classes @param {number} chosen @param {Corners | null} drawn
 */
export function paintAnnotated(canvas, image, boxes, classes, chosen, drawn) {
  const context = canvas.getContext("2d");
  if (!context || canvas.clientWidth < 10) return;
  const { width, height } = fitCanvas(canvas, context);
  context.drawImage(image, 0, 0, width, height);
  const scale = width / image.width;
  boxes.forEach((box, index) => {
    frame(context, box, scale, category(box.class), index === chosen ? 3 : 2);
    name(context, box, scale, classes[box.class] ?? "");
  });
  const box = boxes[chosen];
  if (box) handles(context, box, scale);
  if (drawn) frame(context, drawn, scale, color("accent"), 2);
}

/**
 * A frame in one colour between two dark lines, to be seen on every ground.
 *
 * @param {CanvasRenderingContext2D} context @param {Corners} box @param {number} scale @param {string} own
 * @param {number} wide
 */
function frame(context, { left, top, right, bottom }, scale, own, wide) {
  for (const [stroke, line] of /** @type {[string, number][]} */ ([
    ["#000a", wide + 2],
    [own, wide],
  ])) {
    context.strokeStyle = stroke;
    context.lineWidth = line;
    context.strokeRect(left * scale, top * scale, (right - left) * scale, (bottom - top) * scale);
  }
}

/** @param {CanvasRenderingContext2D} context @param {DrawnBox} box @param {number} scale @param {string} words */
function name(context, box, scale, words) {
  context.font = plotFont(11, "600");
  const [x, y] = [box.left * scale, Math.max(0, box.top * scale - 16)];
  context.fillStyle = category(box.class);
  context.fillRect(x - 1, y, context.measureText(words).width + 8, 16);
  context.fillStyle = [1, 7].includes(box.class % 8) ? "#fff" : "#111"; // on the dark ones of the eight colours
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillText(words, x + 3, y + 8.5);
}

/** @param {CanvasRenderingContext2D} context @param {Corners} box @param {number} scale */
function handles(context, { left, top, right, bottom }, scale) {
  context.fillStyle = color("panel");
  context.strokeStyle = color("accent");
  context.lineWidth = 1.5;
  for (const [across, along] of HANDLES) {
    const x = ((left + right + across * (right - left)) / 2) * scale - HANDLE / 2;
    const y = ((top + bottom + along * (bottom - top)) / 2) * scale - HANDLE / 2;
    context.fillRect(x, y, HANDLE, HANDLE);
    context.strokeRect(x, y, HANDLE, HANDLE);
  }
}
