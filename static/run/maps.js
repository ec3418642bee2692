/** What the page asks for to show feature maps, and the chosen sample in it. */

/** @import { Description, Frame, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "./run.js" */
/** @import { State } from "./state.js" */
/** @import { Placed } from "../network/layout.js" */
/** @import { StageView } from "../network/layout.js" */

import { dataset } from "../catalog/catalog.js";
import { sampleRate } from "./picture_rates.js";

/** Bytes of one frame of maps: ten a second of these are little, even for a hundred viewers. */
const MOST_BYTES = 200_000;

/** Sides of maps, and counts of them a node, from the most that is shown down. */
const SIDES = [64, 32, 16];
const COUNTS = [64, 32, 16, 8];

/** Beyond this many nodes not every one is looked at. */
const MOST_NODES = 200;

/**
 * Whether the network is shown pictures (or sequences), and so has maps to look at.
 *
 * @param {Description | null} description
 */
export function hasMaps(description) {
  return (description?.input.shape.length ?? 0) > 1;
}

/**
 * The one demand for maps that drawing and panels share: as many and as large as fit a frame.
 *
 * @param {State} state
 * @returns {JsonObject[]}
 */
export function mapsDemand({ description, input }) {
  if (!description || !hasMaps(description)) return [];
  const shapes = [description.input.shape, ...description.nodes.map(({ shape }) => shape)];
  const [side, most] = SIDES.flatMap((each) =>
    COUNTS.map((count) => /** @type {const} */ ([each, count])),
  ).find(
    ([each, count]) => shapes.reduce((bytes, shape) => bytes + bytesOf(shape, each, count), 0) <= MOST_BYTES,
  ) ?? [8, 8];
  const nodes =
    description.nodes.length < MOST_NODES
      ? null
      : [
          description.input.name,
          ...description.nodes
            .filter(({ role }) => role !== "training_only")
            .slice(-MOST_NODES + 1)
            .map(({ name }) => name),
        ];
  return [{ kind: "activation_maps", input, nodes, most, side, hz: sampleRate() }];
}

/** A signal is sent as long as a map is large. @param {number[]} shape @param {number} side @param {number} most */
function bytesOf([maps = 1, ...sizes], side, most) {
  const longest = sizes.length === 1 ? side * side : side;
  const pixels = sizes.reduce((product, size) => product * Math.min(size, longest), 1);
  return Math.min(maps, most) * (sizes.length > 0 ? pixels + 8 : 4);
}

/**
 * The classes that the answer is about; none where it gives values.
 *
 * @param {RunControl} run @returns {string[]}
 */
export function classNames(run) {
  const { catalog, description, experiment } = run.state;
  return description?.data?.classes ?? ((experiment && dataset(catalog, experiment)?.classes) || []);
}

/** The sample's own class, where that is known. @param {Frame | undefined} frame */
export function targetOf(frame) {
  return frame?.arrays.get("target")?.data[0] ?? null;
}

/** The class that the network says of the chosen sample; null where that is not known. @param {RunControl} run */
export function bestClass(run) {
  const shares = run.latest.get("activation_maps")?.arrays.get("answer")?.data;
  if (!shares?.length) return null;
  return Array.from(shares).reduce((best, share, index) => (share > (shares[best] ?? -1) ? index : best), 0);
}

/** Whether a column's arithmetic can be followed number by number. @param {Placed} column */
export function isFollowed({ members }) {
  return members[0]?.followed ?? false;
}

/**
 * What the arithmetic of the selected unit needs.
 *
 * @param {RunControl} run @param {StageView} stage @returns {JsonObject[]}
 */
export function arithmeticDemand(run, stage) {
  const { selected, unit, input, description } = run.state;
  const column = stage.layout?.columns.find(({ name }) => name === selected);
  const node = column && description?.nodes.find(({ name }) => name === column.head);
  if (!node || !isFollowed(column)) return [];
  const map = Math.min(unit, (node.shape[0] ?? 1) - 1); // an edit may have left fewer
  return [
    {
      kind: "arithmetic",
      input,
      node: column.head,
      map,
      through: column.members.slice(1).map(({ name }) => name),
      hz: 5,
    },
  ];
}

/**
 * Convolutions have kernels to look at, and dense layers that see the picture itself.
 *
 * @param {State} state @param {Placed} column
 */
export function hasFilters({ description }, column) {
  const head = column.members[0];
  if (!head || !description || !hasMaps(description)) return false;
  if (head.role === "convolution") return head.parameters > 0;
  return head.role === "dense" && seesPicture(description, head.inputs[0]);
}

/**
 * Whether the kernels of a layer with filters look at signals: at sequences of numbers, not at rows of pixels.
 *
 * @param {Pick<State, "description">} state @param {Pick<Placed, "members">} column
 */
export function readsSignals({ description }, { members: [head] }) {
  const shape = head?.role === "dense" ? description?.input.shape : head?.shape;
  return shape?.length === 2;
}

/** @param {Description} description @param {string | undefined} name of what is read */
function seesPicture({ input, nodes }, name) {
  const node = nodes.find((each) => each.name === name);
  return name === input.name || (node?.role === "flattening" && node.inputs[0] === input.name);
}

/**
 * What the filters of the selected layer need.
 *
 * @param {RunControl} run @param {StageView} stage @returns {JsonObject[]}
 */
export function filtersDemand(run, stage) {
  const column = stage.layout?.columns.find(({ name }) => name === run.state.selected);
  return column && hasFilters(run.state, column) ? [{ kind: "filters", nodes: [column.head], hz: 5 }] : [];
}
