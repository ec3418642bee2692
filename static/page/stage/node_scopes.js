/** The nodes of the document that a column is about: its own, and the blocks around it. Pure. */

/** @import { Experiment, NodeSpec } from "../../types.d.ts" */
/** @import { Column } from "../../network/columns.js" */

import { nodesAt, ownsBlock, placeOf } from "../../network/graph.js";

/**
 * Nodes that follow each other in a list of the document.
 *
 * @typedef {object} Scope
 * @property {string} name of the first, with the blocks around it
 * @property {NodeSpec} node the first
 * @property {string} pointer of the first
 * @property {string} list @property {number} first @property {number} last
 * @property {number[]} ends where groups of nodes end, from this one on: a layer with what is drawn in its place
 * @property {boolean} inside whether it is a block around the column
 */

/**
 * What of the document a column is about: its own nodes first, then each block around them.
 *
 * @param {Experiment} experiment @param {Column} column @param {Column[]} columns @returns {Scope[]}
 */
export function scopesOf(experiment, column, columns) {
  const pointer = column.members[0]?.pointer;
  if (pointer === undefined) return [];
  const own = !ownsBlock(column) && !column.folded;
  /** @type {Scope[]} */
  const scopes = [];
  let name = "";
  const parts = pointer.split("/");
  for (let end = 3; end <= parts.length; end += 2) {
    const at = parts.slice(0, end).join("/");
    const { list, index } = placeOf(at);
    const node = nodesAt(experiment, list)[index];
    if (!node) break;
    name = name ? `${name}.${node.name}` : node.name;
    const layer = own && end === parts.length;
    const ends = endsFrom(experiment, list, index, columns);
    const last = layer ? (ends[0] ?? index) : index;
    scopes.unshift({ name, node, pointer: at, list, first: index, last, ends, inside: !layer });
  }
  return scopes;
}

/**
 * Where the groups of a list end, from a place on.
 *
 * @param {Experiment} experiment @param {string} list @param {number} first @param {Column[]} columns
 * @returns {number[]}
 */
function endsFrom(experiment, list, first, columns) {
  const places = (/** @type {Column} */ column) =>
    column.members.flatMap(({ pointer }) => {
      const place = placeOf(pointer);
      return place.list === list ? [place.index] : [];
    });
  const groups = columns.filter((each) => !ownsBlock(each)).map(places);
  const count = nodesAt(experiment, list).length;
  /** @type {number[]} */
  const ends = [];
  for (let index = first; index < count;) {
    const end = Math.max(index, ...(groups.find((each) => each.includes(index)) ?? []));
    ends.push(end);
    index = end + 1;
  }
  return ends;
}
