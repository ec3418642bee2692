/** Blocks made by hand: nodes put into one, repeated, renamed. Pure: an experiment in, another out. */

/** @import { Choice, Experiment, Json, NodeSpec } from "../types.d.ts" */

import { isObject, withValue } from "../core/json.js";
import { texts } from "../core/texts.js";
import { freeName, INPUT, nodesAt, placeOf } from "./graph.js";
import { nodeName } from "./names.js";

const TEXTS = texts(import.meta.url, {
  readsOutside: "{node} reads {source}, which would be outside of the block: a block reads one thing",
  taken: "{name} is the name of another layer here",
});

/** A change that cannot be made; the message says why. */
export class CannotEnclose extends Error {}

/** What nodes are called, before and after. @typedef {(name: string) => string} Renaming */

/**
 * Put nodes that follow each other in a list into a block, which reads what the first of them read; who read the
 * last of them reads the block.
 *
 * @param {Experiment} experiment @param {string} list pointer @param {number} first @param {number} last
 * @param {Choice} block whose body they become @returns {Experiment}
 */
export function enclosed(experiment, list, first, last, block) {
  const nodes = nodesAt(experiment, list);
  const inside = nodes.slice(first, last + 1);
  const [head, end] = [inside[0], inside.at(-1)];
  if (!head || !end) throw new Error(`no nodes at ${list}`);
  const source = head.inputs?.[0] ?? nodes[first - 1]?.name ?? INPUT;
  const names = new Set(inside.map(({ name }) => name));
  for (const node of inside) refuseOthers(node, names, source);
  const rest = [...nodes.slice(0, first), ...nodes.slice(last + 1)];
  const name = freeName([...nodes, ...inside], block.kind);
  const body = inside.map((node, index) => ({
    ...node,
    inputs: index === 0 ? null : (node.inputs?.map((each) => (each === source ? INPUT : each)) ?? null),
  }));
  const made = /** @type {NodeSpec} */ ({ ...block, name, inputs: head.inputs, body });
  const prefix = prefixOf(experiment, list);
  const moved = (/** @type {string} */ old) => {
    const owner = [...names].find((each) => isOrIn(old, prefix + each));
    return owner === undefined ? old : `${prefix}${name}.${old.slice(prefix.length)}`;
  };
  // A block gives what its last node gives; the others are found in it.
  const given = (/** @type {string} */ old) => (old === prefix + end.name ? prefix + name : moved(old));
  const shorter = withValue(experiment, list, /** @type {Json} */ (rest));
  const renamed = referring(shorter, given, moved);
  return withValue(renamed, list, /** @type {Json} */ (nodesAt(renamed, list).toSpliced(first, 0, made)));
}

/** @param {NodeSpec} node @param {Set<string>} names @param {string} source */
function refuseOthers(node, names, source) {
  const other = node.inputs?.find(
    (each) => each !== source && ![...names].some((name) => isOrIn(each, name)),
  );
  if (other !== undefined)
    throw new CannotEnclose(TEXTS.readsOutside({ node: nodeName(node.name), source: nodeName(other) }));
}

/**
 * Have nodes follow each other so many times, each time with weights of their own.
 *
 * @param {Experiment} experiment @param {string} list @param {number} first @param {number} last
 * @param {number} times @returns {Experiment}
 */
export function repeated(experiment, list, first, last, times) {
  const [node] = nodesAt(experiment, list).slice(first, last + 1);
  if (first === last && node && isRepeated(node))
    return withValue(experiment, `${list}/${first}/times`, times);
  return enclosed(experiment, list, first, last, { kind: "subnetwork", times });
}

/** Whether a node says how often what is in it is repeated. @param {NodeSpec} node */
export function isRepeated(node) {
  return typeof node["times"] === "number" && Array.isArray(node["body"]);
}

/**
 * Give a node another name; who names it says the new one.
 *
 * @param {Experiment} experiment @param {string} pointer @param {string} name @returns {Experiment}
 */
export function renamed(experiment, pointer, name) {
  const { list, index } = placeOf(pointer);
  const nodes = nodesAt(experiment, list);
  const node = nodes[index];
  if (!node) throw new Error(`no node at ${pointer}`);
  if (nodes.some((each) => each !== node && each.name === name))
    throw new CannotEnclose(TEXTS.taken({ name: nodeName(name) }));
  const prefix = prefixOf(experiment, list);
  const [old, fresh] = [prefix + node.name, prefix + name];
  const called = (/** @type {string} */ each) => (isOrIn(each, old) ? fresh + each.slice(old.length) : each);
  return referring(withValue(experiment, `${pointer}/name`, name), called, called);
}

/** The names of the blocks around a list, with a dot behind. @param {Experiment} experiment @param {string} list */
function prefixOf(experiment, list) {
  const parts = list.split("/").slice(1);
  let prefix = "";
  for (let end = 2; end < parts.length; end += 2) {
    const { list: around, index } = placeOf(`/${parts.slice(0, end).join("/")}`);
    prefix += `${nodesAt(experiment, around)[index]?.name}.`;
  }
  return prefix;
}

/** Whether a reference leads to a node, or into it. @param {string} reference @param {string} name */
function isOrIn(reference, name) {
  return reference === name || reference.startsWith(`${name}.`) || reference.startsWith(`${name}:`);
}

/**
 * The experiment with other references to its nodes, by their full names.
 *
 * @param {Experiment} experiment
 * @param {Renaming} given of what nodes give
 * @param {Renaming} placed of the nodes themselves
 * @returns {Experiment}
 */
function referring(experiment, given, placed) {
  const { network, task, training } = experiment;
  const named = (
    /** @type {Choice} */ each,
    /** @type {string} */ field,
    /** @type {Renaming} */ renaming,
  ) => (typeof each[field] === "string" ? { ...each, [field]: renaming(each[field]) } : each);
  const probes = (/** @type {unknown} */ list) =>
    Array.isArray(list)
      ? list.map((each) => (isObject(each) ? named(/** @type {Choice} */ (each), "node", placed) : each))
      : list;
  const whole = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (experiment));
  return /** @type {Experiment} */ (
    /** @type {unknown} */ ({
      ...experiment,
      network: within(network, "", given, placed),
      task: { ...task, losses: task.losses.map((loss) => named(loss, "node", given)) },
      training: {
        ...training,
        updates: training.updates.map((update) => ({ ...update, nodes: placed(update.nodes) })),
        regularizers: training.regularizers.map((each) => named(each, "nodes", placed)),
      },
      ...("watch" in whole ? { watch: probes(whole["watch"]) } : {}),
      ...("collect" in whole ? { collect: probes(whole["collect"]) } : {}),
    })
  );
}

/**
 * @param {NodeSpec[]} nodes @param {string} prefix the names of the blocks around them
 * @param {Renaming} given @param {Renaming} placed @returns {NodeSpec[]}
 */
function within(nodes, prefix, given, placed) {
  const local = (/** @type {string} */ reference, /** @type {Renaming} */ renaming) =>
    reference === INPUT ? reference : renaming(prefix + reference).slice(prefix.length);
  return nodes.map((node) => {
    const { weights, body } = /** @type {Record<string, unknown>} */ (node);
    const own = /** @type {NodeSpec[]} */ (body);
    return /** @type {NodeSpec} */ ({
      ...node,
      inputs: node.inputs?.map((each) => local(each, given)) ?? null,
      ...(typeof weights === "string" ? { weights: local(weights, placed) } : {}),
      ...(Array.isArray(body) ? { body: within(own, `${prefix}${node.name}.`, given, placed) } : {}),
    });
  });
}
