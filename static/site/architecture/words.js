/** What nodes and groups are called and said to be, and the colours of what they do. */

/** @import { Group, Kind, PlanNode } from "./folding.js" */

import { nodeName, shapeText } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { CATEGORIES } from "../../draw/colors.js";
import { isGroup, sideOf } from "./folding.js";

const TEXTS = texts(import.meta.url, {
  input: "Input",
  nodes: { one: "{count} node", other: "{count} nodes" },
  maps: "Maps of {side}",
  noMaps: "Dense end",
  stride: "{words}, stride {stride}",
  groups: "{words}, {groups} groups",
  convolution: "Convolution",
  dense: "Dense",
  normalization: "Normalisation",
  activation: "Activation",
  pooling: "Pooling",
  joining: "Sum or concatenation",
  other: "Other",
  group: "Stage or block",
});

/**
 * @typedef {"convolution" | "dense" | "normalization" | "activation" | "pooling" | "joining" | "other" | "group"
 * } Category
 */

/** @type {Category[]} */
export const CATEGORY_ORDER = [
  "convolution",
  "dense",
  "normalization",
  "activation",
  "pooling",
  "joining",
  "other",
];

/** @type {Record<Category, string>} */
const COLORS = {
  convolution: CATEGORIES[1] ?? "",
  dense: CATEGORIES[5] ?? "",
  normalization: CATEGORIES[6] ?? "",
  activation: CATEGORIES[0] ?? "",
  pooling: CATEGORIES[2] ?? "",
  joining: CATEGORIES[3] ?? "",
  other: CATEGORIES[7] ?? "",
  group: CATEGORIES[4] ?? "",
};

/** @param {Category} category */
export function colorOf(category) {
  return COLORS[category];
}

/** @param {Category} category */
export function categoryName(category) {
  return TEXTS[category];
}

/** What a node does. @param {Kind | undefined} kind @returns {Category} */
export function categoryOf(kind) {
  if (!kind) return "other";
  if (kind.family === "activations") return "activation";
  const role = kind.role ?? "";
  if (role === "convolution" || role === "dense") return role;
  if (role.endsWith("normalization")) return "normalization";
  if (role.endsWith("pooling")) return "pooling";
  return role === "sum" || role === "concatenation" ? "joining" : "other";
}

/** The name of a part as it stands on it: the last of the names it is in. @param {Group | PlanNode | null} part */
export function partName(part) {
  if (!part) return TEXTS.input;
  if (!isGroup(part)) return nodeName(part.name.slice(part.name.lastIndexOf(".") + 1));
  if (part.id.startsWith("@")) return stageName(part);
  return nodeName(part.id.slice(part.id.lastIndexOf(".") + 1));
}

/** @param {Group} group a stage that no block is */
function stageName({ nodes, shape }) {
  const side = sideOf(nodes[0]?.shape ?? shape);
  return side ? TEXTS.maps({ side }) : TEXTS.noMaps;
}

/** What a part is, in a line. @param {Group | PlanNode | null} part @param {Record<string, Kind>} kinds */
export function partDetail(part, kinds) {
  if (!part) return "";
  if (!isGroup(part)) return nodeDetail(part, kinds);
  const count = TEXTS.nodes({ count: part.nodes.length });
  const label = part.kind === null ? null : kinds[part.kind]?.label;
  return label ? `${label} · ${count}` : count;
}

/** @param {PlanNode} node @param {Record<string, Kind>} kinds */
function nodeDetail(node, kinds) {
  const kind = kinds[node.kind];
  const label = kind?.label ?? node.kind;
  const windowed = node.kernel?.length ? `${label} ${windowText(node.kernel)}` : label;
  const stride = Math.max(...(node.stride ?? [1]));
  const strided = stride > 1 ? TEXTS.stride({ words: windowed, stride }) : windowed;
  return node.groups > 1 && node.groups < (node.shape[0] ?? 0)
    ? TEXTS.groups({ words: strided, groups: node.groups })
    : strided;
}

/** `3×3` @param {number[]} sizes */
export function windowText(sizes) {
  return sizes.join("×");
}

/** A shape with the channels last, as papers write it: 56 × 56 × 64. @param {number[]} shape */
export function mapsText(shape) {
  const [channels, ...sides] = shape;
  return channels === undefined ? "" : shapeText([...sides, channels]);
}
