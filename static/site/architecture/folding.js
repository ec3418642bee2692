/** The nodes of an architecture as a tree of stages, blocks and nodes. Pure: a document in, groups out. */

/**
 * A node as `GET /api/architectures/KIND` has it.
 *
 * @typedef {object} PlanNode
 * @property {string} name
 * @property {string} kind
 * @property {string[]} inputs
 * @property {number[]} shape
 * @property {number[] | null} kernel
 * @property {number[] | null} stride
 * @property {number} groups
 * @property {number} parameters
 * @property {number} macs
 * @property {number[] | null} receptive_field
 */

/**
 * What the reference says of a kind, in short.
 *
 * @typedef {{ label: string, words: string, formula: string, family: string, role: string | null, folds: boolean
 * }} Kind
 */

/**
 * What is published of a variant: each number, and which measurement it is; null where none is.
 * @typedef {object} Published
 * @property {number} year
 * @property {number | null} top5
 * @property {string} top5_of
 * @property {number | null} map
 * @property {string} map_of
 * @property {number | null} file_mb
 * @property {string} file_of
 */

/**
 * @typedef {object} Variant
 * @property {string} kind
 * @property {string} label
 * @property {Record<string, string | number | boolean | null>} options
 * @property {number[]} input
 * @property {PlanNode[]} nodes
 * @property {Record<string, string>} blocks the kinds of blocks by their names
 * @property {Record<string, Kind>} kinds
 * @property {{ parameters: number, macs: number, activations: number, depth: number }} totals
 * @property {Published} published
 * of this variant; null where nothing is
 */

/**
 * A stage or a block: what stands in it, in order, and what all of it costs.
 *
 * @typedef {object} Group
 * @property {string} id
 * @property {string | null} kind of the block; null: a stage, which no block is
 * @property {(Group | PlanNode)[]} children
 * @property {PlanNode[]} nodes all within, in order
 * @property {number[]} shape of the last
 * @property {number} parameters
 * @property {number} macs
 */

/** Beyond so many parts of the whole, neighbours of one size are put into stages. */
const MOST_PARTS = 16;

/** @param {Group | PlanNode} part @returns {part is Group} */
export function isGroup(part) {
  return "children" in part;
}

/** @param {Group | PlanNode} part */
export function idOf(part) {
  return isGroup(part) ? part.id : part.name;
}

/**
 * The tree of a variant: its blocks as their names tell, and stages where it has too many parts to be seen at once.
 *
 * @param {Pick<Variant, "nodes" | "blocks" | "kinds">} variant @returns {Group}
 */
export function treeOf({ nodes, blocks, kinds }) {
  const parts = grouped(nodes, 0, blocks);
  return group("", null, parts.length > MOST_PARTS ? staged(parts, kinds) : parts);
}

/** @param {string} id @param {string | null} kind @param {(Group | PlanNode)[]} children @returns {Group} */
export function group(id, kind, children) {
  const nodes = children.flatMap((part) => (isGroup(part) ? part.nodes : [part]));
  return {
    id,
    kind,
    children,
    nodes,
    shape: nodes.at(-1)?.shape ?? [],
    parameters: sum(nodes.map(({ parameters }) => parameters)),
    macs: sum(nodes.map(({ macs }) => macs)),
  };
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * Nodes that follow one another in one block, as a group.
 *
 * @param {PlanNode[]} nodes @param {number} depth dots before the part of the names that is looked at
 * @param {Record<string, string>} blocks @returns {(Group | PlanNode)[]}
 */
function grouped(nodes, depth, blocks) {
  /** @type {{ id: string | null, nodes: PlanNode[] }[]} */
  const runs = [];
  for (const node of nodes) {
    const parts = node.name.split(".");
    const id = parts.length > depth + 1 ? parts.slice(0, depth + 1).join(".") : null;
    const last = runs.at(-1);
    if (id !== null && last?.id === id) last.nodes.push(node);
    else runs.push({ id, nodes: [node] });
  }
  /** @returns {(Group | PlanNode)[]} @param {{ id: string | null, nodes: PlanNode[] }} run */
  const block = ({ id, nodes: inside }) =>
    id === null ? inside : [group(id, blocks[id] ?? null, grouped(inside, depth + 1, blocks))];
  return runs.flatMap(block);
}

/**
 * Neighbours whose maps have one size, as stages; a pooling ends the stage of the maps that it reads.
 *
 * @param {(Group | PlanNode)[]} parts @param {Record<string, Kind>} kinds @returns {(Group | PlanNode)[]}
 */
function staged(parts, kinds) {
  /** @type {{ side: string, parts: (Group | PlanNode)[] }[]} */
  const runs = [];
  let before = "";
  for (const part of parts) {
    const own = sideOf(part.shape);
    const pools = !isGroup(part) && /pooling$/.test(kinds[part.kind]?.role ?? "") && own !== "";
    const side = pools && before !== "" ? before : own;
    const last = runs.at(-1);
    if (last?.side === side) last.parts.push(part);
    else runs.push({ side, parts: [part] });
    before = own;
  }
  let number = 0;
  /** @returns {(Group | PlanNode)[]} @param {{ parts: (Group | PlanNode)[] }} run */
  const stage = ({ parts: inside }) => (inside.length === 1 ? inside : [group(`@${++number}`, null, inside)]);
  return runs.flatMap(stage);
}

/** The sides of maps, `56 × 56`; empty where there are none. @param {number[]} shape */
export function sideOf(shape) {
  const sides = shape.slice(1);
  return sides.some((side) => side > 1) ? sides.join(" × ") : "";
}

/** Every group within a group, the outer ones first. @param {Group} tree @returns {Group[]} */
export function groupsOf(tree) {
  return tree.children.filter(isGroup).flatMap((inner) => [inner, ...groupsOf(inner)]);
}

/** The groups around a node, the outermost first. @param {Group} tree @param {string} name @returns {Group[]} */
export function groupsAround(tree, name) {
  return groupsOf(tree).filter(({ nodes }) => nodes.some((node) => node.name === name));
}

/**
 * Nodes with those put into the one they read that only change what it gives: norms, activations and dropout.
 *
 * @param {PlanNode[]} nodes @param {Record<string, Kind>} kinds
 * @returns {{ nodes: PlanNode[], followers: Map<string, PlanNode[]> }} what stays, and what was put into each
 */
export function merged(nodes, kinds) {
  const readers = new Map();
  for (const name of nodes.flatMap(({ inputs }) => inputs)) readers.set(name, (readers.get(name) ?? 0) + 1);
  /** @type {Map<string, PlanNode[]>} */
  const followers = new Map();
  /** @type {Map<string, string>} */
  const heads = new Map();
  const kept = [];
  for (const node of nodes) {
    const [source = ""] = node.inputs;
    const head = heads.get(source);
    if (head && kinds[node.kind]?.folds && readers.get(source) === 1) {
      heads.set(node.name, head);
      followers.get(head)?.push(node);
    } else {
      heads.set(node.name, node.name);
      followers.set(node.name, []);
      kept.push({ ...node, inputs: node.inputs.map((name) => heads.get(name) ?? name) });
    }
  }
  return { nodes: kept, followers };
}
