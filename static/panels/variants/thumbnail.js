/** A small picture of what a variant answers, beside its name. */

/** @import { NamedArray } from "../../types.d.ts" */
/** @import { State } from "../../run/state.js" */

import { magnitudeTable } from "../../draw/colors.js";
import { putPixels } from "../../draw/signals.js";
import { answerPixels } from "../../draw/surface.js";
import { dataset } from "../../catalog/catalog.js";

/**
 * A variant's picture, or none where the frame has none: maps of its last layer that has some, else its answer.
 *
 * @param {HTMLCanvasElement} canvas @param {Map<string, NamedArray>} arrays @param {number} slot
 * @param {State} state
 */
export function drawThumbnail(canvas, arrays, slot, { experiment, catalog, theme }) {
  const maps = arrays.get(`maps/${slot}`);
  const answer = answerOf(arrays, slot);
  canvas.hidden = !answer && !maps;
  canvas.classList.toggle("maps", maps !== undefined);
  if (maps) {
    const { pixels, width, height } = mosaic(maps);
    putPixels(canvas, pixels, width, height);
  }
  if (!answer || !experiment) return;
  const classes = dataset(catalog, experiment)?.classes?.length ?? 0;
  const picture = answerPixels({ metadata: {}, arrays: answer }, classes, theme, false);
  if (picture) putPixels(canvas, picture.pixels, picture.width, picture.height);
}

/**
 * The arrays that `answerPixels` reads, of one variant.
 *
 * @param {Map<string, NamedArray>} arrays @param {number} slot
 */
function answerOf(arrays, slot) {
  const output = arrays.get(`surface/${slot}`);
  const range = arrays.get(`surface/${slot}.range`);
  if (!output || !range) return null;
  const found = new Map([
    ["output", output],
    ["output.range", range],
  ]);
  const best = arrays.get(`class/${slot}`);
  if (best) found.set("class", best);
  return found;
}

/**
 * Maps side by side in about a square, each from dark to light, a pixel apart.
 *
 * @param {NamedArray} maps (maps, h, w), from 0 to 255
 */
export function mosaic({ shape, data }) {
  const [count = 0, high = 1, wide = 1] = shape;
  const across = Math.ceil(Math.sqrt(count));
  const down = Math.ceil(count / across);
  const [width, height] = [across * (wide + 1) - 1, down * (high + 1) - 1];
  const pixels = new Uint32Array(width * height);
  const ramp = magnitudeTable();
  for (let map = 0; map < count; map++) {
    const [left, top] = [(map % across) * (wide + 1), Math.floor(map / across) * (high + 1)];
    for (let row = 0; row < high; row++) {
      for (let column = 0; column < wide; column++) {
        pixels[(top + row) * width + left + column] =
          ramp[data[(map * high + row) * wide + column] ?? 0] ?? 0;
      }
    }
  }
  return { pixels, width, height };
}
