/** What a refused edit would have made of the network, in words that can stand in the drawing. */

/** @import { Experiment, Located } from "../types.d.ts" */

import { isObject, valueAt } from "../core/json.js";

/**
 * @typedef {{ reason: string, near: string[] }} Refusal `near`: nodes it is about, the one that fits best
 * first
 */

/**
 * The first problem that is of a node, and what stands near it: the node may be one that never came to be.
 *
 * @param {Located[]} problems @param {Experiment} wanted
 * @returns {Refusal | null}
 */
export function refusalOf(problems, wanted) {
  for (const { pointer, message } of problems) {
    const [, list = "", index] = /^((?:\/network|\/body|\/\d+(?=\/body))+)\/(\d+)/.exec(pointer) ?? [];
    const nodes = valueAt(/** @type {any} */ (wanted), list);
    if (index === undefined || !Array.isArray(nodes)) continue;
    const [before, node, after] = [-1, 0, 1].map((step) => nodes[Number(index) + step]);
    const names = [node, before, after].map((each) => (isObject(each) ? String(each["name"]) : ""));
    const inputs = isObject(node) && Array.isArray(node["inputs"]) ? node["inputs"].map(String) : [];
    return {
      reason: `${names[0]}: ${message.replace(/^node '[^']*': /, "")}`,
      near: [names[0] ?? "", ...inputs, ...names.slice(1)],
    };
  }
  return null;
}
