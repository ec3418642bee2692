/** The network on canvas: edges by sign and size, tiles with what each unit does. */

/** @import { Frame, NamedArray } from "../types.d.ts" */
/** @import { Theme } from "./colors.js" */
/** @import { Layout, Link, Placed, Unit } from "./layout.js" */

import { divergingTable, magnitudeTable } from "./colors.js";
import { Strip } from "./heatmap.js";
import { blocksOf } from "./layout.js";
import { colorPicture, drawCaptions, mapTables } from "./maps.js";
import { pictureAt, picturesOf, rangeAt, unitTable } from "./surface.js";

/** @typedef {{ negative: string, positive: string, neutral: string, line: string, text: string, tile: string, tileLine: string, accent: string, caption: string }} Ink */

/** @typedef {{ column: string, unit: number } | null} Focus the unit whose edges stand out */

const BUCKETS = 6;
/**
 * Beyond this many edges between two columns they are hairlines, told apart by how dark they are: strokes of one device
 * pixel or less take a seventh of the time to paint, and wide ones would only cover each other.
 */
const CROWD = 250;
/** Beyond this many edges between two columns, the faint ones are left out. */
const MANY = 1200;
/** How many of so many edges are drawn. */
const STRONGEST = 600;
/** Beyond this many tiles their corners are square. */
const MANY_TILES = 80;

/**
 * The weight of each edge of a dense link: (units, inputs), a convolution's kernels added up.
 *
 * @param {Frame | undefined} frame of the `weights` probe @param {Link} link
 * @returns {{ values: Float32Array, units: number, inputs: number, scale: number } | null}
 */
export function edgeWeights(frame, { to }) {
  const array = frame?.arrays.get(`${to.head}.weight`);
  if (!array || !(array.data instanceof Float32Array) || array.shape.length < 2) return null;
  const [units = 0, inputs = 0] = array.shape;
  if (frame?.arrays.has(`${to.head}.weight.shape`)) return null; // thinned: rows no longer are units
  const kernel = array.data.length / Math.max(1, units * inputs);
  const values = kernel === 1 ? array.data : sums(array.data, units * inputs, kernel);
  let scale = 0.6;
  for (let index = 0; index < values.length; index++) scale = Math.max(scale, Math.abs(values[index] ?? 0));
  return { values, units, inputs, scale };
}

/**
 * Where the weight from one unit to another stands; −1 where a convolution in groups has none.
 *
 * @param {{ units: number, inputs: number }} weights @param {Placed} from @param {number} source @param {number} target
 */
export function weightPlace({ units, inputs }, from, source, target) {
  const groups = from.maps && from.units > inputs ? Math.round(from.units / Math.max(1, inputs)) : 1;
  if (groups === 1) return target * inputs + source;
  const within = source - Math.floor((target * groups) / Math.max(1, units)) * inputs;
  return within >= 0 && within < inputs ? target * inputs + within : -1;
}

/** @param {Float32Array} data @param {number} count @param {number} each */
function sums(data, count, each) {
  const totals = new Float32Array(count);
  for (let index = 0; index < data.length; index++) {
    const at = Math.floor(index / each);
    totals[at] = (totals[at] ?? 0) + (data[index] ?? 0);
  }
  return totals;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Layout} layout @param {Frame | undefined} weights
 * @param {Ink} ink @param {Focus} focus
 */
export function drawEdges(context, layout, weights, ink, focus) {
  drawBlocks(context, layout, ink);
  drawCaptions(context, layout, ink);
  for (const link of layout.links) {
    if (link.over !== null) drawWayAround(context, link, ink);
    else if (link.kind === "dense") drawDense(context, link, weights, ink, focus);
    else if (link.kind === "identity") drawIdentity(context, link, ink);
    else drawBundle(context, link, ink);
  }
}

/** @param {CanvasRenderingContext2D} context @param {Layout} layout @param {Ink} ink */
function drawBlocks(context, layout, ink) {
  context.lineWidth = 1;
  context.strokeStyle = ink.line;
  for (const { left, right, top, bottom } of blocksOf(layout.columns)) {
    context.beginPath();
    context.setLineDash([3, 3]);
    context.roundRect(left - 12.5, top - 12.5, right - left + 25, bottom - top + 25, 10);
    context.stroke();
    context.setLineDash([]);
  }
}

/** @param {CanvasRenderingContext2D} context @param {Link} link @param {Frame | undefined} weights @param {Ink} ink @param {Focus} focus */
function drawDense(context, link, weights, ink, focus) {
  const { from, to } = link;
  const known = edgeWeights(weights, link);
  const pairs = from.shown.length * to.shown.length;
  const least = pairs > MANY ? leastDrawn(known, link) : 0;
  /** @type {Path2D[]} */
  const paths = Array.from({ length: 2 * BUCKETS }, () => new Path2D());
  /** @type {Path2D[]} */
  const dimmed = Array.from({ length: 2 * BUCKETS }, () => new Path2D());
  for (const target of to.shown) {
    for (const source of from.shown) {
      const place = known ? weightPlace(known, from, source.index, target.index) : 0;
      if (place < 0) continue;
      const weight = known ? (known.values[place] ?? 0) : 0;
      const share = known ? Math.abs(weight) / known.scale : 0.1;
      const apart = focus && !touches(focus, from, source, to, target);
      if (share < least && (apart || !focus)) continue;
      const bucket = Math.min(BUCKETS - 1, Math.floor(Math.sqrt(share) * BUCKETS));
      const path = (apart ? dimmed : paths)[(weight < 0 ? 0 : BUCKETS) + bucket];
      if (path) curve(path, from, source, to, target);
    }
  }
  // A thousand lines add up: together they may be no darker than a hundred.
  const crowd = Math.min(1, (CROWD / Math.max(1, pairs)) ** 0.4);
  const widest = pairs > CROWD ? 1 / context.getTransform().a : Infinity;
  for (const [set, faintness] of /** @type {[Path2D[], number][]} */ ([[dimmed, 0.12 * crowd], [paths, crowd]])) {
    for (let index = 0; index < 2 * BUCKETS; index++) {
      // Faint ones first, both signs in turn: neither shall cover the other for standing later in a list.
      const bucket = index >> 1;
      const positive = index % 2 === 1;
      const path = set[positive ? BUCKETS + bucket : bucket];
      if (!path) continue;
      const share = (bucket + 0.5) / BUCKETS;
      context.strokeStyle = !known ? ink.neutral : positive ? ink.positive : ink.negative;
      context.lineWidth = Math.min(widest, 0.5 + 3 * share * share);
      context.globalAlpha = (0.1 + 0.8 * share) * faintness;
      context.stroke(path);
    }
  }
  context.globalAlpha = 1;
}

/** The share from which on an edge is among the strongest of a crowd. @param {ReturnType<typeof edgeWeights>} known @param {Link} link */
function leastDrawn(known, { from, to }) {
  if (!known) return 1;
  const shares = new Float32Array(from.shown.length * to.shown.length);
  let count = 0;
  for (const target of to.shown) {
    for (const source of from.shown) {
      const place = weightPlace(known, from, source.index, target.index);
      shares[count++] = place < 0 ? 0 : Math.abs(known.values[place] ?? 0) / known.scale;
    }
  }
  return Math.max(0.12, shares.sort()[shares.length - STRONGEST] ?? 0);
}

/** @param {NonNullable<Focus>} focus @param {Placed} from @param {Unit} source @param {Placed} to @param {Unit} target */
function touches(focus, from, source, to, target) {
  if (focus.column === from.name) return focus.unit === source.index;
  if (focus.column === to.name) return focus.unit === target.index;
  return false;
}

/** @param {Path2D} path @param {Placed} from @param {{ y: number }} source @param {Placed} to @param {{ y: number }} target */
function curve(path, from, source, to, target) {
  const left = from.x + from.size / 2;
  const right = to.x - to.size / 2;
  const middle = (left + right) / 2;
  path.moveTo(left, source.y);
  path.bezierCurveTo(middle, source.y, middle, target.y, right, target.y);
}

/** @param {CanvasRenderingContext2D} context @param {Link} link @param {Ink} ink */
function drawIdentity(context, { from, to, offset }, ink) {
  const path = new Path2D();
  for (const source of from.shown) {
    const target = to.shown.find(({ index }) => index === source.index + offset);
    if (target) curve(path, from, source, to, target);
  }
  context.strokeStyle = ink.neutral;
  context.lineWidth = 1.25;
  context.stroke(path);
}

/** @param {CanvasRenderingContext2D} context @param {Link} link @param {Ink} ink */
function drawBundle(context, { from, to }, ink) {
  const path = new Path2D();
  const sources = from.tiled ? from.shown : [from];
  const targets = to.tiled ? to.shown : [to];
  for (const source of sources) for (const target of targets) curve(path, from, source, to, target);
  context.strokeStyle = ink.neutral;
  context.globalAlpha = sources.length * targets.length > 40 ? 0.45 : 0.8;
  context.lineWidth = sources.length * targets.length === 1 ? 2 : 1;
  context.stroke(path);
  context.globalAlpha = 1;
}

/** Pixels above a column of maps that say their size, and below one that say how many more there are. */
const WORDS = 18;

/** A shortcut, past the columns between. @param {CanvasRenderingContext2D} context @param {Link} link @param {Ink} ink */
function drawWayAround(context, { from, to, over }, ink) {
  const y = over ?? 0;
  const above = y < from.y;
  // What stands above a column of maps shall be read.
  const [start, end] = [from, to].map((column) => (above ? column.top - (column.maps ? WORDS : 0) : column.bottom + (column.hidden > 0 ? WORDS : 0)));
  const bend = Math.min(26, (to.x - from.x) / 4);
  context.strokeStyle = ink.neutral;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(from.x, start ?? y);
  context.bezierCurveTo(from.x, y, from.x + bend / 2, y, from.x + bend, y);
  context.lineTo(to.x - bend, y);
  context.bezierCurveTo(to.x - bend / 2, y, to.x, y, to.x, end ?? y);
  context.stroke();
}

/** What the tiles show: heatmaps over the plane, or the weights that come in. */
export class Tiles {
  /** @type {Map<string, Strip>} */
  #strips = new Map();
  /** @type {Path2D} */
  #outline = new Path2D();

  #rounded = true;

  /** @param {Layout} layout */
  arrange(layout) {
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

  /** Heatmaps of a frame of the `surface` probe. @param {Layout} layout @param {Frame} frame @param {Theme} theme */
  colorSurface(layout, frame, theme) {
    for (const { name, shown } of layout.columns) {
      const pictures = picturesOf(frame, `unit/${name}`);
      if (!pictures) continue;
      const strip = this.#strip(name, shown.length, pictures.width, pictures.height);
      for (const { index } of shown) {
        if (index >= pictures.count) continue;
        const [low, high] = rangeAt(pictures, index);
        strip.color(index, pictureAt(pictures, index), unitTable(low, high, theme));
      }
      strip.put();
    }
  }

  /** Incoming weights of a frame of the `weights` probe. @param {Layout} layout @param {Frame} frame @param {Theme} theme */
  colorWeights(layout, frame, theme) {
    for (const column of layout.columns) {
      const array = frame.arrays.get(`${column.head}.weight`);
      if (!array || array.shape.length < 2 || column.maps || !looksAtPixels(layout, column)) continue;
      const units = array.shape[0] ?? 0;
      const { width, height, at } = weightGrid(array, sourceShape(layout, column));
      const strip = this.#strip(column.name, column.shown.length, width, height);
      const table = divergingTable(theme);
      const each = array.data.length / Math.max(1, units);
      for (const { index } of column.shown) {
        if (index < units) strip.color(index, weightLevels(array, index, each, width * height, at), table);
      }
      strip.put();
    }
  }

  /** Feature maps of a frame of the `activation_maps` probe, each on its own scale. @param {Layout} layout @param {Frame} frame @param {Theme} theme */
  colorMaps(layout, frame, theme) {
    for (const { name, kind, maps, shown, units } of layout.columns) {
      const pictures = maps && kind !== "input" ? picturesOf(frame, `maps/${name}`) : null;
      if (!pictures) continue;
      const strip = this.#strip(name, units > shown.length ? shown.length : units, pictures.width, pictures.height);
      const { tables } = mapTables(pictures, "map", { low: 0, high: 0 }, theme);
      for (const { index } of shown) {
        const table = tables[index];
        if (table) strip.color(index, pictureAt(pictures, index), table);
      }
      strip.put();
    }
  }

  /** Numbers of a vector as plain tiles, on the layer's scale. @param {Placed} column @param {ArrayLike<number>} values @param {Theme} theme */
  colorValues({ name, shown }, values, theme) {
    const size = Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
    const strip = this.#strip(name, shown.length, 1, 1);
    const table = divergingTable(theme);
    for (const { index } of shown) strip.color(index, Uint8Array.of(Math.round(127.5 + (127.5 * (values[index] ?? 0)) / size)), table);
    strip.put();
  }

  /** The picture itself: each channel by magnitude, three of them in colour. @param {Layout} layout @param {Frame} frame */
  colorSample(layout, frame) {
    const sample = frame.arrays.get("sample");
    const input = layout.columns.find(({ kind }) => kind === "input");
    if (!sample || !input?.maps || !(sample.data instanceof Uint8Array)) return;
    const [width = 1, height = 1] = [...sample.shape].reverse();
    if (input.units === 1 && sample.shape[0] === 3) {
      const strip = this.#strip("input", 1, width, height);
      strip.paint(0, colorPicture(sample.data, width * height));
      strip.put();
    } else this.colorImage("input", sample.data, width, height, magnitudeTable());
  }

  /** A picture of the input, where it is an image. @param {string} name @param {Uint8Array} levels @param {number} width @param {number} height @param {Uint32Array} table */
  colorImage(name, levels, width, height, table) {
    const strip = this.#strip(name, Math.max(1, Math.floor(levels.length / (width * height))), width, height);
    for (let index = 0; index < strip.count; index++) {
      strip.color(index, levels.subarray(index * width * height, (index + 1) * width * height), table);
    }
    strip.put();
  }

  /** @param {string} name @param {number} count @param {number} width @param {number} height */
  #strip(name, count, width, height) {
    let strip = this.#strips.get(name);
    if (!strip) this.#strips.set(name, (strip = new Strip()));
    strip.resize(count, width, height);
    return strip;
  }

  /** One unit's picture, for the drawer. @param {CanvasRenderingContext2D} context @param {string} name @param {number} unit @param {number} size */
  drawOne(context, name, unit, size) {
    const strip = this.#strips.get(name);
    context.imageSmoothingEnabled = (strip?.width ?? 0) > 16;
    strip?.draw(context, unit, 0, 0, size);
    return strip !== undefined;
  }

  /** @param {CanvasRenderingContext2D} context @param {Layout} layout @param {Ink} ink @param {{ x: number, y: number } | null} point */
  draw(context, layout, ink, point) {
    context.fillStyle = ink.tile;
    context.fill(this.#outline);
    context.save();
    if (this.#rounded) context.clip(this.#outline);
    for (const { name, shown, size } of layout.columns) {
      const strip = this.#strips.get(name);
      if (!strip) continue;
      context.imageSmoothingEnabled = strip.width > 16;
      for (const { index, x, y } of shown) strip.draw(context, index, x - size / 2, y - size / 2, size);
    }
    context.restore();
    context.strokeStyle = ink.tileLine;
    context.lineWidth = 1;
    context.stroke(this.#outline);
    if (point) drawPoint(context, layout, point, ink);
    for (const column of layout.columns) if (!column.tiled) drawSign(context, column, ink);
  }
}

/** The same place of the plane on every tile. @param {CanvasRenderingContext2D} context @param {Layout} layout @param {{ x: number, y: number }} point @param {Ink} ink */
function drawPoint(context, layout, point, ink) {
  context.fillStyle = ink.text;
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

/** The sign of a node without units of its own. @param {CanvasRenderingContext2D} context @param {Placed} column @param {Ink} ink */
function drawSign(context, { x, y, size, kind }, ink) {
  const half = size / 2;
  context.fillStyle = ink.tile;
  context.strokeStyle = ink.neutral;
  context.lineWidth = 1.25;
  context.beginPath();
  if (kind === "add") context.arc(x, y, half * 0.7, 0, 2 * Math.PI);
  else context.roundRect(x - half * 0.8, y - half * 0.8, half * 1.6, half * 1.6, 6);
  context.fill();
  context.stroke();
  context.strokeStyle = ink.text;
  context.lineWidth = 1.5;
  context.beginPath();
  const arm = half * 0.34;
  const lines = SIGNS[kind] ?? SIGNS["other"] ?? [];
  for (const [fromX = 0, fromY = 0, toX = 0, toY = 0] of lines) {
    context.moveTo(x + fromX * arm, y + fromY * arm);
    context.lineTo(x + toX * arm, y + toY * arm);
  }
  context.stroke();
}

/** Strokes from −1 to 1. @type {Record<string, number[][]>} */
const SIGNS = {
  add: [[-1, 0, 1, 0], [0, -1, 0, 1]],
  concatenate: [[-1, -1, 1, -1], [-1, 0, 1, 0], [-1, 1, 1, 1]],
  flatten: [[-1, -1, 0, -1], [-1, 0, 0, 0], [-1, 1, 0, 1], [1, -1.2, 1, 1.2]],
  max_pool2d: [[-1, -1, 1, -1], [1, -1, 1, 1], [1, 1, -1, 1], [-1, 1, -1, -1], [0, -1, 0, 1], [-1, 0, 1, 0]],
  other: [[-1, 0, 1, 0], [0.3, -0.7, 1, 0], [0.3, 0.7, 1, 0]],
};

/** Whether a column's weights can be seen as a picture: it reads the input itself, or the network is among tables. @param {Layout} layout @param {Placed} column */
export function looksAtPixels(layout, column) {
  const source = layout.columns.find(({ name }) => name === column.inputs[0]);
  const before = source?.kind === "flatten" ? layout.columns.find(({ name }) => name === source.inputs[0]) : source;
  return before?.kind === "input" || !layout.columns.some(({ maps }) => maps);
}

/** The shape in which a column's inputs came before they were flattened. @param {Layout} layout @param {Placed} column @returns {number[]} */
function sourceShape(layout, column) {
  const source = layout.columns.find(({ name }) => name === column.inputs[0]);
  if (source?.kind !== "flatten") return source?.shape ?? [];
  return layout.columns.find(({ name }) => name === source.inputs[0])?.shape ?? source.shape;
}

/**
 * The grid on which one unit's weights are laid out: an image's own, or the squarest.
 *
 * @param {NamedArray} array (units, …) @param {number[]} source shape of what comes in
 * @returns {{ width: number, height: number, at: (index: number) => number }} `at`: cell of a weight
 */
export function weightGrid({ shape }, source) {
  const each = shape.slice(1).reduce((product, size) => product * size, 1);
  const kernel = shape.length === 4 ? shape.slice(2) : source.length === 3 && source.reduce((a, b) => a * b, 1) === each ? source.slice(1) : null;
  if (kernel) {
    const [height = 1, width = 1] = kernel;
    return { width, height, at: (index) => index % (width * height) };
  }
  const width = Math.ceil(Math.sqrt(each));
  return { width, height: Math.ceil(each / width), at: (index) => index };
}

/** @param {NamedArray} array @param {number} unit @param {number} each @param {number} cells @param {(index: number) => number} at */
function weightLevels({ data }, unit, each, cells, at) {
  const totals = new Float32Array(cells);
  for (let index = 0; index < each; index++) {
    const cell = at(index);
    totals[cell] = (totals[cell] ?? 0) + (data[unit * each + index] ?? 0);
  }
  const size = totals.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  return Uint8Array.from(totals, (value) => Math.round(127.5 + (127.5 * value) / size));
}

/**
 * The dense edge nearest to a place, within a few pixels.
 *
 * @param {Layout} layout @param {number} x @param {number} y
 * @returns {{ link: Link, source: Unit, target: Unit } | null}
 */
export function edgeAt(layout, x, y) {
  /** @type {{ link: Link, source: Unit, target: Unit } | null} */
  let best = null;
  let least = 5;
  for (const link of layout.links) {
    const { from, to, kind, over } = link;
    const [left, right] = [from.x + from.size / 2, to.x - to.size / 2];
    if (kind !== "dense" || over !== null || x <= left || x >= right) continue;
    const share = wayAlong((x - left) / (right - left));
    for (const source of from.shown) {
      for (const target of to.shown) {
        const distance = Math.abs(source.y + (target.y - source.y) * share - y);
        if (distance < least) [least, best] = [distance, { link, source, target }];
      }
    }
  }
  return best;
}

/** How far up an edge's curve is where it is so far across. @param {number} across */
export function wayAlong(across) {
  let [low, high] = [0, 1];
  for (let round = 0; round < 12; round++) {
    const t = (low + high) / 2;
    if (1.5 * t - 1.5 * t * t + t * t * t < across) low = t;
    else high = t;
  }
  return 3 * low * low - 2 * low * low * low;
}
