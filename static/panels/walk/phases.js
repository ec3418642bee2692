/** The phases of a walk: forward column by column, the loss, back column by column, the update. Pure. */

/** @import { Placed } from "../../network/layout.js" */

import { texts } from "../../core/texts.js";
import { nodeName } from "../../network/names.js";

const TEXTS = texts(import.meta.url, {
  input: "The sample comes in",
  forward: "Forward: {names}",
  loss: "The loss",
  backward: "Back: {names}",
  update: "The update",
});

/** @typedef {"sample" | "forward" | "loss" | "backward" | "update"} PhaseKind */

/**
 * @typedef {object} Phase
 * @property {PhaseKind} kind
 * @property {number} rank of the columns that it is about; of the last ones for the loss and the update
 * @property {string} name
 */

/**
 * The phases of a drawn network, in order.
 *
 * @param {Pick<Placed, "name" | "rank">[]} columns @returns {Phase[]}
 */
export function phasesOf(columns) {
  const last = Math.max(0, ...columns.map(({ rank }) => rank));
  const ranks = Array.from({ length: last }, (_, index) => index + 1);
  const names = (/** @type {number} */ rank) =>
    columns
      .filter((column) => column.rank === rank)
      .map(({ name }) => nodeName(name))
      .join(", ");
  return [
    { kind: "sample", rank: 0, name: TEXTS.input },
    ...ranks.map((rank) => phase("forward", rank, TEXTS.forward({ names: names(rank) }))),
    { kind: "loss", rank: last, name: TEXTS.loss },
    ...ranks.toReversed().map((rank) => phase("backward", rank, TEXTS.backward({ names: names(rank) }))),
    { kind: "update", rank: last, name: TEXTS.update },
  ];
}

/** @param {PhaseKind} kind @param {number} rank @param {string} name @returns {Phase} */
function phase(kind, rank, name) {
  return { kind, rank, name };
}

/**
 * What the units of a column show in a phase; null: nothing yet.
 *
 * @param {Phase} phase @param {number} rank of the column
 * @returns {"output" | "gradient" | "bias" | null}
 */
export function shownOf({ kind, rank: active }, rank) {
  if (kind === "update") return "bias";
  if (kind === "backward") return rank >= active ? "gradient" : "output";
  return rank <= active ? "output" : null;
}

/**
 * What the weights that lead to a column show in a phase; null: nothing.
 *
 * @param {Phase} phase @param {number} rank of the column
 * @returns {"parameter" | "derivative" | "change" | null}
 */
export function weightsShown({ kind, rank: active }, rank) {
  if (kind === "update") return "change";
  if (rank !== active) return null;
  return kind === "forward" ? "parameter" : kind === "backward" ? "derivative" : null;
}
