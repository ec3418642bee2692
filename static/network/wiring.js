/** Wires between nodes, drawn and cut by hand. Pure: an experiment in, another out. */

/** @import { Catalog, Choice, Description, Experiment, Json, NodeSpec } from "../types.d.ts" */
/** @import { Column } from "./columns.js" */

import { joins, nodeItem, roleOf } from "../catalog/catalog.js";
import { freeName, INPUT, nodesAt, ownsBlock, placeOf, removeNode } from "./graph.js";
import { isObject, valueAt, withValue } from "../core/json.js";
import { nodeName } from "./names.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  inputReadsData: "The input reads the data, and nothing else",
  cannotReadItself: "{head} cannot read itself",
  scopeWiresHead: "{scope} wires {head} itself: connect to a layer in it, or after it",
  scopeReadsItsOwn: "Inside {scope} only its own layers, and what it reads, can be read",
  comesAfterConnection: "{name} comes after {head}: the connection would close a cycle",
  readsAlready: "{head} reads {name} already",
});

/**
 * What a node of a list reads: named, or the node before.
 *
 * @param {Catalog} catalog @param {NodeSpec[]} nodes @param {number} index @returns {string[]}
 */
export function inputsAt(catalog, nodes, index) {
  const node = nodes[index];
  if (node?.inputs) return node.inputs;
  const before = node && roleOf(catalog, node.kind) === "data" ? undefined : nodes[index - 1];
  return [before?.name ?? INPUT];
}

/**
 * Why a column cannot read another, as a text to show; null where it can.
 *
 * @param {Description} description @param {Column} from @param {Column} to
 * @returns {string | null}
 */
export function wireRefusal(description, from, to) {
  const head = to.members[0];
  if (!head) return TEXTS.inputReadsData;
  const [source, target] = [nodeName(from.name), nodeName(to.head)];
  const scope = nodeName(scopeOf(head.name).slice(0, -1));
  if (from === to || from.name === to.name) return TEXTS.cannotReadItself({ head: target });
  if (ownsBlock(to)) return TEXTS.scopeWiresHead({ scope, head: target });
  if (referenceTo(from, to) === null) return TEXTS.scopeReadsItsOwn({ scope });
  if (after(description, head.name).has(from.name))
    return TEXTS.comesAfterConnection({ name: source, head: target });
  if (to.inputs.includes(from.name)) return TEXTS.readsAlready({ head: target, name: source });
  return null;
}

/**
 * How a column's output is called in the list where another column's first node stands; null where it is
 * out of its reach.
 *
 * @param {Column} from @param {Column} to
 * @returns {string | null}
 */
export function referenceTo(from, to) {
  const scope = scopeOf(to.members[0]?.name ?? "");
  if (from.members.length === 0) return scope === "" ? INPUT : null;
  if (!from.name.startsWith(scope)) return null;
  const name = from.name.slice(scope.length);
  return ownsBlock(from) && name.endsWith(".sum") ? name.slice(0, -".sum".length) : name;
}

/** `stage1.block2.conv1` → `stage1.block2.` @param {string} name */
function scopeOf(name) {
  return name.slice(0, name.lastIndexOf(".") + 1);
}

/** The nodes that depend on a node, and it. @param {Description} description @param {string} name */
function after(description, name) {
  const found = new Set([name]);
  for (const node of description.nodes)
    if (node.inputs.some((input) => found.has(input))) found.add(node.name);
  return found;
}

/**
 * Replace one of a node's inputs by another node.
 *
 * @param {Catalog} catalog @param {Experiment} experiment @param {string} pointer of the node
 * @param {number} position of the input @param {string} reference what it shall read
 */
export function replaceInput(catalog, experiment, pointer, position, reference) {
  const { list, index } = placeOf(pointer);
  const nodes = nodesAt(experiment, list);
  return withInputs(experiment, list, index, inputsAt(catalog, nodes, index).with(position, reference));
}

/**
 * Have a node read one thing more: as a further input where it takes several, else through a node put
 * before it that adds or concatenates.
 *
 * @param {Catalog} catalog @param {Experiment} experiment @param {string} pointer of the node
 * @param {string} reference what it shall read, too @param {string} kind of the node put before
 * @param {Choice[]} [way] nodes that the new input passes first, such as a layer that gives it the size it
 * needs
 */
export function addInput(catalog, experiment, pointer, reference, kind, way = []) {
  const { list, index } = placeOf(pointer);
  const nodes = nodesAt(experiment, list);
  const target = nodes[index];
  if (!target) throw new Error(`no node at ${pointer}`);
  const present = inputsAt(catalog, nodes, index);
  const chain = named(nodes, way, reference);
  const end = chain.at(-1)?.name ?? reference;
  const fresh = [...nodes];
  if (joins(catalog, target.kind)) {
    fresh.splice(index, 1, ...chain, /** @type {NodeSpec} */ ({ ...target, inputs: [...present, end] }));
  } else {
    const merge = /** @type {NodeSpec} */ ({
      kind,
      name: freeName([...nodes, ...chain], kind),
      inputs: [...present, end],
    });
    fresh.splice(index, 1, ...chain, merge, /** @type {NodeSpec} */ ({ ...target, inputs: null }));
  }
  return withValue(experiment, list, /** @type {Json} */ (fresh));
}

/**
 * Cut one wire. A node that takes several inputs and is left with one is of no more use: it goes, and who
 * read it reads what is left.
 *
 * @param {Catalog} catalog @param {Experiment} experiment @param {string} pointer of the node that reads
 * @param {number} position
 */
export function cut(catalog, experiment, pointer, position) {
  const { list, index } = placeOf(pointer);
  const nodes = nodesAt(experiment, list);
  const left = inputsAt(catalog, nodes, index).toSpliced(position, 1);
  const after = withInputs(experiment, list, index, left);
  return left.length > 1 ? after : removeNode(catalog, after, pointer);
}

/**
 * Put nodes on a wire.
 *
 * @param {Catalog} catalog @param {Experiment} experiment @param {string} pointer of the node that reads
 * @param {number} position of the input @param {Choice[]} chain
 */
export function insertOnWire(catalog, experiment, pointer, position, chain) {
  const { list, index } = placeOf(pointer);
  const nodes = nodesAt(experiment, list);
  const target = nodes[index];
  const inputs = inputsAt(catalog, nodes, index);
  const made = named(nodes, chain, inputs[position] ?? INPUT);
  const last = made.at(-1);
  if (!target || !last) return experiment;
  const fresh = nodes.toSpliced(
    index,
    1,
    ...made,
    /** @type {NodeSpec} */ ({ ...target, inputs: inputs.with(position, last.name) }),
  );
  return withValue(experiment, list, /** @type {Json} */ (fresh));
}

/**
 * Give a layer another size, and with it the layers whose outputs are added to its own: a sum takes equal
 * shapes, so neither could be changed alone.
 *
 * @param {Catalog} catalog @param {Experiment} experiment @param {string} pointer of the number,
 * `/network/0/units`
 * @param {Json} size
 * @returns {{ experiment: Experiment, followed: string[] }} with the names of the other layers that changed
 */
export function resized(catalog, experiment, pointer, size) {
  const { list, index } = placeOf(placeOf(pointer).list);
  let after = withValue(experiment, pointer, size);
  const node = valueAt(/** @type {any} */ (experiment), `${list}/${index}`);
  const field = pointer.slice(pointer.lastIndexOf("/") + 1);
  if (!isObject(node) || nodeItem(catalog, String(node["kind"]))?.size_option !== field)
    return { experiment: after, followed: [] };
  const nodes = nodesAt(experiment, list);
  /** @type {string[]} */
  const followed = [];
  for (const each of equalSizes(catalog, nodes, index)) {
    const other = /** @type {NodeSpec} */ (nodes[each]);
    const name = nodeItem(catalog, other.kind)?.size_option ?? "";
    if (each === index || typeof other[name] !== "number" || other[name] === size) continue;
    after = withValue(after, `${list}/${each}/${name}`, size);
    followed.push(other.name);
  }
  return { experiment: after, followed };
}

/**
 * The layers of a list whose sizes sums keep equal to one layer's, and it.
 *
 * @param {Catalog} catalog @param {NodeSpec[]} nodes @param {number} index @returns {Set<number>}
 */
function equalSizes(catalog, nodes, index) {
  const sums = nodes.flatMap(({ kind }, each) =>
    roleOf(catalog, kind) === "sum" ? [sizedBy(catalog, nodes, each)] : [],
  );
  const equal = new Set([index]);
  for (let before = 0; before !== equal.size;) {
    before = equal.size;
    for (const layers of sums)
      if (layers.some((each) => equal.has(each))) layers.forEach((each) => equal.add(each));
  }
  return equal;
}

/**
 * The layers that give a node the number of its units or channels.
 *
 * @param {Catalog} catalog @param {NodeSpec[]} nodes @param {number} index @returns {number[]}
 */
function sizedBy(catalog, nodes, index) {
  const item = nodeItem(catalog, nodes[index]?.kind ?? "");
  if (item?.size_option) return [index];
  if (!item?.keeps_units) return [];
  const inputs = inputsAt(catalog, nodes, index).map((name) => nodes.findIndex((each) => each.name === name));
  return inputs.filter((each) => each >= 0).flatMap((each) => sizedBy(catalog, nodes, each));
}

/**
 * A chain with names, whose first node reads a reference.
 *
 * @param {NodeSpec[]} nodes @param {Choice[]} chain @param {string} reference
 */
function named(nodes, chain, reference) {
  /** @type {NodeSpec[]} */
  const made = [];
  for (const each of chain) {
    const name = freeName([...nodes, ...made], each.kind);
    made.push(/** @type {NodeSpec} */ ({ ...each, name, inputs: made.length === 0 ? [reference] : null }));
  }
  return made;
}

/** @param {Experiment} experiment @param {string} list @param {number} index @param {string[]} inputs */
function withInputs(experiment, list, index, inputs) {
  return withValue(experiment, `${list}/${index}/inputs`, inputs);
}
