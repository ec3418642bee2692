/**
 * Frames of looks into samples of one or three axes, as frames of pictures: a signal is a picture one row high, of a
 * volume or clip one slice is seen. What draws pictures then draws them all.
 */

/** @import { Frame, NamedArray } from "../types.d.ts" */

import { sliceAt } from "./surface.js";

/** Arrays whose last axes are the places of a sample, or of the square that slides over it. */
const PLACED = /^signal\/|(^|\/)(input|maps|projection|drop|probability|activation|class)$/;

/** Tiles cut from samples, each as large as its box. */
const TILES = /(^|\/)(projections|patches)$/;

/** Receptive fields: starts along all axes, then ends. */
const BOXES = /(^|\/)box(es)?$/;

/**
 * A frame whose samples have so many axes, as one of pictures.
 *
 * @param {Frame} frame @param {number} axes of the samples: 1, 2 or 3
 * @param {number} depth which slice of a volume, as a share of its depth
 * @returns {Frame} the frame itself where samples are pictures
 */
export function asPictures(frame, axes, depth) {
  if (axes === 2) return frame;
  const arrays = new Map(frame.arrays);
  for (const [name, array] of frame.arrays) {
    if (BOXES.test(name)) arrays.set(name, flatBoxes(array, axes));
    else if (axes === 1 && (PLACED.test(name) || TILES.test(name))) arrays.set(name, oneRow(array));
    else if (PLACED.test(name))
      arrays.set(
        name,
        sliced(array, () => depth),
      );
    else if (TILES.test(name)) {
      const boxes = frame.arrays.get(name.replace(TILES, "$1boxes"));
      arrays.set(
        name,
        sliced(array, (depths, tile) => (filled(boxes, tile, depths) * depth) / depths),
      );
    }
  }
  return { ...frame, arrays };
}

/** (…, length) as (…, 1, length). @param {NamedArray} array @returns {NamedArray} */
function oneRow({ shape, data }) {
  return { shape: [...shape.slice(0, -1), 1, shape.at(-1) ?? 1], data };
}

/**
 * One slice of each volume of an array (…, depth, h, w). Tiles (…, channels, depth, h, w) have one share each.
 *
 * @param {NamedArray} array @param {(depth: number, tile: number) => number} shareOf the depth, of a tile
 * @returns {NamedArray}
 */
function sliced({ shape, data }, shareOf) {
  const [depth = 1, height = 1, width = 1] = shape.slice(-3);
  const [outer, size] = [shape.slice(0, -3), height * width];
  const channels = outer.at(-1) ?? 1;
  const count = outer.reduce((product, each) => product * each, 1);
  const chosen = data.slice(0, count * size);
  for (let volume = 0; volume < count; volume++) {
    const slice = sliceAt(depth, shareOf(depth, Math.floor(volume / channels)));
    const start = (volume * depth + slice) * size;
    chosen.set(/** @type {Uint8Array} */ (data.subarray(start, start + size)), volume * size);
  }
  return { shape: [...outer, height, width], data: chosen };
}

/**
 * How many slices of a tile its box fills; the others are empty.
 *
 * @param {NamedArray | undefined} boxes @param {number} tile @param {number} depth of the tiles
 */
function filled(boxes, tile, depth) {
  const [front = 0, back = depth] = [boxes?.data[6 * tile], boxes?.data[6 * tile + 3]];
  return back - front;
}

/**
 * Boxes as top, left, bottom, right.
 *
 * @param {NamedArray} boxes (…, 2 · axes) @param {number} axes @returns {NamedArray}
 */
function flatBoxes({ shape, data }, axes) {
  const count = data.length / (2 * axes);
  const flat = new Int32Array(4 * count);
  for (let box = 0; box < count; box++) {
    const [starts, ends] = [0, axes].map((from) =>
      Array.from(data.subarray(2 * axes * box + from, 2 * axes * box + from + axes)),
    );
    const edges =
      axes === 1 ? [0, starts?.[0], 1, ends?.[0]] : [starts?.[1], starts?.[2], ends?.[1], ends?.[2]];
    flat.set(
      edges.map((edge) => edge ?? 0),
      4 * box,
    );
  }
  return { shape: [...shape.slice(0, -1), 4], data: flat };
}
