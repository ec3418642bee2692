/** The columns of units that a network is drawn as. Pure: a description in, columns out. */

/** @import { DescribedNode, Description } from "../types.d.ts" */

/**
 * A column of units: a node, and the nodes that only change what it gives (activation, normalisation,
 * dropout), drawn in its place.
 *
 * @typedef {object} Column
 * @property {string} name of its last node, by which probes know its units
 * @property {string} head name of its first node, which has the weights
 * @property {string} kind of its first node; that of an input for the data
 * @property {boolean} data whether it is the data themselves, which no node gives
 * @property {DescribedNode[]} members
 * @property {string[]} inputs names of the columns it reads
 * @property {number[]} shape
 * @property {number} units numbers of a vector, channels of an image
 * @property {boolean} tiled whether each unit has a tile; otherwise the column is one sign
 * @property {number} rank steps from the input, the longest way
 * @property {boolean} blank whether its tiles stay empty: numbers of a table have nothing to show
 * @property {boolean} weighted whether weights lead to each of its units from all that it reads
 * @property {boolean} maps whether its tiles are feature maps: it gives pictures (or sequences), not numbers
 * @property {string} block the names of the blocks it lies in, with a dot behind; or nothing
 * @property {boolean} folded whether it stands for all nodes of a block
 */

/**
 * @param {Description} whole
 * @param {(kind: string) => boolean} folds whether nodes of a kind are drawn in the place of the one before
 * @param {boolean} [plane] whether units have heatmaps
 * @param {ReadonlySet<string>} [folded] names of blocks that are drawn as one column
 * @returns {Column[]} in the order of the way of the data
 */
export function foldColumns(whole, folds, plane = true, folded = new Set()) {
  const { description, ends } = withoutInsides(whole, folded);
  /** @type {Map<string, string[]>} */
  const readers = new Map();
  for (const node of description.nodes) {
    for (const source of node.inputs) readers.set(source, [...(readers.get(source) ?? []), node.name]);
  }
  const { input } = description;
  /** @type {Column[]} */
  const columns = [column(input.name, input.name, [], [], input.shape, true, "")];
  if (columns[0]) columns[0].blank = !plane && input.shape.length === 1;
  /** @type {Map<string, Column>} */
  const columnOf = new Map([[input.name, /** @type {Column} */ (columns[0])]]);
  for (const node of description.nodes) {
    const source = node.inputs[0] ?? "";
    const before = columnOf.get(source);
    const alone = readers.get(source)?.length === 1 && node.inputs.length === 1;
    if (folds(node.kind) && before && !before.data && alone) {
      before.members.push(node);
      before.name = node.name;
      columnOf.set(node.name, before);
      continue;
    }
    const inputs = node.inputs.map((name) => columnOf.get(name)?.name ?? name);
    // What gives another number of units than it reads, such as a maxout, has units of its own to show.
    const others = node.role !== "data" && before?.shape.length === 1 && before.shape[0] !== node.shape[0];
    const tiled =
      node.parameters > 0 ||
      node.shape.length > 1 ||
      (plane && node.shape.length === 1 && (node.inputs.length > 1 || folds(node.kind) || others));
    const block = node.name.slice(0, node.name.lastIndexOf(".") + 1);
    const made = column(node.name, node.kind, [node], inputs, node.shape, tiled, block);
    made.weighted = node.parameters > 0 && !folds(node.kind);
    const end = ends.get(node.name);
    if (end !== undefined) Object.assign(made, { name: end, folded: true, tiled: plane || made.maps });
    made.rank =
      1 + Math.max(0, ...inputs.map((name) => columns.find((each) => each.name === name)?.rank ?? 0));
    columns.push(made);
    columnOf.set(node.name, made);
  }
  // A column is renamed as nodes fold into it, after others may have read it: read names last.
  for (const each of columns) {
    const head = each.members[0];
    if (head) each.inputs = head.inputs.map((name) => columnOf.get(name)?.name ?? name);
  }
  return columns;
}

/**
 * @returns {Column} @param {string} name @param {string} kind @param {DescribedNode[]} members
 * @param {string[]} inputs @param {number[]} shape @param {boolean} tiled @param {string} block
 */
function column(name, kind, members, inputs, shape, tiled, block) {
  const maps = shape.length > 1;
  // A picture or a clip in colour is one picture, not three.
  const data = members.length === 0;
  const units = data && shape.length >= 3 && shape[0] === 3 ? 1 : (shape[0] ?? 1);
  return {
    name,
    head: name,
    kind,
    data,
    members,
    inputs,
    shape,
    units,
    tiled,
    rank: 0,
    blank: false,
    weighted: false,
    maps,
    block,
    folded: false,
  };
}

/**
 * The description with each folded block as one node, which has the block's name, what it reads and all it
 * costs; and the names of the nodes that the blocks end with, by which probes know what they give.
 *
 * @param {Description} description @param {ReadonlySet<string>} folded
 * @returns {{ description: Description, ends: Map<string, string> }}
 */
function withoutInsides(description, folded) {
  /** @type {Map<string, string>} */
  const ends = new Map();
  if (folded.size === 0) return { description, ends };
  /** @type {Map<string, DescribedNode>} */
  const blocks = new Map();
  /** @type {DescribedNode[]} */
  const nodes = [];
  const owner = (/** @type {string} */ name) =>
    scopes(name.slice(0, name.lastIndexOf(".") + 1))
      .map((scope) => scope.slice(0, -1))
      .find((scope) => folded.has(scope));
  for (const node of description.nodes) {
    const block = owner(node.name);
    if (block === undefined) {
      nodes.push({ ...node, inputs: node.inputs.map((name) => owner(name) ?? name) });
      continue;
    }
    const outside = node.inputs.map((name) => owner(name) ?? name).filter((name) => name !== block);
    const known = blocks.get(block);
    if (known) {
      known.inputs = [...new Set([...known.inputs, ...outside])];
      Object.assign(known, {
        shape: node.shape,
        receptive_field: node.receptive_field,
        parameters: known.parameters + node.parameters,
        macs: known.macs + node.macs,
      });
    } else {
      const made = {
        ...node,
        name: block,
        kind: "block",
        role: null,
        size_option: null,
        slides: false,
        followed: false,
        pointer: pointerOfBlock(node, block),
        // One of the copies of a block that is repeated, or a part of an architecture, is not in the document.
        written: (node.pointer.split("/").length - 1) / 2 >= block.split(".").length,
        inputs: outside,
      };
      blocks.set(block, made);
      nodes.push(made);
    }
    ends.set(block, node.name);
  }
  return { description: { ...description, nodes }, ends };
}

/**
 * `residual1.linear1` at `/network/2/body/0` → `/network/2`
 *
 * @param {DescribedNode} node @param {string} block
 */
function pointerOfBlock({ pointer }, block) {
  return pointer
    .split("/")
    .slice(0, 1 + 2 * block.split(".").length)
    .join("/");
}

/** `stage1.block2.` → `stage1.`, `stage1.block2.` @param {string} block */
export function scopes(block) {
  const parts = block.split(".").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join(".") + ".");
}
