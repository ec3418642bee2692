/** A walk at one of its phases as a record of numbers and words: what is drawn, and what is written. Pure. */

/** @import { Description, Frame } from "../../types.d.ts" */
/** @import { Layout, Placed } from "../../network/layout.js" */
/** @import { Chain, EdgeOf, Network } from "./chain.js" */
/** @import { Label } from "./labels.js" */
/** @import { Phase } from "./phases.js" */

import { shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { nodeName } from "../../network/names.js";
import { chainOf } from "./chain.js";
import { middleOf, weightName } from "./kernel_chain.js";
import { labelsOf } from "./labels.js";
import { arrayOf, firstBroken, lossOf, penaltyOf } from "./numbers.js";
import { phasesOf } from "./phases.js";
import { stepOf } from "./step.js";

const TEXTS = texts(import.meta.url, {
  place: "{phase} of {phases}",
  loss: "loss {loss}",
  broken:
    "From {node} on numbers are not finite: the loss of this sample is {loss}, and no gradient means anything.",
  brokenLoss: "The loss of this sample is {loss}: no gradient means anything.",
});

/**
 * What is looked at.
 *
 * @typedef {object} Context
 * @property {Layout} layout
 * @property {Description} description
 * @property {number} phase which of them
 * @property {string | null} selected a column
 * @property {number} unit of it
 * @property {EdgeOf | null} edge that is followed; null: that of the selected unit
 * @property {string[]} inputs names of what the network gets
 * @property {string[]} classes
 */

/**
 * @typedef {object} View
 * @property {Phase} phase
 * @property {number} index which of the phases it is
 * @property {number} count how many there are
 * @property {string} place the same in words
 * @property {Label[]} labels
 * @property {import("./step.js").Step} step what happens in this phase to one unit
 * @property {Chain | string | null} chain
 * @property {EdgeOf | null} edge whose chain it is
 * @property {number} sources how many weights each unit of the followed column has
 * @property {(source: number) => string} sourceName what each of them is called
 * @property {string | null} broken why no number means anything; null where all are finite
 */

/** @param {Frame} frame @param {Context} context @returns {View} */
export function model(frame, context) {
  const { layout, description, selected, unit, inputs, classes } = context;
  const phases = phasesOf(layout.columns);
  const index = Math.max(0, Math.min(context.phase, phases.length - 1));
  const phase = /** @type {Phase} */ (phases[index]);
  const network = { columns: layout.columns, nodes: description.nodes, inputs };
  const edge = edgeOf(frame, network, context, phase);
  const text = TEXTS.loss({ loss: shortNumber(lossOf(frame)) });
  const reached = ["loss", "backward", "update"].includes(phase.kind);
  const loss = reached ? { text, value: lossOf(frame), node: description.outputs[0] ?? "" } : null;
  const column = layout.columns.find(({ name }) => name === edge?.to);
  return {
    phase,
    index,
    count: phases.length,
    place: TEXTS.place({ phase: index + 1, phases: phases.length }),
    labels: labelsOf(frame, layout, phase, { column: selected, unit, edge }, loss),
    step: stepOf(frame, network, phase, { column: selected, unit, outputs: description.outputs, classes }),
    chain: edge && chainOf(frame, network, edge),
    edge,
    sources: column ? sourcesOf(frame, column) : 0,
    sourceName: sourceNames(frame, column),
    broken: brokenText(frame, description),
  };
}

/**
 * The weight that is followed: the one that was pointed at while it is drawn, or the first of a unit of the phase.
 *
 * @param {Frame} frame @param {Network} network @param {Context} context @param {Phase} phase @returns {EdgeOf | null}
 */
function edgeOf(frame, { columns }, { edge, selected, unit }, phase) {
  const pointed = columns.find(({ name }) => name === edge?.to);
  if (edge && pointed && edge.target < pointed.units && (edge.source ?? 0) < sourcesOf(frame, pointed))
    return edge;
  const column = weightsOf(columns, selected, phase);
  return column ? { to: column.name, target: Math.min(unit, column.units - 1), source: 0 } : null;
}

/**
 * The column whose weights a phase is about: of the phases before and after all columns, the selected one.
 *
 * @param {Placed[]} columns @param {string | null} selected @param {Phase} phase
 */
function weightsOf(columns, selected, { kind, rank }) {
  const own = columns.filter(hasWeights);
  const active = ["forward", "backward"].includes(kind) ? own.filter((column) => column.rank === rank) : [];
  const chosen = (/** @type {Placed[]} */ some) => some.find(({ name }) => name === selected);
  return chosen(active) ?? active[0] ?? chosen(own) ?? own[0];
}

/** @param {Placed} column */
function hasWeights({ members, folded }) {
  return !folded && (members[0]?.parameters ?? 0) > 0;
}

/** How many weights each unit or map of a column has. @param {Frame} frame @param {Placed} column */
function sourcesOf(frame, { head }) {
  const [, ...own] = arrayOf(frame, "parameter", `${head}.weight`)?.shape ?? [];
  return own.length > 0 ? own.reduce((total, size) => total * size, 1) : 0;
}

/**
 * What the weights of each unit of a column are called.
 *
 * @param {Frame} frame @param {Placed | undefined} column @returns {(source: number) => string}
 */
function sourceNames(frame, column) {
  const shape = arrayOf(frame, "parameter", `${column?.head}.weight`)?.shape ?? [];
  return shape.length === 4 ? (source) => weightName(shape, source) : (source) => String(source + 1);
}

/**
 * The weight that is meant where a unit, or a map, of one column is pointed at that leads to another's.
 *
 * @param {Frame} frame @param {Placed} column @param {number} unit
 */
export function pointedSource(frame, { head }, unit) {
  const shape = arrayOf(frame, "parameter", `${head}.weight`)?.shape ?? [];
  return shape.length === 4 ? middleOf(shape, unit) : unit;
}

/** @param {Frame} frame @param {Description} description */
function brokenText(frame, { input, nodes }) {
  const node = firstBroken(frame, [input, ...nodes]);
  const loss = shortNumber(lossOf(frame));
  if (node !== null) return TEXTS.broken({ node: nodeName(node), loss });
  return Number.isFinite(lossOf(frame) + penaltyOf(frame)) ? null : TEXTS.brokenLoss({ loss });
}
