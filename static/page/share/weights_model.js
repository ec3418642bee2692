/** What a comparison of a state dict with a network says, and the start that follows from it. */

/** @import { Experiment } from "../../types.d.ts" */
/** @import { Comparison } from "../../core/weights_api.js" */

import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  all: "Every tensor of the network is in it ({count}).",
  some: "{count} of {total} tensors of the network are taken from it.",
  none: "No tensor of the network is in it.",
});

/** @typedef {"everything" | "new"} Trained what is trained: every node, or those alone that take nothing */

/** @param {Comparison} found */
export function summaryOf({ total, taken }) {
  if (taken.length === 0) return TEXTS.none;
  return taken.length === total
    ? TEXTS.all({ count: taken.length })
    : TEXTS.some({ count: taken.length, total });
}

/** The node that a tensor belongs to: `net.conv1.weight` is one of `net.conv1`. @param {string} tensor */
const nodeOf = (tensor) => tensor.slice(0, Math.max(0, tensor.lastIndexOf(".")));

/**
 * The fewest names of nodes and blocks that have all of some nodes in them, and none of others.
 *
 * @param {string[]} nodes @param {string[]} others @param {number} [depth] parts of a name
 * @returns {string[]}
 */
export function covering(nodes, others, depth = 1) {
  const heads = new Map();
  for (const node of nodes) {
    const head = node.split(".").slice(0, depth).join(".");
    heads.set(head, [...(heads.get(head) ?? []), node]);
  }
  return [...heads].flatMap(([head, within]) => {
    const mixed = others.filter((other) => other === head || other.startsWith(`${head}.`));
    return mixed.length === 0 || within.includes(head) ? [head] : covering(within, mixed, depth + 1);
  });
}

/**
 * The experiment that starts from a state dict: what does not fit, and what is not in it, starts with
 * initial values; where the new alone is trained, what is taken is frozen.
 *
 * @param {Experiment} experiment @param {string} weights @param {Comparison} found @param {Trained} trained
 * @returns {Experiment}
 */
export function startedFrom(experiment, weights, found, trained) {
  const taken = [...new Set(found.taken.map(({ name }) => nodeOf(name)))];
  const others = found.unfit.filter((node) => !taken.includes(node));
  const kept = taken.filter((node) => !found.unfit.includes(node));
  // Where all nodes are asked for and none is left out, a state dict may have nothing else.
  const nodes = found.refused.length > 0 && found.unfit.length === 0 ? covering(kept, others) : ["*"];
  return {
    ...experiment,
    training: {
      ...experiment.training,
      start_from: { weights, nodes, without: covering(found.unfit, kept) },
      frozen: trained === "new" ? covering(kept, [...others, ...found.unfit]) : [],
    },
  };
}
