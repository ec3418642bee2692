/** Frames of the probe `features`, put together by hand. */

import { array, frame } from "../../support.js";

/** Levels of a tile: pixels of one channel, three by three. */
const TILE = 9;

/**
 * A frame of some maps with the same number of entries each.
 *
 * @param {{ channels: number[], images: number[], values: number[], targets?: number[], step?: number }} given entries
 *   of all maps, one after the other
 */
export function featuresFrame({ channels, images, values, targets = images.map(() => 0), step = 40 }) {
  const [count, entries] = [images.length / channels.length, images.length];
  const tiles = array([channels.length, count, 1, 3, 3], Array(TILE * entries).fill(0), Uint8Array);
  const arrays = {
    channels: array([channels.length], channels, Int32Array),
    images: array([channels.length, count], images, Int32Array),
    positions: array([channels.length, count], Array(entries).fill(0), Int32Array),
    steps: array([channels.length, count], Array(entries).fill(1200), Int32Array),
    values: array([channels.length, count], values),
    targets: array([channels.length, count], targets, Int32Array),
    boxes: array([channels.length, count, 4], Array(entries).fill([2, 5, 5, 8]).flat(), Int32Array),
    projections: tiles,
    "projections.range": array([channels.length, count, 2], Array(2 * entries).fill(0)),
    patches: tiles,
    seen: array([2], [48, 48], Int32Array),
  };
  return frame(arrays, { step: String(step) });
}
