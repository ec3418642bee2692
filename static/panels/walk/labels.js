/** The numbers on the drawing in a phase, each where it has room. Pure. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Layout, Link, Placed, Unit } from "../../network/layout.js" */
/** @import { Phase } from "./phases.js" */
/** @import { EdgeOf } from "./chain.js" */

import { shortNumber } from "../../core/format.js";
import { arrayOf, numberAt, unitNumber } from "./numbers.js";
import { shownOf, weightsShown } from "./phases.js";

/** Edges between two columns up to which each has its number; of more, those of one unit have. */
const ALL_EDGES = 12;
/** A label's height, its width for each letter, and beside them. */
const [HEIGHT, LETTER, SIDES] = [14, 6, 7];
/** Where on its edge a number may stand: of the first unit's edges near their sources, of the last one's further on. */
const [NEAREST, FURTHEST] = [0.28, 0.66];
const PLACES = Array.from({ length: 15 }, (_, index) => 0.15 + 0.05 * index);
/** Columns closer than this have room for the numbers of their units alone. */
const ROOM = 62;

/** @typedef {{ left: number, top: number, width: number, height: number }} Box */

/**
 * @typedef {object} Label
 * @property {string} key the same for the same unit or edge
 * @property {string} text
 * @property {number} value
 * @property {"output" | "gradient" | "bias" | "weight" | "derivative" | "change" | "loss"} what
 * @property {number} x of its middle
 * @property {number} y
 * @property {boolean} active whether the phase is about it
 * @property {{ link: Link, source: Unit, target: Unit } | null} edge that is drawn over the others, where it stands out
 */

/** @typedef {{ column: string | null, unit: number, edge: EdgeOf | null }} Focus what is selected or followed */

/**
 * @param {Frame} frame @param {Layout} layout @param {Phase} phase
 * @param {Focus} focus
 * @param {{ text: string, value: number, node: string } | null} loss what stands above the output, from the loss on
 * @returns {Label[]}
 */
export function labelsOf(frame, layout, phase, focus, loss) {
  /** @type {Box[]} */
  const taken = layout.columns.flatMap(tilesOf);
  const units = layout.columns.flatMap((column) => unitLabels(frame, column, phase));
  const judged = loss && layout.columns.find(({ members }) => members.some(({ name }) => name === loss.node));
  if (judged) units.push(lossLabel(judged, loss, phase));
  taken.push(...units.map(boxOf));
  const edges = layout.links.flatMap((link) => edgeLabels(frame, link, phase, focus, taken));
  return [...units, ...edges];
}

/** @param {Placed} column @returns {Box[]} */
function tilesOf({ shown, size }) {
  return shown.map(({ x, y }) => ({ left: x - size / 2, top: y - size / 2, width: size, height: size }));
}

/** @param {{ text: string, x: number, y: number }} label @returns {Box} */
function boxOf({ text, x, y }) {
  const width = text.length * LETTER + SIDES;
  return { left: x - width / 2, top: y - HEIGHT / 2, width, height: HEIGHT };
}

/** @param {Frame} frame @param {Placed} column @param {Phase} phase @returns {Label[]} */
function unitLabels(frame, column, phase) {
  const what = shownOf(phase, column.rank);
  if (what === null || !column.tiled) return [];
  const whole = column.data && column.units === 1;
  return column.shown.flatMap(({ index, x, y }) => {
    const value =
      what === "bias"
        ? numberAt(frame, "change", `${column.head}.bias`, index)
        : unitNumber(frame, what, column.name, index, whole);
    if (value === null) return [];
    const active = phase.kind === "update" || column.rank === phase.rank;
    const text = shortNumber(value, 3);
    return [
      {
        key: `${column.head} ${index}`,
        text,
        value,
        what,
        x,
        y: y + column.size / 2 - 2,
        active,
        edge: null,
      },
    ];
  });
}

/** @param {Placed} column @param {{ text: string, value: number }} loss @param {Phase} phase @returns {Label} */
function lossLabel({ x, top }, { text, value }, { kind }) {
  return { key: "loss", text, value, what: "loss", x, y: top - 11, active: kind === "loss", edge: null };
}

/**
 * @param {Frame} frame @param {Link} link @param {Phase} phase
 * @param {Focus} focus
 * @param {Box[]} taken where something stands; the labels' own places are added @returns {Label[]}
 */
function edgeLabels(frame, link, phase, focus, taken) {
  const { from, to, kind, over } = link;
  const what = weightsShown(phase, to.rank);
  const weights = what && arrayOf(frame, what, `${to.head}.weight`);
  if (!what || !weights || kind !== "dense" || over !== null) return [];
  const inputs = weights.shape[1] ?? 0;
  if (weights.shape.length !== 2 || inputs !== from.units || to.x - from.x < ROOM) return [];
  const edges = chosenEdges(link, focus);
  const targets = [...new Set(edges.map(({ target }) => target))];
  return edges.flatMap(({ source, target }) => {
    const value = weights.data[target.index * inputs + source.index];
    if (value === undefined) return [];
    const text = shortNumber(value, 2);
    const place = freePlace(link, { source, target }, targets, text, taken);
    if (!place) return [];
    taken.push(boxOf({ text, ...place }));
    const key = `${to.head} ${target.index} ${source.index}`;
    const edge =
      edges.length < pairsOf(link) || isFollowed(link, source, target, focus)
        ? { link, source, target }
        : null;
    return [{ key, text, value, what: what === "parameter" ? "weight" : what, ...place, active: true, edge }];
  });
}

/** @param {Link} link */
function pairsOf({ from, to }) {
  return from.shown.length * to.shown.length;
}

/** @param {Link} link @param {Unit} source @param {Unit} target @param {Focus} focus */
function isFollowed({ to }, source, target, { edge }) {
  return edge?.to === to.name && edge.target === target.index && edge.source === source.index;
}

/**
 * The edges whose numbers are shown: all where they are few; of many those of the followed edge's unit, of the selected
 * one, or of the same place in this column.
 *
 * @param {Link} link @param {Focus} focus @returns {{ source: Unit, target: Unit }[]}
 */
function chosenEdges({ from, to }, { column, unit, edge }) {
  const pairs = to.shown.flatMap((target) => from.shown.map((source) => ({ source, target })));
  if (pairs.length <= ALL_EDGES) return pairs;
  if (edge?.to === to.name) return pairs.filter(({ target }) => target.index === edge.target);
  if (column === from.name) return pairs.filter(({ source }) => source.index === unit);
  const target = to.shown.some(({ index }) => index === unit) ? unit : (to.shown[0]?.index ?? 0);
  return pairs.filter((pair) => pair.target.index === target);
}

/**
 * The first place on an edge where a text covers nothing, or null. Edges to different units have their numbers at
 * different shares of the way, so that it can be told whose a number is.
 *
 * @param {Link} link @param {{ source: Unit, target: Unit }} edge @param {Unit[]} targets of all edges that are shown
 * @param {string} text @param {Box[]} taken
 */
function freePlace({ from, to }, { source, target }, targets, text, taken) {
  const row = targets.indexOf(target) / Math.max(1, targets.length - 1);
  const best = NEAREST + (FURTHEST - NEAREST) * row;
  const shares = PLACES.toSorted((one, other) => Math.abs(one - best) - Math.abs(other - best));
  const places = [best, ...shares].map((share) => along(from, source, to, target, share));
  return places.find((place) => taken.every((other) => apart(boxOf({ text, ...place }), other))) ?? null;
}

/** @param {Box} one @param {Box} other */
function apart(one, other) {
  return (
    one.left >= other.left + other.width ||
    other.left >= one.left + one.width ||
    one.top >= other.top + other.height ||
    other.top >= one.top + one.height
  );
}

/**
 * A point of an edge, which is a Bézier curve as `draw/edges.js` draws it.
 *
 * @param {Placed} from @param {{ y: number }} source @param {Placed} to @param {{ y: number }} target
 * @param {number} share of its curve's parameter, from 0 at the source to 1
 */
function along(from, source, to, target, share) {
  const [left, right] = [from.x + from.size / 2, to.x - to.size / 2];
  const across = 1.5 * share - 1.5 * share ** 2 + share ** 3;
  const up = 3 * share ** 2 - 2 * share ** 3;
  return { x: left + (right - left) * across, y: source.y + (target.y - source.y) * up };
}
