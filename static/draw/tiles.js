/** Tiles on canvas: what each unit does, and the signs of nodes that have none. */

/** @import { Frame } from "../types.d.ts" */
/** @import { Colors, Theme } from "./colors.js" */
/** @import { Layout, Placed } from "../network/layout.js" */
/** @import { LineColors } from "./lines.js" */
/** @import { Pictures } from "./surface.js" */

import { divergingTable, greyTable } from "./colors.js";
import { Strip } from "./heatmap.js";
import { inkColors, lineColors, linePixels, SIDE } from "./lines.js";
import { colorPicture, mapTables } from "./maps.js";
import { tinted } from "./masks.js";
import { pictureAt, picturesOf, rangeAt, sampleOf, unitTable } from "./surface.js";
import { looksAtPixels, sourceShape, weightGrid, weightLevels } from "./weights.js";

/** Beyond this many tiles their corners are square. */
const MANY_TILES = 80;

/** What the tiles show: heatmaps over the plane, or the weights that come in. */
export class Tiles {
  /** @type {Map<string, Strip>} */
  #strips = new Map();
  /** @type {Path2D} */
  #outline = new Path2D();

  #rounded = true;
  /** The units that are drawn of each column: their pictures stand in this order. @type {Map<string, number[]>} */
  #shown = new Map();

  /** Another run: its units may have the same names. */
  forget() {
    this.#strips.clear();
  }

  /** @param {Layout} layout */
  arrange(layout) {
    this.#shown = new Map(layout.columns.map(({ name, shown }) => [name, shown.map(({ index }) => index)]));
    this.#outline = new Path2D();
    // A clip along hundreds of round corners costs more than all the pictures in it.
    this.#rounded = layout.columns.reduce((total, { shown }) => total + shown.length, 0) <= MANY_TILES;
    for (const { shown, size } of layout.columns) {
      const radius = this.#rounded ? Math.min(5, size / 8) : 0;
      for (const { x, y } of shown) this.#outline.roundRect(x - size / 2, y - size / 2, size, size, radius);
    }
    const names = new Set(layout.columns.map(({ name }) => name));
    for (const name of this.#strips.keys()) if (!names.has(name)) this.#strips.delete(name);
  }

  /**
   * Heatmaps of a frame of the `surface` probe.
   *
   * @param {Layout} layout @param {Frame} frame @param {Theme} theme
   */
  colorSurface(layout, frame, theme) {
    for (const { name, shown } of layout.columns) {
      const pictures = picturesOf(frame, `unit/${name}`);
      if (!pictures) continue;
      const strip = this.#strip(name, shown.length, pictures.width, pictures.height);
      shown.forEach(({ index }, place) => {
        if (index >= pictures.count) return;
        const [low, high] = rangeAt(pictures, index);
        strip.color(place, pictureAt(pictures, index), unitTable(low, high, theme));
      });
      strip.put();
    }
  }

  /**
   * Incoming weights of a frame of the `weights` probe.
   *
   * @param {Layout} layout @param {Frame} frame @param {Theme} theme
   */
  colorWeights(layout, frame, theme) {
    for (const column of layout.columns) {
      const array = frame.arrays.get(`${column.head}.weight`);
      if (!array || array.shape.length < 2 || column.maps || !looksAtPixels(layout, column)) continue;
      const units = array.shape[0] ?? 0;
      const { width, height, at } = weightGrid(array, sourceShape(layout, column));
      const strip = this.#strip(column.name, column.shown.length, width, height);
      const table = divergingTable(theme);
      const each = array.data.length / Math.max(1, units);
      column.shown.forEach(({ index }, place) => {
        if (index < units) strip.color(place, weightLevels(array, index, each, width * height, at), table);
      });
      strip.put();
    }
  }

  /**
   * Feature maps of a frame of the `activation_maps` probe, each on its own scale.
   *
   * @param {Layout} layout @param {Frame} frame @param {Theme} theme @param {number} slice of volumes
   */
  colorMaps(layout, frame, theme, slice) {
    for (const { name, data, maps, shape, shown } of layout.columns) {
      const pictures = maps && !data ? picturesOf(frame, `maps/${name}`, slice) : null;
      if (!pictures) continue;
      if (shape.length === 2) {
        this.#drawLines({ name, shown }, pictures, lineColors(theme));
        continue;
      }
      const strip = this.#strip(name, shown.length, pictures.width, pictures.height);
      const { tables } = mapTables(pictures, "map", { low: 0, high: 0 }, theme);
      shown.forEach(({ index }, place) => {
        const table = tables[index];
        if (table) strip.color(place, pictureAt(pictures, index), table);
      });
      strip.put();
    }
  }

  /**
   * Signals as lines, each on its own scale.
   *
   * @param {Pick<Placed, "name" | "shown">} column @param {Pictures} pictures @param {LineColors} colors
   */
  #drawLines({ name, shown }, pictures, colors) {
    const strip = this.#strip(name, shown.length, SIDE, SIDE);
    shown.forEach(({ index }, place) => {
      if (index >= pictures.count) return;
      const [low, high] = rangeAt(pictures, index);
      const own = { low, high };
      strip.paint(place, linePixels(pictureAt(pictures, index), own, own, colors));
    });
    strip.put();
  }

  /**
   * The answer of each pixel over the picture, a tile for each class: those that are taken for it are tinted.
   *
   * @param {Layout} layout @param {Frame} frame @param {string} answer the node that gives it
   */
  colorMask(layout, frame, answer) {
    const [sample, mask] = [frame.arrays.get("sample")?.data, frame.arrays.get("mask")];
    const column = layout.columns.find(({ members }) => members.some(({ name }) => name === answer));
    if (!column || !mask || !(sample instanceof Uint8Array) || !(mask.data instanceof Uint8Array)) return;
    const [height = 1, width = 1] = mask.shape;
    const said = mask.data;
    if (sample.length % said.length !== 0) return; // the picture was sent smaller than it is
    const strip = this.#strip(column.name, column.shown.length, width, height);
    column.shown.forEach(({ index }, place) => strip.paint(place, tinted(sample, said, null, index)));
    strip.put();
  }

  /**
   * Numbers of a vector as plain tiles, on the layer's scale.
   *
   * @param {Placed} column @param {ArrayLike<number>} values @param {Theme} theme
   */
  colorValues({ name, shown }, values, theme) {
    const size = Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
    const strip = this.#strip(name, shown.length, 1, 1);
    const table = divergingTable(theme);
    shown.forEach(({ index }, place) => {
      const level = Math.round(127.5 + (127.5 * (values[index] ?? 0)) / size);
      strip.color(place, Uint8Array.of(level), table);
    });
    strip.put();
  }

  /**
   * The sample itself: a signal's channels as lines, a picture's in grey, three of them in colour.
   *
   * @param {Layout} layout @param {Frame} frame @param {Theme} theme @param {number} slice of a volume
   */
  colorSample(layout, frame, theme, slice) {
    const sample = sampleOf(frame, slice);
    const input = layout.columns.find(({ data }) => data);
    if (!sample || !input?.maps) return;
    const { levels, count, width, height } = sample;
    if (input.shape.length === 2) this.#drawLines(input, sample, inkColors(theme));
    else if (input.units === 1 && count === 3) {
      const strip = this.#strip(input.name, 1, width, height);
      strip.paint(0, colorPicture(levels, width * height));
      strip.put();
    } else this.#colorChannels(input, levels, width, height);
  }

  /** @param {Placed} input @param {Uint8Array} levels @param {number} width @param {number} height */
  #colorChannels({ name, shown }, levels, width, height) {
    const strip = this.#strip(name, shown.length, width, height);
    const size = width * height;
    shown.forEach(({ index }, place) => {
      const channel = levels.subarray(index * size, (index + 1) * size);
      if (channel.length === size) strip.color(place, channel, greyTable());
    });
    strip.put();
  }

  /** @param {string} name @param {number} count @param {number} width @param {number} height */
  #strip(name, count, width, height) {
    let strip = this.#strips.get(name);
    if (!strip) this.#strips.set(name, (strip = new Strip()));
    strip.resize(count, width, height);
    return strip;
  }

  /**
   * One unit's picture, for the inspector; drawn units alone have one.
   *
   * @param {CanvasRenderingContext2D} context @param {string} name @param {number} unit @param {number} size
   */
  drawOne(context, name, unit, size) {
    const strip = this.#strips.get(name);
    context.imageSmoothingEnabled = (strip?.width ?? 0) > 16;
    const place = this.#shown.get(name)?.indexOf(unit) ?? -1;
    if (place >= 0) strip?.draw(context, place, 0, 0, size);
    return strip !== undefined && place >= 0;
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {Layout} layout @param {Colors} colors @param {{ x: number, y:
   * number } | null} point
   */
  draw(context, layout, colors, point) {
    context.fillStyle = colors.tile;
    context.fill(this.#outline);
    context.save();
    if (this.#rounded) context.clip(this.#outline);
    for (const { name, shown, size } of layout.columns) {
      const strip = this.#strips.get(name);
      if (!strip) continue;
      context.imageSmoothingEnabled = strip.width > 16;
      context.imageSmoothingQuality = strip.width === SIDE ? "high" : "low"; // thin lines break otherwise
      shown.forEach(({ x, y }, place) => strip.draw(context, place, x - size / 2, y - size / 2, size));
    }
    context.restore();
    context.strokeStyle = colors.tileLine;
    context.lineWidth = 1;
    context.stroke(this.#outline);
    if (point) drawPoint(context, layout, point, colors);
    for (const column of layout.columns) if (!column.tiled) drawSign(context, column, colors);
  }
}

/**
 * The same place of the plane on every tile.
 *
 * @param {CanvasRenderingContext2D} context @param {Layout} layout @param {{ x: number, y: number }} point
 * @param {Colors} colors
 */
function drawPoint(context, layout, point, colors) {
  context.fillStyle = colors.text;
  context.beginPath();
  for (const { shown, size } of layout.columns) {
    for (const { x, y } of shown) {
      const [left, top] = [x + (point.x - 0.5) * size, y + (point.y - 0.5) * size];
      context.moveTo(left + 2.5, top);
      context.arc(left, top, 2.5, 0, 2 * Math.PI);
    }
  }
  context.fill();
}

/**
 * The sign of a node without units of its own.
 *
 * @param {CanvasRenderingContext2D} context @param {Placed} column @param {Colors} colors
 */
function drawSign(context, { x, y, size, members }, colors) {
  const half = size / 2;
  const role = members[0]?.role ?? "";
  context.fillStyle = colors.tile;
  context.strokeStyle = colors.neutral;
  context.lineWidth = 1.25;
  context.beginPath();
  if (role === "sum") context.arc(x, y, half * 0.7, 0, 2 * Math.PI);
  else context.roundRect(x - half * 0.8, y - half * 0.8, half * 1.6, half * 1.6, 6);
  context.fill();
  context.stroke();
  context.strokeStyle = colors.text;
  context.lineWidth = 1.5;
  context.beginPath();
  const arm = half * 0.34;
  const lines = SIGNS[role] ?? SIGNS["other"] ?? [];
  for (const [fromX = 0, fromY = 0, toX = 0, toY = 0] of lines) {
    context.moveTo(x + fromX * arm, y + fromY * arm);
    context.lineTo(x + toX * arm, y + toY * arm);
  }
  context.stroke();
}

/** Strokes from −1 to 1, by what a node does. @type {Record<string, number[][]>} */
const SIGNS = {
  sum: [
    [-1, 0, 1, 0],
    [0, -1, 0, 1],
  ],
  concatenation: [
    [-1, -1, 1, -1],
    [-1, 0, 1, 0],
    [-1, 1, 1, 1],
  ],
  flattening: [
    [-1, -1, 0, -1],
    [-1, 0, 0, 0],
    [-1, 1, 0, 1],
    [1, -1.2, 1, 1.2],
  ],
  other: [
    [-1, 0, 1, 0],
    [0.3, -0.7, 1, 0],
    [0.3, 0.7, 1, 0],
  ],
};
