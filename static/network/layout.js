/** Where everything of a network stands on the drawing. Pure: documents in, coordinates out. */

/**
 * What panels see of the stage: the drawing as it lies there, and a way to open a tab of the inspector.
 *
 * @typedef {object} StageView
 * @property {Layout | null} layout
 * @property {(column: string, unit: number, tab: string, instead?: boolean) => void} inspect
 * @property {(layer: Element) => void} addLayer something that lies over the drawing and scrolls with it
 * @property {(listener: () => void) => void} onArranged be told when the drawing is arranged anew
 */

/** @import { Description } from "../types.d.ts" */
/** @import { Column } from "./columns.js" */

import { scopes } from "./columns.js";

/** @typedef {{ index: number, x: number, y: number }} Unit the middle of a tile */

/**
 * @typedef {Column & {
 * x: number, y: number, size: number, shown: Unit[], hidden: number, top: number, bottom: number, foot:
 * number,
 *   opened: boolean, above: boolean, lower: boolean
 * }} Placed `opened`: whether it shows units that do not fit; `above`: whether another column stands below
 * it; `lower`:
 * whether its words stand in the second of two rows
 */

/** @typedef {"dense" | "identity" | "bundle"} LinkKind */

/**
 * @typedef {object} Link
 * @property {Placed} from
 * @property {Placed} to
 * @property {LinkKind} kind dense: by weights; identity: unit to unit; bundle: one line
 * @property {number} offset of the source's units among those of the target
 * @property {number | null} over y of the way around columns between, where there are some
 */

/**
 * @typedef {{ columns: Placed[], links: Link[], width: number, height: number, spacing: number, staggered:
 * boolean, footers: FooterSize }} Layout
 */

const LARGEST_TILE = 60;
const SMALLEST_TILE = 25;
const GAP = 0.24;
/** Columns closer than this have a tile and hardly a gap. */
const LEAST_SPACING = 38;
/**
 * Pixels that the controls below a column take.
 *
 * @typedef {object} FooterSize
 * @property {number} height of one row of them
 * @property {number} row how much lower the second row is, where there are two
 * @property {number} apart columns closer than this have no room for them side by side: they stand in two rows, in
 * turn
 * @property {number} below the places for new layers, between the columns
 * @property {number} between a column and one that stands below it
 */

/** For a pointer. @type {FooterSize} */
export const FINE = { height: 78, row: 52, apart: 78, below: 25, between: 58 };
/** For fingers, whose targets are larger. @type {FooterSize} */
export const COARSE = { height: 108, row: 70, apart: 100, below: 30, between: 76 };

/** Nodes up to which a network that is all one block is drawn unfolded, however wide. */
const LONG = 40;
const MOST_SPACING = 176;
/** A stage up to which tiles and spaces keep these sizes: on a larger one they grow with it, up to twofold. */
const USUAL = { width: 900, height: 720 };
/** What is kept free at either side of the columns. */
const MARGIN = 46;
const NARROW_MARGIN = 26;
const HEADROOM = 40;
/** How much higher a way around goes for each that it holds. */
const NESTED = 13;
/** A network of few, large maps shows them larger than units. */
const LARGEST_MAP = 88;
/** What stands above a column of maps. */
const CAPTION = 22;
/** What is kept free for a way around below. */
const FLOOR = 30;
/** The same where a low strip shows the network: its ways around lie close to the tiles. */
const STRIP = { headroom: 18, nested: 5, caption: 16, floor: 14 };
const STAGE = { headroom: HEADROOM, nested: NESTED, caption: CAPTION, floor: FLOOR };
/** What each of several columns above another takes at least: a tile, and how many units are not drawn. */
const LEAST_COLUMN = 2 * SMALLEST_TILE * (1 + GAP);
/** Units that a column shows at most when it is opened. */
const MOST_OPENED = 256;

/**
 * @param {Column[]} columns
 * @param {{ width: number, height: number, foot: number, footers?: FooterSize, strip?: boolean }} room `foot` is kept
 * free below each column, and a row of footers more where they stand in two; 0: there are none; `strip`: it is low,
 * and nothing stands above or below the tiles that could be left out
 * @param {ReadonlySet<string>} [opened] heads of columns that show all their units
 * @param {ReadonlyMap<string, number[]>} [kept] the units of a column, by its name, that are shown whatever fits
 * @returns {Layout}
 */
export function placeColumns(columns, room, opened = new Set(), kept = new Map()) {
  const { width, height: given, foot: footer, footers = FINE, strip = false } = room;
  const scale = scaleIn(room);
  const free = strip ? STRIP : STAGE;
  const ranks = ranksOf(columns);
  const skips = skipsOf(columns).length > 0;
  const wide = spacingIn(width, MARGIN, ranks);
  const margin = width < 480 || wide < footers.apart ? NARROW_MARGIN : MARGIN;
  const spacing = Math.min(
    MOST_SPACING * scale,
    Math.max(ranks > 1 ? LEAST_SPACING : 0, spacingIn(width, margin, ranks)),
  );
  const total = Math.max(width, 2 * margin + spacing * (ranks - 1));
  const left = (total - spacing * (ranks - 1)) / 2;
  const staggered = spacing > 0 && spacing < footers.apart;
  const foot = footer + (staggered && footer > 0 ? footers.row : 0);
  const deepest = Math.max(0, ...skipsOf(columns).map((skip, _, all) => nestedIn(skip, all)));
  const captioned = columns.some(({ maps }) => maps) ? free.caption : 0;
  const roof = skips ? free.headroom + free.nested * deepest : captioned;
  const floor = skips ? free.floor : 0;
  const tallest = Math.max(
    0,
    ...columns.filter(({ head }) => opened.has(head)).map(({ units }) => Math.min(units, MOST_OPENED)),
  );
  const between = footer > 0 ? footers.between : 0;
  const stacks = Array.from({ length: ranks }, (_, rank) => {
    const inRank = columns.filter((each) => each.rank === rank);
    const captions = inRank.slice(1).map(({ maps }) => (maps ? free.caption : 0));
    return { inRank, captions, taken: foot + captions.reduce((total, each) => total + each + between, 0) };
  });
  const stacked = stacks.filter(({ inRank }) => inRank.length > 1);
  const least = Math.max(0, ...stacked.map(({ inRank, taken }) => taken + inRank.length * LEAST_COLUMN));
  const height = Math.max(
    given,
    tallest * SMALLEST_TILE * (1 + GAP) + roof + floor + foot + 8,
    footer > 0 && stacked.length > 0 ? least + roof + floor : 0, // a stage too low for controls between scrolls
  );
  /** @type {Placed[]} */
  const placed = [];
  for (const [rank, { inRank, captions, taken }] of stacks.entries()) {
    const tall = (height - roof - floor - taken) / inRank.length;
    let top = roof;
    inRank.forEach((each, index) => {
      const above = index < inRank.length - 1;
      const middle = top + tall / 2;
      const column = placeColumn(each, left + rank * spacing, middle, {
        room: tall,
        spacing,
        scale,
        kept: kept.get(each.name),
      });
      placed.push({
        ...column,
        foot: above ? bottomOf(column) : top + tall + floor,
        opened: opened.has(each.head),
        above,
        lower: staggered && rank % 2 === 1,
      });
      top += tall + between + (captions[index] ?? 0);
    });
  }
  const links = linksOf(placed, height - foot);
  return { columns: placed, links, width: total, height, spacing, staggered, footers };
}

/** How much larger than usual a stage is. @param {{ width: number, height: number }} stage */
function scaleIn({ width, height }) {
  return Math.min(2, Math.max(1, Math.min(width / USUAL.width, height / USUAL.height)));
}

/** @param {Column[]} columns */
function ranksOf(columns) {
  return 1 + Math.max(0, ...columns.map(({ rank }) => rank));
}

/**
 * From column to column, where they fill a width.
 *
 * @param {number} width @param {number} margin @param {number} ranks
 */
function spacingIn(width, margin, ranks) {
  return ranks > 1 ? (width - 2 * margin) / (ranks - 1) : 0;
}

/**
 * The blocks to draw as one column so that a network fits: none where it does unfolded, otherwise the largest
 * of the
 * innermost ones, one after another. A block that is the whole network stays unfolded, unless it is very
 * long.
 *
 * @param {Description} description @param {(folded: ReadonlySet<string>) => Column[]} columnsOf
 * @param {number} width @returns {Set<string>}
 */
export function foldToFit(description, columnsOf, width) {
  /** @type {Set<string>} */
  const folded = new Set();
  const fits = () => 2 * NARROW_MARGIN + LEAST_SPACING * (ranksOf(columnsOf(folded)) - 1) <= width;
  const sizes = blockSizes(description);
  const whole = description.nodes.length <= LONG ? 0.6 * description.nodes.length : Infinity;
  while (!fits()) {
    const open = [...sizes].filter(
      ([name, size]) =>
        !folded.has(name) &&
        size > 1 &&
        size <= whole &&
        [...sizes.keys()].every((each) => !each.startsWith(`${name}.`) || folded.has(each)),
    );
    const [largest] = open.sort(([, one], [, other]) => other - one);
    if (!largest) break;
    folded.add(largest[0]);
  }
  return folded;
}

/**
 * How many nodes are in each block, those of blocks within included.
 *
 * @param {Description} description @returns {Map<string, number>}
 */
function blockSizes({ nodes }) {
  /** @type {Map<string, number>} */
  const sizes = new Map();
  for (const { name } of nodes)
    for (const scope of scopes(name.slice(0, name.lastIndexOf(".") + 1)))
      sizes.set(scope.slice(0, -1), (sizes.get(scope.slice(0, -1)) ?? 0) + 1);
  return sizes;
}

/**
 * @param {Column} each @param {number} x @param {number} y
 * @param {{ room: number, spacing: number, scale: number, kept?: number[] | undefined }} around the height it has, the
 * columns' distance, how much larger than usual all is, and units that are shown in any case
 * @returns {Omit<Placed, "foot" | "opened" | "above" | "lower">}
 */
function placeColumn(each, x, y, { room, spacing, scale, kept }) {
  if (!each.tiled) {
    const size = 34 * scale;
    return { ...each, x, y, size, shown: [], hidden: 0, top: y - size / 2, bottom: y + size / 2 };
  }
  const most = Math.max(1, Math.floor(room / (SMALLEST_TILE * (1 + GAP))));
  const rows = Math.min(each.units, most);
  const largest = scale * (each.maps ? LARGEST_MAP : LARGEST_TILE);
  const widest = spacing > 0 ? spacing * (each.maps ? 0.55 : 0.42) : largest;
  const size = Math.floor(
    Math.max(
      each.blank ? 14 : SMALLEST_TILE,
      Math.min(each.blank ? 14 : largest, widest, room / (rows + (rows - 1) * GAP)),
    ),
  );
  const hidden = each.units > most ? each.units - Math.max(1, most - 1) : 0;
  const step = each.blank ? Math.min(46 * scale, room / rows) : size * (1 + GAP);
  const top = y - ((rows - 1) * step) / 2;
  const indices = shownUnits(each.units, hidden ? Math.max(1, rows - 1) : rows, kept);
  const shown = indices.map((index, row) => ({ index, x, y: top + row * step }));
  return {
    ...each,
    x,
    y,
    size,
    shown,
    hidden,
    top: top - size / 2,
    bottom: top + (rows - 1) * step + size / 2,
  };
}

/** Where a column ends, with how many units are not drawn. @param {ReturnType<typeof placeColumn>} column */
function bottomOf({ bottom, hidden, shown, size }) {
  return hidden > 0 ? Math.max(bottom, (shown.at(-1)?.y ?? 0) + 0.62 * size + 15) : bottom;
}

/**
 * The first units of a column, as many as have a place; those that are kept and not among them have the last places.
 * @param {number} units @param {number} places @param {number[]} [kept] the most important last
 * @returns {number[]}
 */
function shownUnits(units, places, kept = []) {
  const first = Array.from({ length: places }, (_, index) => index);
  const beyond = [...new Set(kept)].filter((unit) => unit >= places && unit < units).slice(-places);
  return [...first.slice(0, places - beyond.length), ...beyond.toSorted((one, other) => one - other)];
}

/** @param {Placed[]} columns @param {number} height @returns {Link[]} */
function linksOf(columns, height) {
  /** @type {Link[]} */
  const links = [];
  for (const to of columns) {
    let offset = 0;
    for (const name of to.inputs) {
      const from = columns.find((each) => each.name === name);
      if (!from) continue;
      links.push({ from, to, kind: linkKind(from, to), offset, over: wayAround(columns, from, to, height) });
      if (to.members[0]?.role === "concatenation") offset += from.units;
    }
  }
  const over = links
    .filter((link) => link.over !== null)
    .map((link) => ({ link, from: link.from.rank, to: link.to.rank }));
  for (const skip of over) {
    const above = (skip.link.over ?? 0) < (skip.link.from.y + skip.link.to.y) / 2;
    if (above) skip.link.over = Math.max(8, (skip.link.over ?? 0) - NESTED * nestedIn(skip, over));
  }
  return links;
}

/** @typedef {{ from: number, to: number }} Skip ranks between which a link passes others */

/** @param {Column[]} columns @returns {Skip[]} */
function skipsOf(columns) {
  return columns
    .flatMap((each) => each.inputs.map((name) => ({ from: rankOf(columns, name), to: each.rank })))
    .filter(({ from, to }) => to - from > 1);
}

/** How deep others are nested in a way around. @param {Skip} skip @param {Skip[]} all @returns {number} */
function nestedIn(skip, all) {
  const inner = all.filter(
    (each) => each.from >= skip.from && each.to <= skip.to && each.to - each.from < skip.to - skip.from,
  );
  return inner.length ? 1 + Math.max(...inner.map((each) => nestedIn(each, inner))) : 0;
}

/** @param {Placed} from @param {Placed} to @returns {LinkKind} */
function linkKind(from, to) {
  if (!from.tiled || !to.tiled || to.folded) return "bundle";
  return to.weighted ? "dense" : "identity";
}

/**
 * The height at which a link passes the columns between its ends; null where nothing stands between.
 *
 * @param {Placed[]} columns @param {Placed} from @param {Placed} to @param {number} height
 */
function wayAround(columns, from, to, height) {
  const between = columns.filter(({ rank }) => rank > from.rank && rank < to.rank);
  if (between.length === 0) return null;
  const middle = (from.y + to.y) / 2;
  if (middle > height * 0.6)
    return Math.min(height - 4, Math.max(...between.map(({ bottom }) => bottom)) + 30);
  return Math.max(8, Math.min(from.top, to.top, ...between.map(({ top }) => top)) - 31);
}

/** @param {Column[]} columns @param {string} name */
function rankOf(columns, name) {
  return columns.find((each) => each.name === name)?.rank ?? 0;
}

/**
 * The blocks around columns, as rectangles: each name with a dot behind, and what it holds.
 *
 * @param {Placed[]} columns
 * @returns {{ name: string, left: number, right: number, top: number, bottom: number }[]}
 */
export function blocksOf(columns) {
  const names = new Set(columns.flatMap(({ block }) => scopes(block)));
  return [...names].map((name) => {
    const inside = columns.filter(({ block }) => block.startsWith(name));
    return {
      name: name.slice(0, -1),
      left: Math.min(...inside.map(({ x, size }) => x - size / 2)),
      right: Math.max(...inside.map(({ x, size }) => x + size / 2)),
      top: Math.min(...inside.map(({ top }) => top)),
      bottom: Math.max(...inside.map(({ bottom }) => bottom)),
    };
  });
}
