/**
 * Edges on canvas: each by the sign and size of its weight, shortcuts past the columns between, blocks
 * around; which one is pointed at.
 */

/** @import { Frame } from "../types.d.ts" */
/** @import { Colors } from "./colors.js" */
/** @import { Layout, Link, Placed, Unit } from "../network/layout.js" */

import { blocksOf } from "../network/layout.js";
import { drawCaptions } from "./maps.js";
import { edgeWeights, weightPlace } from "./weights.js";

/** @typedef {{ column: string, unit: number } | null} Focus the unit whose edges stand out */

const BUCKETS = 6;
/**
 * Beyond this many edges between two columns they are hairlines, told apart by how dark they are: strokes of
 * one device
 * pixel or less take a seventh of the time to paint, and wide ones would only cover each other.
 */
const CROWD = 250;
/** Beyond this many edges between two columns, the faint ones are left out. */
const MANY = 1200;
/** How many of so many edges are drawn. */
const STRONGEST = 600;

/**
 * @param {CanvasRenderingContext2D} context @param {Layout} layout @param {Frame | undefined} weights
 * @param {Colors} colors @param {Focus} focus
 */
export function drawEdges(context, layout, weights, colors, focus) {
  drawBlocks(context, layout, colors);
  drawCaptions(context, layout, colors);
  for (const link of layout.links) {
    if (link.over !== null) drawWayAround(context, link, colors);
    else if (link.kind === "dense") drawDense(context, link, weights, colors, focus);
    else if (link.kind === "identity") drawIdentity(context, link, colors);
    else drawBundle(context, link, colors);
  }
}

/**
 * One edge, over the others.
 *
 * @param {CanvasRenderingContext2D} context @param {{ link: Link, source: Unit, target: Unit }} edge
 * @param {string} color
 */
export function drawEdge(context, { link, source, target }, color) {
  const path = new Path2D();
  curve(path, link.from, source, link.to, target);
  context.strokeStyle = color;
  context.lineWidth = 3;
  context.stroke(path);
}

/** @param {CanvasRenderingContext2D} context @param {Layout} layout @param {Colors} colors */
function drawBlocks(context, layout, colors) {
  context.lineWidth = 1;
  context.strokeStyle = colors.line;
  for (const { left, right, top, bottom } of blocksOf(layout.columns)) {
    context.beginPath();
    context.setLineDash([3, 3]);
    context.roundRect(left - 12.5, top - 12.5, right - left + 25, bottom - top + 25, 10);
    context.stroke();
    context.setLineDash([]);
  }
}

/**
 * @param {CanvasRenderingContext2D} context @param {Link} link @param {Frame | undefined} weights
 * @param {Colors} colors @param {Focus} focus
 */
function drawDense(context, link, weights, colors, focus) {
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
  for (const [set, faintness] of /** @type {[Path2D[], number][]} */ ([
    [dimmed, 0.12 * crowd],
    [paths, crowd],
  ])) {
    for (let index = 0; index < 2 * BUCKETS; index++) {
      // Faint ones first, both signs in turn: neither shall cover the other for standing later in a list.
      const bucket = index >> 1;
      const positive = index % 2 === 1;
      const path = set[positive ? BUCKETS + bucket : bucket];
      if (!path) continue;
      const share = (bucket + 0.5) / BUCKETS;
      context.strokeStyle = !known ? colors.neutral : positive ? colors.positive : colors.negative;
      context.lineWidth = Math.min(widest, 0.5 + 3 * share * share);
      context.globalAlpha = (0.1 + 0.8 * share) * faintness;
      context.stroke(path);
    }
  }
  context.globalAlpha = 1;
}

/**
 * The share from which on an edge is among the strongest of a crowd.
 *
 * @param {ReturnType<typeof edgeWeights>} known @param {Link} link
 */
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

/**
 * @param {NonNullable<Focus>} focus @param {Placed} from @param {Unit} source @param {Placed} to
 * @param {Unit} target
 */
function touches(focus, from, source, to, target) {
  if (focus.column === from.name) return focus.unit === source.index;
  if (focus.column === to.name) return focus.unit === target.index;
  return false;
}

/**
 * @param {Path2D} path @param {Placed} from @param {{ y: number }} source @param {Placed} to @param {{ y:
 * number }} target
 */
function curve(path, from, source, to, target) {
  const left = from.x + from.size / 2;
  const right = to.x - to.size / 2;
  const middle = (left + right) / 2;
  path.moveTo(left, source.y);
  path.bezierCurveTo(middle, source.y, middle, target.y, right, target.y);
}

/** @param {CanvasRenderingContext2D} context @param {Link} link @param {Colors} colors */
function drawIdentity(context, { from, to, offset }, colors) {
  const path = new Path2D();
  for (const source of from.shown) {
    const target = to.shown.find(({ index }) => index === source.index + offset);
    if (target) curve(path, from, source, to, target);
  }
  context.strokeStyle = colors.neutral;
  context.lineWidth = 1.25;
  context.stroke(path);
}

/** @param {CanvasRenderingContext2D} context @param {Link} link @param {Colors} colors */
function drawBundle(context, { from, to }, colors) {
  const path = new Path2D();
  const sources = from.tiled ? from.shown : [from];
  const targets = to.tiled ? to.shown : [to];
  for (const source of sources) for (const target of targets) curve(path, from, source, to, target);
  context.strokeStyle = colors.neutral;
  context.globalAlpha = sources.length * targets.length > 40 ? 0.45 : 0.8;
  context.lineWidth = sources.length * targets.length === 1 ? 2 : 1;
  context.stroke(path);
  context.globalAlpha = 1;
}

/** Pixels above a column of maps that say their size, and below one that say how many more there are. */
const WORDS = 18;

/**
 * A shortcut, past the columns between.
 *
 * @param {CanvasRenderingContext2D} context @param {Link} link @param {Colors} colors
 */
function drawWayAround(context, { from, to, over }, colors) {
  const y = over ?? 0;
  const above = y < from.y;
  // What stands above a column of maps shall be read.
  const [start, end] = [from, to].map((column) =>
    above ? column.top - (column.maps ? WORDS : 0) : column.bottom + (column.hidden > 0 ? WORDS : 0),
  );
  const bend = Math.min(26, (to.x - from.x) / 4);
  context.strokeStyle = colors.neutral;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(from.x, start ?? y);
  context.bezierCurveTo(from.x, y, from.x + bend / 2, y, from.x + bend, y);
  context.lineTo(to.x - bend, y);
  context.bezierCurveTo(to.x - bend / 2, y, to.x, y, to.x, end ?? y);
  context.stroke();
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
function wayAlong(across) {
  let [low, high] = [0, 1];
  for (let round = 0; round < 12; round++) {
    const t = (low + high) / 2;
    if (1.5 * t - 1.5 * t * t + t * t * t < across) low = t;
    else high = t;
  }
  return 3 * low * low - 2 * low * low * low;
}
