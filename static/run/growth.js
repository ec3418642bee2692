/** What starts anew where an edit changed a layer, in words. Pure. */

/** @import { Catalog, Experiment, JsonObject, NodeSpec } from "../types.d.ts" */

import { nodeItem } from "../catalog/catalog.js";
import { wholeNumber } from "../core/format.js";
import { columnOf, nodeName } from "./change_words.js";

/** Units of a column that have just begun, from 0. @typedef {{ column: string, units: number[] }} Fresh */

const WORDS = {
  grown: (
    /** @type {string} */ units,
    /** @type {string} */ name,
    /** @type {number} */ kept,
    many = false,
  ) => `${units} of ${name} start${many ? "" : "s"} anew; ${wholeNumber(kept)} kept.`,
  shrunk: (
    /** @type {string} */ units,
    /** @type {string} */ name,
    /** @type {number} */ kept,
    many = false,
  ) => `${units} of ${name} ${many ? "are" : "is"} gone; ${wholeNumber(kept)} kept.`,
  anew: (/** @type {string} */ name) => `${name} starts anew: its weights fit no more.`,
};

/**
 * What the answer to an edit says of the layers that were there before it.
 *
 * @param {Catalog} catalog @param {Experiment} before @param {Experiment} after @param {JsonObject} answer
 * @returns {{ message: string, fresh: Fresh[] }} an empty message where nothing is to be said
 */
export function growthOf(catalog, before, after, answer) {
  const [old, now] = [nodesOf(before.network), nodesOf(after.network)];
  const named = (/** @type {string} */ list) => /** @type {string[]} */ (answer[list] ?? []);
  /** @type {string[]} */
  const messages = [];
  /** @type {Fresh[]} */
  const fresh = [];
  for (const name of named("resized")) {
    const change = sizesOf(catalog, old.get(name)?.node, now.get(name)?.node);
    if (!change) continue; // it only reads more or fewer
    const { list = [], node } = now.get(name) ?? {};
    if (!node) continue;
    const column = name.slice(0, name.length - node.name.length) + columnOf(catalog, list, node);
    messages.push(sizeMessage(change, nodeName(column)));
    const units = Array.from(
      { length: Math.max(0, change.to - change.from) },
      (_, index) => change.from + index,
    );
    if (units.length) fresh.push({ column, units });
  }
  for (const name of named("new")) if (old.has(name)) messages.push(WORDS.anew(nodeName(name)));
  return { message: messages.join(" "), fresh };
}

/** @param {{ from: number, to: number, unit: string }} change @param {string} name */
function sizeMessage({ from, to, unit }, name) {
  const [first, last] = [Math.min(from, to) + 1, Math.max(from, to)];
  const many = last > first;
  const units = many ? `${unit}s ${first} to ${last}` : `${unit} ${last}`;
  const said = units.replace(/^./, (letter) => letter.toUpperCase());
  return to > from ? WORDS.grown(said, name, from, many) : WORDS.shrunk(said, name, to, many);
}

/**
 * @param {Catalog} catalog @param {NodeSpec | undefined} before @param {NodeSpec | undefined} after
 * @returns {{ from: number, to: number, unit: string } | null}
 */
function sizesOf(catalog, before, after) {
  const size = after && nodeItem(catalog, after.kind)?.size_option;
  const [from, to] = size ? [before?.[size], after[size]] : [];
  if (!size || typeof from !== "number" || typeof to !== "number" || from === to) return null;
  return { from, to, unit: size.replace(/s$/, "") };
}

/**
 * All nodes by their names, those of blocks with the block's name before a dot.
 *
 * @param {NodeSpec[]} list @param {string} [inside]
 * @returns {Map<string, { node: NodeSpec, list: NodeSpec[] }>}
 */
function nodesOf(list, inside = "") {
  return new Map(
    list.flatMap((node) => {
      const body = /** @type {NodeSpec[]} */ (/** @type {unknown} */ (node["body"] ?? []));
      const name = inside + node.name;
      return [[name, { node, list }], ...nodesOf(body, `${name}.`)];
    }),
  );
}
