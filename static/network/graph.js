/** Changes to the list of nodes, as the drawing asks for them. Pure: an experiment in, another out. */

/** @import { Catalog, Choice, Experiment, Json, NodeSpec } from "../types.d.ts" */
/** @import { Column } from "./columns.js" */

import { isActivation, joins } from "../catalog/catalog.js";
import { isObject, valueAt, withValue } from "../core/json.js";

/** The name by which nodes read the data. */
export const INPUT = "input";

/** @param {string} pointer of a node @returns {{ list: string, index: number }} */
export function placeOf(pointer) {
  const cut = pointer.lastIndexOf("/");
  return { list: pointer.slice(0, cut), index: Number(pointer.slice(cut + 1)) };
}

/** @param {Experiment} experiment @param {string} list @returns {NodeSpec[]} */
export function nodesAt(experiment, list) {
  const nodes = valueAt(/** @type {Json} */ (/** @type {unknown} */ (experiment)), list);
  if (!Array.isArray(nodes)) throw new Error(`no list of nodes at ${list}`);
  return /** @type {NodeSpec[]} */ (/** @type {unknown} */ (nodes));
}

/** Kind with the smallest free number. @param {NodeSpec[]} nodes @param {string} kind */
export function freeName(nodes, kind) {
  const taken = new Set(nodes.map(({ name }) => name));
  for (let number = 1; ; number++) if (!taken.has(`${kind}${number}`)) return `${kind}${number}`;
}

/**
 * Insert a chain of nodes before the one at an index of a list (or at its end): it reads what that one
 * read first, and that one reads its end.
 *
 * @param {Experiment} experiment @param {string} list pointer @param {number} index @param {Choice[]} chain
 * @returns {Experiment}
 */
export function insertNodes(experiment, list, index, chain) {
  const nodes = nodesAt(experiment, list);
  /** @type {NodeSpec[]} */
  const made = [];
  for (const each of chain) {
    made.push(
      /** @type {NodeSpec} */ ({ ...each, name: freeName([...nodes, ...made], each.kind), inputs: null }),
    );
  }
  const reader = nodes[index];
  const first = made[0];
  const last = made.at(-1);
  const after = [...nodes];
  if (reader?.inputs && first && last) {
    const [source, ...others] = reader.inputs;
    made[0] = /** @type {NodeSpec} */ ({ ...first, inputs: source ? [source] : null });
    after[index] = /** @type {NodeSpec} */ ({
      ...reader,
      inputs: others.length > 0 ? [last.name, ...others] : null,
    });
  }
  after.splice(index, 0, ...made);
  return withValue(experiment, list, /** @type {Json} */ (after));
}

/**
 * Where a chain goes that is to stand before a column: in the list of the column's first node; before a
 * block's own sum or shortcut, that is the end of the block's body.
 *
 * @param {Column} column
 */
export function placeBefore(column) {
  const head = column.members[0];
  if (!head) throw new Error("nothing stands before the input");
  if (ownsBlock(column)) return { list: `${head.pointer}/body`, index: Infinity };
  return placeOf(head.pointer);
}

/** Whether a column is made by a block itself, not written in the document. @param {Column} column */
export function ownsBlock(column) {
  return column.members[0]?.written === false;
}

/**
 * Remove a column's nodes; who read them reads what they read. A block whose body would be empty goes too.
 *
 * @param {Catalog} catalog @param {Experiment} experiment @param {Column} column
 * @returns {Experiment}
 */
export function removeColumn(catalog, experiment, column) {
  const pointers = column.members.map(({ pointer }) => pointer);
  let after = experiment;
  for (const pointer of [...new Set(pointers)].reverse()) after = removeNode(catalog, after, pointer);
  return after;
}

/** @param {Catalog} catalog @param {Experiment} experiment @param {string} pointer @returns {Experiment} */
export function removeNode(catalog, experiment, pointer) {
  const { list, index } = placeOf(pointer);
  const nodes = nodesAt(experiment, list);
  const gone = nodes[index];
  if (!gone) return experiment;
  if (nodes.length === 1 && list.endsWith("/body"))
    return removeNode(catalog, experiment, list.slice(0, -"/body".length));
  const source = gone.inputs?.[0] ?? nodes[index - 1]?.name ?? INPUT;
  const kept = nodes.filter((_, each) => each !== index).map((node) => rewired(node, gone.name, source));
  const follower = nodes[index + 1];
  if (follower && !follower.inputs && gone.inputs) {
    kept[index] = /** @type {NodeSpec} */ ({ ...follower, inputs: [source] });
  }
  const after = joiningOnce(catalog, withValue(experiment, list, /** @type {Json} */ (kept)), list);
  return list === "/network" ? forgotten(after, gone.name, source) : after;
}

/**
 * A node that joins any number of inputs and reads one thing twice, now that nothing stands between, reads it
 * once; and goes where that is all.
 *
 * @param {Catalog} catalog @param {Experiment} experiment @param {string} list @returns {Experiment}
 */
function joiningOnce(catalog, experiment, list) {
  const nodes = nodesAt(experiment, list);
  const index = nodes.findIndex(
    ({ kind, inputs }) => joins(catalog, kind) && inputs && new Set(inputs).size < inputs.length,
  );
  const node = nodes[index];
  if (!node?.inputs) return experiment;
  const inputs = [...new Set(node.inputs)];
  const after = withValue(experiment, `${list}/${index}/inputs`, inputs);
  return inputs.length > 1
    ? joiningOnce(catalog, after, list)
    : removeNode(catalog, after, `${list}/${index}`);
}

/**
 * What else named a node that is gone: ties to its weights, losses, updates and regularizers of it alone.
 *
 * @param {Experiment} experiment @param {string} name @param {string} instead what its readers read now
 * @returns {Experiment}
 */
function forgotten(experiment, name, instead) {
  const names = experiment.network.map((node) => node.name);
  const untied = experiment.network.map((node) =>
    leadsTo(node["weights"], name) ? /** @type {NodeSpec} */ ({ ...node, weights: null }) : node,
  );
  const last = names.at(-1) ?? null;
  const judged = names.includes(instead) ? instead : last;
  const losses = experiment.task.losses.map((loss) =>
    leadsTo(loss["node"], name) ? { ...loss, node: judged } : loss,
  );
  const useless = (/** @type {Json | undefined} */ pattern) =>
    typeof pattern === "string" && matches(pattern, name) && !names.some((each) => matches(pattern, each));
  const updates = experiment.training.updates.filter(({ nodes }) => !useless(nodes));
  const regularizers = experiment.training.regularizers.filter(({ nodes }) => !useless(nodes));
  const [first] = experiment.training.updates;
  return {
    ...experiment,
    network: untied,
    task: { ...experiment.task, losses },
    training: {
      ...experiment.training,
      regularizers,
      updates: updates.length > 0 || !first ? updates : [{ ...first, nodes: "*" }],
    },
  };
}

/** Whether a reference leads to a node, or into it. @param {unknown} reference @param {string} name */
function leadsTo(reference, name) {
  return (
    typeof reference === "string" &&
    (reference === name || reference.startsWith(`${name}.`) || reference.startsWith(`${name}:`))
  );
}

/**
 * As the engine matches: `conv*`, `?`, `[ab]`; a block's name stands for all in it.
 *
 * @param {string} pattern @param {string} name
 */
function matches(pattern, name) {
  const own = pattern
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return pattern === name || pattern.startsWith(`${name}.`) || new RegExp(`^${own}$`).test(name);
}

/** @param {NodeSpec} node @param {string} name @param {string} instead @returns {NodeSpec} */
function rewired(node, name, instead) {
  if (!node.inputs?.some((each) => leadsTo(each, name))) return node;
  const inputs = node.inputs.map((each) => (leadsTo(each, name) ? instead : each));
  return /** @type {NodeSpec} */ ({ ...node, inputs });
}

/**
 * The pointer of the number of a column's units, and the number; null where it is not the user's to set.
 *
 * @param {Experiment} experiment @param {Column} column
 * @returns {{ pointer: string, units: number } | null}
 */
export function sizeOf(experiment, column) {
  const head = column.members[0];
  const name = head?.size_option;
  if (!head || !name || ownsBlock(column)) return null;
  const node = valueAt(/** @type {Json} */ (/** @type {unknown} */ (experiment)), head.pointer);
  const units = isObject(node) ? node[name] : null;
  return typeof units === "number" ? { pointer: `${head.pointer}/${name}`, units } : null;
}

/**
 * Give a column another activation, or none.
 *
 * @param {Catalog} catalog @param {Experiment} experiment @param {Column} column @param {string | null} kind
 * @returns {Experiment}
 */
export function setActivation(catalog, experiment, column, kind) {
  const present = column.members.find((member) => isActivation(catalog, member.kind));
  if (present && kind === null) return removeNode(catalog, experiment, present.pointer);
  if (present) {
    const { list, index } = placeOf(present.pointer);
    const nodes = nodesAt(experiment, list);
    const old = nodes[index];
    if (!old || kind === null) return experiment;
    const name = freeName(nodes, kind);
    const fresh = /** @type {NodeSpec} */ ({ kind, name, inputs: old.inputs });
    const after = nodes.map((node, each) => (each === index ? fresh : rewired(node, old.name, name)));
    return withValue(experiment, list, /** @type {Json} */ (after));
  }
  const last = column.members.at(-1);
  if (!last || kind === null) return experiment;
  const { list, index } = placeOf(last.pointer);
  const nodes = nodesAt(experiment, list);
  const name = freeName(nodes, kind);
  const before = nodes[index]?.name ?? "";
  const after = nodes.map((node) => rewired(node, before, name));
  after.splice(index + 1, 0, /** @type {NodeSpec} */ ({ kind, name, inputs: null }));
  return withValue(experiment, list, /** @type {Json} */ (after));
}
