/** What starts anew where an edit changed a layer, in words. Pure. */

/** @import { Catalog, Experiment, JsonObject, NodeSpec } from "../types.d.ts" */

import { nodeItem } from "../catalog/catalog.js";
import { nodeName, wholeNumber } from "../core/format.js";
import { texts } from "../core/texts.js";
import { columnOf } from "./change_words.js";

/** Units of a column that have just begun, from 0. @typedef {{ column: string, units: number[] }} Fresh */

const TEXTS = texts(import.meta.url, {
  grown: {
    one: "Unit {last} of {name} starts anew; {kept} kept.",
    other: "Units {first} to {last} of {name} start anew; {kept} kept.",
  },
  shrunk: {
    one: "Unit {last} of {name} is gone; {kept} kept.",
    other: "Units {first} to {last} of {name} are gone; {kept} kept.",
  },
  grownMaps: {
    one: "Filter {last} of {name} starts anew; {kept} kept.",
    other: "Filters {first} to {last} of {name} start anew; {kept} kept.",
  },
  shrunkMaps: {
    one: "Filter {last} of {name} is gone; {kept} kept.",
    other: "Filters {first} to {last} of {name} are gone; {kept} kept.",
  },
  anew: "{name} starts anew: its weights fit no more.",
});

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
  for (const name of named("new")) if (old.has(name)) messages.push(TEXTS.anew({ name: nodeName(name) }));
  return { message: messages.join(" "), fresh };
}

/** @param {{ from: number, to: number, unit: string }} change @param {string} name */
function sizeMessage({ from, to, unit }, name) {
  const [first, last] = [Math.min(from, to) + 1, Math.max(from, to)];
  const values = { count: last - first + 1, first, last, name, kept: wholeNumber(first - 1) };
  if (unit === "filter") return to > from ? TEXTS.grownMaps(values) : TEXTS.shrunkMaps(values);
  return to > from ? TEXTS.grown(values) : TEXTS.shrunk(values);
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
