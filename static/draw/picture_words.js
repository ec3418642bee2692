/** Words on a picture, which may be of any colours: light with a dark edge, as subtitles are. */

import { plotFont } from "./theme_colors.js";

const SIZE = 10;
/** What is kept free at the edges of the picture. */
const MARGIN = 2;

/**
 * Write a word around a place, moved so that it stands whole on the picture; nothing where it is wider than that.
 *
 * @param {CanvasRenderingContext2D} context @param {string} word @param {number} x @param {number} y
 * @param {{ width: number, height: number }} picture on the screen
 */
export function writeOn(context, word, x, y, { width, height }) {
  context.font = plotFont(SIZE);
  const half = context.measureText(word).width / 2 + MARGIN;
  if (2 * half > width) return;
  const within = (/** @type {number} */ place, /** @type {number} */ edge, /** @type {number} */ size) =>
    Math.min(size - edge, Math.max(edge, place));
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = "rgb(0 0 0 / 0.7)";
  context.fillStyle = "#fff";
  const place = /** @type {const} */ ([within(x, half, width), within(y, SIZE / 2 + MARGIN, height)]);
  context.strokeText(word, ...place);
  context.fillText(word, ...place);
  context.textAlign = "start";
  context.textBaseline = "alphabetic";
}
