/**
 * Feature maps in colour: which scale, pictures in three channels, what stands above and beside the columns.
 */

/** @import { Frame } from "../types.d.ts" */
/** @import { Colors, Theme } from "./colors.js" */
/** @import { Layout, Placed } from "../network/layout.js" */
/** @import { Pictures } from "./surface.js" */

import { divergingTable, greyTable, magnitudeTable, pixel } from "./colors.js";
import { centredTable } from "./heatmap.js";
import { picturesOf, rangeAt } from "./surface.js";

/** @typedef {"map" | "layer" | "network"} Scope over which a colour means the same value */

/** @typedef {{ low: number, high: number }} Range */

/**
 * The range over all maps of a node.
 *
 * @param {Pictures} pictures
 * @returns {Range}
 */
export function layerRange({ ranges, count }) {
  const range = { low: Infinity, high: -Infinity };
  for (let index = 0; index < count; index++) {
    range.low = Math.min(range.low, ranges[2 * index] ?? 0);
    range.high = Math.max(range.high, ranges[2 * index + 1] ?? 0);
  }
  return count > 0 ? range : { low: 0, high: 0 };
}

/** The range over all nodes of a frame, but for the picture itself. @param {Frame} frame @returns {Range} */
export function networkRange(frame) {
  const range = { low: Infinity, high: -Infinity };
  for (const name of frame.arrays.keys()) {
    if (
      !name.startsWith("maps/") ||
      name.includes(".range") ||
      name.endsWith(".shape") ||
      name === "maps/input"
    )
      continue;
    const pictures = picturesOf(frame, name);
    if (!pictures) continue;
    const { low, high } = layerRange(pictures);
    range.low = Math.min(range.low, low);
    range.high = Math.max(range.high, high);
  }
  return range.low <= range.high ? range : { low: 0, high: 0 };
}

/**
 * The colours of a map's 256 levels, which stand for `own`, on a scale that spans `scale`: from orange over
 * zero to blue where there are negative values in the layer, else from dark to light.
 *
 * @param {Range} own @param {Range} scale @param {boolean} signed @param {Theme} theme
 * @returns {Uint32Array}
 */
export function mapTable(own, scale, signed, theme) {
  if (signed)
    return centredTable(
      divergingTable(theme),
      own.low,
      own.high,
      Math.max(Math.abs(scale.low), Math.abs(scale.high)),
    );
  const ramp = magnitudeTable();
  const span = scale.high - Math.min(0, scale.low);
  const pixels = new Uint32Array(256);
  for (let level = 0; level < 256; level++) {
    const value = own.low + ((own.high - own.low) * level) / 255;
    const share = span > 0 ? Math.min(1, Math.max(0, (value - Math.min(0, scale.low)) / span)) : 0;
    pixels[level] = ramp[Math.round(255 * share)] ?? 0;
  }
  return pixels;
}

/** Whether zero is in the middle of a layer's scale. @param {Range} layer */
export function isSigned({ low }) {
  return low < -1e-9;
}

/**
 * The range over which colours of a node's maps are compared: that of the layer, or the network.
 *
 * @param {Pictures} pictures @param {Scope} scope @param {Range} network
 */
export function scaleOf(pictures, scope, network) {
  return scope === "network" ? network : layerRange(pictures);
}

/**
 * The tables of a picture's channels: greys, each channel over its own range, as a picture is seen.
 *
 * @param {Pictures} pictures
 */
export function pictureTables({ count }) {
  return Array.from({ length: count }, () => greyTable());
}

/**
 * The tables of a node's maps on a scale over the map itself, the layer or the network.
 *
 * @param {Pictures} pictures @param {Scope} scope @param {Range} network @param {Theme} theme
 * @returns {{ tables: Uint32Array[], scale: Range, signed: boolean }} `scale`: that of the layer or network
 */
export function mapTables(pictures, scope, network, theme) {
  const layer = layerRange(pictures);
  const scale = scaleOf(pictures, scope, network);
  const signed = isSigned(scale);
  const tables = Array.from({ length: pictures.count }, (_, index) => {
    const [low, high] = rangeAt(pictures, index);
    const own = { low, high };
    return mapTable(own, scope === "map" ? own : scale, scope === "map" ? isSigned(layer) : signed, theme);
  });
  return { tables, scale, signed };
}

/**
 * Three channels of levels as one picture in colour.
 *
 * @param {Uint8Array} levels (3, h, w) @param {number} pixels of one channel
 * @returns {Uint32Array}
 */
export function colorPicture(levels, pixels) {
  const made = new Uint32Array(pixels);
  for (let index = 0; index < pixels; index++) {
    made[index] = pixel([levels[index] ?? 0, levels[pixels + index] ?? 0, levels[2 * pixels + index] ?? 0]);
  }
  return made;
}

/** `8@8×8`, as the field writes the shape of feature maps. @param {number[]} shape */
export function shapeCaption(shape) {
  const [maps = 0, ...sizes] = shape;
  return sizes.length > 0 ? `${maps}@${sizes.join("×")}` : String(maps);
}

/**
 * Shapes above the columns.
 *
 * @param {CanvasRenderingContext2D} context @param {Layout} layout @param {Colors} colors
 */
export function drawCaptions(context, layout, colors) {
  if (!layout.columns.some(({ maps }) => maps)) return;
  context.fillStyle = colors.text;
  context.font = colors.caption;
  context.textAlign = "center";
  let [before, end, line] = ["", -Infinity, NaN];
  for (const column of layout.columns) {
    const { top, shape, tiled, block } = column;
    if (!tiled) continue;
    // Where columns stand close, how many maps there are is said below them.
    const text = layout.spacing < 76 && shape.length > 1 ? shape.slice(1).join("×") : shapeCaption(shape);
    const half = context.measureText(text).width / 2;
    const y = top - (block ? 3.5 : 8);
    const x = captionMiddle(column, half, y, layout.columns);
    // Where they stand closer still, the same size is said once, and no size over another.
    if (x === null || (text === before && x - half < end + 3) || (y === line && x - half < end)) continue;
    context.fillText(text, x, y);
    [before, end, line] = [text, x + half, y];
  }
}

/** What a caption keeps free of the tiles beside it, and how high it is. */
const APART = 3;
const HIGH = 10;

/**
 * Where a caption has its middle: above its column, or aside of the tiles of others that reach as high.
 *
 * @param {Placed} column @param {number} half of its width @param {number} y its baseline @param {Placed[]} columns
 * @returns {number | null} null where it finds no room above its column
 */
function captionMiddle({ x, rank }, half, y, columns) {
  const tiles = columns.filter((other) => other.tiled && other.rank !== rank && reaches(other, y));
  const before = tiles.filter((other) => other.x < x).map((other) => other.x + other.size / 2);
  const after = tiles.filter((other) => other.x > x).map((other) => other.x - other.size / 2);
  const least = Math.max(0, ...before) + APART + half;
  const most = Math.min(...after) - APART - half;
  const middle = Math.min(most, Math.max(least, x));
  return least <= most && Math.abs(middle - x) <= half ? middle : null;
}

/** Whether a column has tiles beside a caption. @param {Placed} column @param {number} y its baseline */
function reaches({ top, bottom }, y) {
  return top < y && y - HIGH < bottom;
}
