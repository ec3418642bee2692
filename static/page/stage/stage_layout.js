/** Where a network lies on a stage of some size. Pure: the page's state in, coordinates out. */

/** @import { Description, Experiment } from "../../types.d.ts" */
/** @import { State } from "../../run/state.js" */
/** @import { Column } from "../../network/columns.js" */
/** @import { Layout, Placed } from "../../network/layout.js" */
/** @import { Folding } from "./folding.js" */

import { foldColumns } from "../../network/columns.js";
import { COARSE, FINE, foldToFit, placeColumns } from "../../network/layout.js";
import { barsWidth } from "../../draw/answer_bars.js";
import { isObject, valueAt } from "../../core/json.js";
import { folds, hasPlane, inputNames } from "../../catalog/catalog.js";
import { featureName } from "../../core/format.js";
import { hasMaps } from "../../run/maps.js";

/**
 * Stages lower than this show the network alone while the inspector stands below them, for its footers would take most
 * of the room; else they scroll.
 */
const SHORT = 320;
const MARGIN = 28;
const NARROW_MARGIN = 14;
/** Stages narrower than this have narrow margins, and less room for the answer. */
const NARROW = 480;
/** What the names of the inputs take at their left: as much as the longest, within bounds. */
const NAMES = { least: 20, most: 132, letter: 6.4, gap: 8 };
/** The most that they take of a stage. */
const NAMES_SHARE = 0.22;
/** What is kept free above the network, for its tools, and where they are large, for the hint below them; and below. */
const ABOVE = 28;
const ABOVE_LARGE = 54;
const BELOW = 16;
/** Stages lower than this are a strip beside a large inspector: nothing is kept free that could be left out. */
const STRIP = 230;
const STRIP_ABOVE = 8;
/** Units that a column shows at least, before what stands below the columns gives way. */
const LEAST_SHOWN = 3;
const LEAST_HEIGHT = 140;
const LEAST_STRIP = 90;
/** Tiles beyond which they are pictured more coarsely. */
const MANY_TILES = 80;

/**
 * @typedef {object} StageLayout
 * @property {Layout} layout
 * @property {number} width of all that is drawn, which may be more than the stage's
 * @property {number} height
 * @property {boolean} strip whether it is low, and shows the network alone
 * @property {boolean} footers whether there is room for controls below the columns
 * @property {Set<string>} fitting blocks that are drawn as one so that the network fits
 * @property {Placed | null} answer the column of the answer, where it has a bar for each class
 * @property {Placed | null} named the column of the answer, where a class's name stands beside each unit
 * @property {number} bars how wide the bars and the names of classes are
 */

/**
 * @param {State} state @param {{ width: number, height: number, fingers?: boolean }} size of the stage, and whether
 * what is pressed has to be as large as fingers need it
 * @param {readonly string[]} classes that the answer is about; empty where it is about none
 * @param {Folding} folding
 * @param {number | null} [best] the class that the network says; null where that is not known
 * @returns {StageLayout | null} null where there is nothing to lay out, or no room
 */
export function stageLayout(state, { width, height, fingers = false }, classes, folding, best = null) {
  const { catalog, description, experiment } = state;
  if (!description || width < 50 || height < 50) return null;
  folding.follow(state.run?.id ?? null);
  const margin = width < NARROW ? NARROW_MARGIN : MARGIN;
  const bars = barsWidth(classes, width < NARROW);
  const maps = hasMaps(description);
  const answers = classes.length > 0 && namesClasses(description);
  const names = roomForNames(state, width);
  const beside = 2 * margin + names + (answers ? bars - 4 : 0);
  const { above, ...tall } = heightsIn(height, state.selected !== null, fingers);
  const room = { width: width - beside, ...tall, inspected: state.selected !== null };
  const plane = hasPlane(catalog, experiment);
  const columnsOf = (/** @type {ReadonlySet<string>} */ folded) =>
    foldColumns(description, (kind) => folds(catalog, kind), plane, folded);
  const fitting = foldToFit(description, columnsOf, room.width);
  const columns = columnsOf(folding.blocks(fitting));
  for (const column of columns.filter(({ folded }) => folded)) nameBlock(column, experiment);
  const judged = answers ? answerOf(columns, description.outputs[0]) : null;
  const kept = keptUnits(state, judged?.name, best);
  const { placed, footers } = placedWithFooters(columns, room, folding.opened, kept);
  const layout = shifted(placed, margin + names, above);
  return {
    layout,
    width: layout.width + beside,
    height: Math.max(height, layout.height + above),
    strip: room.strip,
    footers,
    fitting,
    answer: (maps && layout.columns.find(({ name }) => name === judged?.name)) || null,
    named: (!maps && layout.columns.find(({ name }) => name === judged?.name)) || null,
    bars,
  };
}

/** Whether the answer has a unit for each class, beside which its name stands. @param {Description} description */
function namesClasses(description) {
  const answer = description.nodes.find(({ name }) => name === description.outputs[0]);
  return hasMaps(description) || (answer?.shape[0] ?? 1) > 1;
}

/**
 * What a stage has above the network, for it, and below each column.
 *
 * @param {number} height of the stage
 * @param {boolean} inspected whether the inspector is open, which has the controls of the footers too
 * @param {boolean} fingers
 */
function heightsIn(height, inspected, fingers) {
  const footers = fingers ? COARSE : FINE;
  if (inspected && height < STRIP) {
    const left = Math.max(LEAST_STRIP, height - STRIP_ABOVE);
    return { above: STRIP_ABOVE, height: left, foot: 0, footers, strip: true };
  }
  if (inspected && height < SHORT) {
    const left = Math.max(LEAST_HEIGHT, height - ABOVE - BELOW);
    return { above: ABOVE, height: left, foot: 0, footers, strip: false };
  }
  const above = fingers ? ABOVE_LARGE : ABOVE;
  return {
    above,
    height: Math.max(SHORT, height) - above - BELOW,
    foot: footers.height,
    footers,
    strip: false,
  };
}

/**
 * Pixels for the inputs' names.
 *
 * @param {State} state
 * @param {number} width of the stage
 */
function roomForNames({ catalog, description, experiment }, width) {
  const { least, most, letter, gap } = NAMES;
  if (!experiment || (description?.input.shape.length ?? 0) > 1) return least; // maps have none
  const longest = Math.max(0, ...inputNames(catalog, experiment).map((name) => featureName(name).length));
  return Math.max(least, Math.min(most, width * NAMES_SHARE, longest * letter + gap - NARROW_MARGIN));
}

/**
 * What kind of block a folded column stands for, the experiment says.
 *
 * @param {Column} column @param {Experiment | null} experiment
 */
function nameBlock(column, experiment) {
  const [head] = column.members;
  const node = head && valueAt(/** @type {any} */ (experiment), head.pointer);
  if (head && isObject(node)) column.kind = head.kind = String(node["kind"]);
}

/** @param {Layout} layout @param {number} right @param {number} down @returns {Layout} */
function shifted(layout, right, down) {
  for (const column of layout.columns) {
    column.x += right;
    for (const key of /** @type {const} */ (["y", "top", "bottom", "foot"])) column[key] += down;
    for (const unit of column.shown) {
      unit.x += right;
      unit.y += down;
    }
  }
  for (const link of layout.links) if (link.over !== null) link.over += down;
  return layout;
}

/**
 * The columns with what stands below them, or without where it would leave a column too few of its units, and the
 * inspector has it too.
 *
 * @param {Column[]} columns @param {Parameters<typeof placeColumns>[1] & { inspected: boolean }} room
 * @param {ReadonlySet<string>} opened @param {ReadonlyMap<string, number[]>} kept
 */
function placedWithFooters(columns, room, opened, kept) {
  const placed = placeColumns(columns, room, opened, kept);
  const few = placed.columns.some(({ hidden, shown }) => hidden > 0 && shown.length < LEAST_SHOWN);
  if (room.foot === 0 || !few || !room.inspected) return { placed, footers: room.foot > 0 };
  return { placed: placeColumns(columns, { ...room, foot: 0 }, opened, kept), footers: false };
}

/**
 * What the inspector and the answer are about is shown, however little room there is.
 *
 * @param {State} state @param {string | undefined} answer the column that gives it
 * @param {number | null} best @returns {Map<string, number[]>}
 */
function keptUnits({ selected, unit }, answer, best) {
  const pairs = /** @type {const} */ ([
    [answer, best],
    [selected, unit],
  ]);
  /** @type {Map<string, number[]>} */
  const kept = new Map();
  for (const [column, index] of pairs)
    if (column && index !== null) kept.set(column, [...(kept.get(column) ?? []), index]);
  return kept;
}

/** @param {Column[]} columns @param {string | undefined} judged the node that a loss reads */
function answerOf(columns, judged) {
  return columns.find(({ members, tiled }) => tiled && members.some(({ name }) => name === judged)) ?? null;
}

/** Names of the drawn columns that have units, besides the input. @param {Layout | null} layout */
export function columnsWithUnits(layout) {
  return layout?.columns.filter(({ tiled, data }) => tiled && !data).map(({ name }) => name) ?? [];
}

/**
 * Points along one side of a heatmap: with many units their tiles are small, and half as many fill them.
 *
 * @param {Layout | null} layout
 */
export function heatmapResolution(layout) {
  const tiles = layout?.columns.reduce((total, { shown }) => total + shown.length, 0) ?? 0;
  return tiles > MANY_TILES ? 25 : 50;
}

/** How many edges are drawn one by one. @param {Layout | null} layout */
export function edgeCount(layout) {
  const dense = layout?.links.filter(({ kind }) => kind === "dense") ?? [];
  return dense.reduce((total, { from, to }) => total + from.shown.length * to.shown.length, 0);
}
