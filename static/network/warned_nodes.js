/** The warnings of a description that are of its nodes. Pure. */

/** @import { Description, Located } from "../types.d.ts" */

/**
 * The warnings that are of a node, with its name.
 *
 * @param {Description | null} description @returns {(Located & { node: string })[]}
 */
export function nodesWarned(description) {
  return (description?.warnings ?? []).flatMap((warning) => {
    const node = description?.nodes.find(({ pointer }) => pointer === warning.pointer);
    return node ? [{ ...warning, node: node.name }] : [];
  });
}
