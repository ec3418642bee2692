/** What the stages of the lab of regions look like: the scene with its boxes, and tiles of what is computed. */

/** @import { Theme } from "../../core/theme.js" */
/** @import { Arrays, Corners } from "./model.js" */

import { element } from "../../core/dom.js";
import { category, magnitudeTable, pixel, rgb } from "../../draw/colors.js";
import { fitCanvas } from "../../draw/plot.js";
import { picturePixels, planeAt, putPixels, rampPixels } from "../../draw/signals.js";
import { plotFont } from "../../draw/theme_colors.js";
import { part } from "./model.js";

/**
 * @typedef {object} Outline
 * @property {Corners} corners
 * @property {string} color
 * @property {number} [width]
 * @property {number[]} [dash]
 * @property {string} [words] above it
 */

/** A canvas that pictures are enlarged from. */
const small = document.createElement("canvas");

/**
 * A scene, as it is or in the colours of its segments, with outlines over it.
 *
 * @param {HTMLCanvasElement} canvas @param {Arrays} arrays @param {number} scene
 * @param {{ segments: boolean, outlines: Outline[] }} shown
 */
export function paintScene(canvas, arrays, scene, { segments, outlines }) {
  const pictures = arrays.get("pictures");
  const context = canvas.getContext("2d");
  if (!pictures || !context) return;
  const [, channels = 3, height = 1, width = 1] = pictures.shape;
  const labels = part(arrays.get("segments"), scene);
  const pixels = segments
    ? Uint32Array.from(labels, (label) => pixel(rgb(category(label))))
    : picturePixels(planeAt(pictures, scene, channels));
  putPixels(small, pixels, width, height);
  const { width: wide, height: high } = fitCanvas(canvas, context);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, wide, high);
  const [across, down] = [wide / width, high / height];
  for (const { corners, color, width: line = 1, dash = [], words } of outlines) {
    const [left, top, right, bottom] = corners;
    context.strokeStyle = color;
    context.lineWidth = line;
    context.setLineDash(dash);
    context.strokeRect(left * across, top * down, (right - left) * across, (bottom - top) * down);
    context.setLineDash([]);
    if (!words) continue;
    context.font = plotFont(11);
    const length = context.measureText(words).width + 6;
    const above = Math.max(0, top * down - 15);
    const at = Math.min(left * across - 1, wide - length);
    context.fillStyle = color;
    context.fillRect(at, above, length, 15);
    context.fillStyle = "#111";
    context.textBaseline = "middle";
    context.fillText(words, at + 3, above + 8);
  }
}

/** A tile with a caption below it. @param {string} label @param {string} [caption] */
export function tile(label, caption = "") {
  const canvas = element("canvas", { role: "img", "aria-label": label });
  return { canvas, element: element("figure", {}, canvas, element("figcaption", {}, caption)) };
}

/**
 * A region as it was warped.
 *
 * @param {HTMLCanvasElement} canvas @param {Arrays} arrays @param {number} scene @param {number} region
 */
export function paintWarp(canvas, arrays, scene, region) {
  const warps = arrays.get("rcnn/warps");
  if (!warps) return;
  const [, regions = 1, channels = 3, height = 1, width = 1] = warps.shape;
  const flat = { ...warps, shape: [(warps.shape[0] ?? 1) * regions, channels, height, width] };
  putPixels(canvas, picturePixels(planeAt(flat, scene * regions + region, channels)), width, height);
}

/**
 * Numbers that are not negative, from dark to light.
 *
 * @param {HTMLCanvasElement} canvas @param {number[]} values @param {number} width @param {number} most the lightest
 */
export function paintNumbers(canvas, values, width, most) {
  const pixels = rampPixels(Float32Array.from(values), magnitudeTable(), 0, most || 1);
  putPixels(canvas, pixels, width, values.length / width);
}
