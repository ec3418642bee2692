/**
 * Where the nodes and groups of an architecture stand: layers from top to bottom (Sugiyama et al. 1981), each open
 * group laid out by itself within its frame. Pure: a tree in, boxes and edges out.
 */

/** @import { Group, PlanNode } from "./folding.js" */
/** @import { Item } from "./rows.js" */

import { idOf, isGroup } from "./folding.js";
import { ordered, spread } from "./rows.js";

/**
 * @typedef {object} Box
 * @property {string} id
 * @property {Group | PlanNode | null} part null: the input
 * @property {boolean} open whether what is in it is shown
 * @property {number} depth how many frames are around it
 * @property {number} x left
 * @property {number} y top
 * @property {number} width
 * @property {number} height
 */

/** @typedef {{ x: number, y: number }} Point */

/**
 * @typedef {object} Edge
 * @property {Point[]} points the first is left downwards; from the second on, pairs are straight
 * @property {{ x: number, y: number, shape: number[] } | null} label what goes along it, told once a source
 * @property {boolean} ends whether it ends at a node; within a frame it goes on
 */

/** @typedef {{ boxes: Box[], edges: Edge[], width: number, height: number }} Placed */

/** @typedef {{ width: number, height: number, gap: number, rise: number, frame: number, head: number }} Sizes */

/** Sizes of the large graph: of a node, the gaps between and above nodes, a frame's margin and its heading. */
export const LARGE = { width: 172, height: 42, gap: 18, rise: 34, frame: 16, head: 30 };

/** Sizes of a picture of one block. */
export const SMALL = { width: 84, height: 24, gap: 8, rise: 14, frame: 0, head: 0 };

/** What passes a layer takes as much room as a line. */
const LANE = 14;

const ENTRY = "";

/**
 * @param {Group} tree @param {ReadonlySet<string>} opened groups that show what is in them
 * @param {number[] | null} input the shape of what the whole reads; null: nothing is drawn there
 * @param {Sizes} [sizes] @returns {Placed}
 */
export function placed(tree, opened, input, sizes = LARGE) {
  const inner = arranged(tree, opened, sizes, 0, input);
  return { boxes: inner.boxes, edges: inner.edges, width: inner.width, height: inner.height };
}

/** @typedef {Placed & { entry: Point, exit: Point }} Arranged */

/** @typedef {Item & { part: Group | PlanNode | null, inside: Arranged | null, id: string }} Standing */

/** @typedef {{ source: Standing, target: Standing, lanes: Item[], shape: number[] }} Way */

/**
 * @param {Group} tree @param {ReadonlySet<string>} opened @param {Sizes} sizes @param {number} depth
 * @param {number[] | null} input @returns {Arranged}
 */
function arranged(tree, opened, sizes, depth, input) {
  const entry = standing(ENTRY, null, input ? sizes.width : 0, input ? sizes.height : 0, null);
  const parts = tree.children.map((part) => standingOf(part, opened, sizes, depth));
  const ways = waysOf(tree, entry, parts, input);
  const rows = rowsOf(entry, parts, ways);
  ordered(rows);
  spread(rows, sizes.gap);
  return positioned(rows, entry, parts, ways, { sizes, depth, input });
}

/**
 * @param {string} id @param {Group | PlanNode | null} part @param {number} width @param {number} height
 * @param {Arranged | null} inside @returns {Standing}
 */
function standing(id, part, width, height, inside) {
  return { id, part, width, height, inside, x: 0, rank: 0, lane: false, above: [], below: [] };
}

/** @param {Group | PlanNode} part @param {ReadonlySet<string>} opened @param {Sizes} sizes @param {number} depth */
function standingOf(part, opened, sizes, depth) {
  const id = idOf(part);
  if (!isGroup(part) || !opened.has(id)) return standing(id, part, sizes.width, sizes.height, null);
  const inside = arranged(part, opened, sizes, depth + 1, null);
  const width = Math.max(inside.width, sizes.width) + 2 * sizes.frame;
  return standing(id, part, width, inside.height + sizes.head + sizes.frame, inside);
}

/**
 * Who reads whom among the parts of a group; what comes from outside comes from the entry.
 *
 * @param {Group} tree @param {Standing} entry @param {Standing[]} parts @param {number[] | null} input
 * @returns {Way[]}
 */
function waysOf(tree, entry, parts, input) {
  /** @type {Map<string, { at: Standing, shape: number[] }>} */
  const owners = new Map();
  tree.children.forEach((part, index) => {
    const at = parts[index];
    if (at)
      for (const { name, shape } of isGroup(part) ? part.nodes : [part]) owners.set(name, { at, shape });
  });
  return parts.flatMap((target) => {
    /** @type {Map<Standing, number[]>} */
    const sources = new Map();
    for (const name of readersOf(target)) {
      const owner = owners.get(name) ?? { at: entry, shape: input ?? [] };
      if (owner.at !== target) sources.set(owner.at, owner.shape);
    }
    return [...sources].map(([source, shape]) => ({ source, target, lanes: [], shape }));
  });
}

/** @param {Standing} target @returns {string[]} */
function readersOf({ part }) {
  if (!part) return [];
  return isGroup(part) ? part.nodes.flatMap(({ inputs }) => inputs) : part.inputs;
}

/**
 * The layers, in each of which what reads nothing of the same stands; edges pass those between by lanes.
 *
 * @param {Standing} entry @param {Standing[]} parts @param {Way[]} ways @returns {Item[][]}
 */
function rowsOf(entry, parts, ways) {
  for (const part of parts)
    part.rank =
      1 + Math.max(0, ...ways.filter(({ target }) => target === part).map(({ source }) => source.rank));
  /** @type {Item[][]} */
  const rows = Array.from({ length: 1 + Math.max(0, ...parts.map(({ rank }) => rank)) }, () => []);
  for (const each of [entry, ...parts]) rows[each.rank]?.push(each);
  for (const way of ways) {
    for (let rank = way.source.rank + 1; rank < way.target.rank; rank++) {
      const lane = { width: LANE, height: 0, x: 0, rank, lane: true, above: [], below: [] };
      way.lanes.push(lane);
      rows[rank]?.push(lane);
    }
    const chain = [way.source, ...way.lanes, way.target];
    chain.slice(1).forEach((below, index) => {
      chain[index]?.below.push(below);
      below.above.push(/** @type {Item} */ (chain[index]));
    });
  }
  return rows;
}

/** @typedef {{ sizes: Sizes, depth: number, input: number[] | null }} Around */

/**
 * @param {Item[][]} rows @param {Standing} entry @param {Standing[]} parts @param {Way[]} ways @param {Around} around
 * @returns {Arranged}
 */
function positioned(rows, entry, parts, ways, { sizes, depth, input }) {
  const left = Math.min(...rows.flat().map(({ x, width }) => x - width / 2));
  const right = Math.max(...rows.flat().map(({ x, width }) => x + width / 2));
  /** @type {{ top: number, bottom: number }[]} */
  const heights = [];
  let y = 0;
  for (const row of rows) {
    const tall = Math.max(0, ...row.map(({ height }) => height));
    heights.push({ top: y, bottom: y + tall });
    y += tall + sizes.rise;
  }
  /** @type {Map<Item, Spot>} */
  const spots = new Map();
  for (const item of [entry, ...parts]) spots.set(item, spotOf(item, heights, left, sizes));
  const inner = parts.map((part) => within(part, /** @type {Spot} */ (spots.get(part)), sizes));
  const own = [...(input ? [entry] : []), ...parts].map((item) =>
    boxOf(item, /** @type {Spot} */ (spots.get(item)), depth),
  );
  const last = parts.at(-1);
  const told = new Set(input ? [] : [entry]);
  return {
    boxes: [...own, ...inner.flatMap(({ boxes }) => boxes)],
    edges: [
      ...ways.map((way) => edgeOf(way, { spots, heights, left, told })),
      ...inner.flatMap(({ edges }) => edges),
    ],
    width: right - left,
    height: y - sizes.rise,
    entry: { x: entry.x - left, y: 0 },
    exit: (last && spots.get(last)?.exit) ?? { x: 0, y: 0 },
  };
}

/**
 * Where an item stands, where edges come in and where they leave, and where it ends.
 *
 * @typedef {{ x: number, y: number, entry: Point, exit: Point, bottom: number }} Spot
 */

/**
 * @param {Standing} item @param {{ top: number, bottom: number }[]} heights @param {number} left @param {Sizes} sizes
 * @returns {Spot}
 */
function spotOf(item, heights, left, sizes) {
  const { top, bottom } = heights[item.rank] ?? { top: 0, bottom: 0 };
  const x = item.x - item.width / 2 - left;
  const y = (top + bottom - item.height) / 2;
  const end = y + item.height;
  if (!item.inside) {
    const middle = item.x - left;
    return { x, y, entry: { x: middle, y }, exit: { x: middle, y: end }, bottom: end };
  }
  const offset = insideOf(item, { x, y }, sizes);
  const { entry, exit } = item.inside;
  return { x, y, entry: moved(entry, offset), exit: moved(exit, offset), bottom: end };
}

/** Where the content of an open group begins. @param {Standing} item @param {Point} at @param {Sizes} sizes */
function insideOf({ width, inside }, { x, y }, sizes) {
  return { x: x + (width - (inside?.width ?? 0)) / 2, y: y + sizes.head };
}

/** @param {Point} point @param {Point} by @returns {Point} */
function moved({ x, y }, by) {
  return { x: x + by.x, y: y + by.y };
}

/**
 * What stands in an open group, moved to where it is.
 *
 * @param {Standing} item @param {Spot} spot @param {Sizes} sizes
 */
function within(item, spot, sizes) {
  if (!item.inside) return { boxes: [], edges: [] };
  const by = insideOf(item, spot, sizes);
  return {
    boxes: item.inside.boxes.map((box) => ({ ...box, x: box.x + by.x, y: box.y + by.y })),
    edges: item.inside.edges.map(({ points, label, ends }) => ({
      ends,
      points: points.map((point) => moved(point, by)),
      label: label && { ...label, ...moved(label, by) },
    })),
  };
}

/** @param {Standing} item @param {Spot} spot @param {number} depth @returns {Box} */
function boxOf({ id, part, inside, width, height }, { x, y }, depth) {
  return { id, part, open: inside !== null, depth, x, y, width, height };
}

/**
 * @param {Way} way
 * @param {{ spots: Map<Item, Spot>, heights: { top: number, bottom: number }[], left: number, told: Set<Item> }} around
 * `told`: the sources whose shapes are written already
 * @returns {Edge}
 */
function edgeOf({ source, target, lanes, shape }, { spots, heights, left, told }) {
  const from = /** @type {Spot} */ (spots.get(source));
  const to = /** @type {Spot} */ (spots.get(target));
  const passing = lanes.flatMap(({ x, rank }) => {
    const { top, bottom } = heights[rank] ?? { top: 0, bottom: 0 };
    return [
      { x: x - left, y: top },
      { x: x - left, y: bottom },
    ];
  });
  const row = heights[source.rank];
  const leaving = row && row.bottom > from.exit.y ? [{ x: from.exit.x, y: row.bottom }] : [];
  const coming = { x: to.entry.x, y: heights[target.rank]?.top ?? to.entry.y };
  const label = told.has(source) ? null : { x: from.exit.x + 7, y: from.bottom + 15, shape };
  told.add(source);
  return {
    points: [from.exit, ...(leaving.length ? leaving : [from.exit]), ...passing, coming, to.entry],
    label,
    ends: target.inside === null,
  };
}
