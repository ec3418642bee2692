/** The layers of an architecture as a table: a row for each node, linked with the graph. */

/** @import { Group, PlanNode, Variant } from "./folding.js" */

import { element } from "../../core/dom.js";
import { percent, shapeText, shortNumber, wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { makeSortable } from "../sortable.js";
import { mapsText, partDetail, partName, windowText } from "./words.js";
import { idOf, isGroup } from "./folding.js";

const TEXTS = texts(import.meta.url, {
  name: "Name",
  kind: "Kind",
  output: "Output",
  kernel: "Kernel",
  stride: "Stride",
  parameters: "Parameters",
  macs: "Multiply-adds",
  share: "Share",
  field: "Receptive field",
  all: "Layers of {name}",
  stages: "Stages of {name}",
  whole: "all",
});

/** @typedef {{ text: string, value?: number, share?: number }} Cell */
/** @typedef {{ id: string, name: string, kind: string, cells: Cell[] }} LayerRow */

/**
 * The rows of the table as words and numbers.
 *
 * @param {Variant} variant @returns {LayerRow[]}
 */
export function layerRows({ nodes, kinds, totals }) {
  return nodes.map((node) => ({
    id: node.name,
    name: node.name,
    kind: kinds[node.kind]?.label ?? node.kind,
    cells: [
      { text: mapsText(node.shape), value: node.shape.reduce((all, size) => all * size, 1) },
      windowCell(node.kernel),
      windowCell(node.stride),
      ...costCells(node, totals),
      fieldCell(node.receptive_field),
    ],
  }));
}

/** @param {{ parameters: number, macs: number }} part @param {Variant["totals"]} totals @returns {Cell[]} */
function costCells(part, totals) {
  return [
    { text: wholeNumber(part.parameters), value: part.parameters },
    shareCell(part.parameters, totals.parameters),
    { text: wholeNumber(part.macs), value: part.macs },
    shareCell(part.macs, totals.macs),
  ];
}

/** @param {number} part @param {number} all @returns {Cell} */
function shareCell(part, all) {
  const share = all > 0 ? part / all : 0;
  return { text: share > 0 ? percent(share) : "–", value: share, share };
}

/** @param {number[] | null} sizes @returns {Cell} */
function windowCell(sizes) {
  if (!sizes || sizes.length === 0) return { text: "–" };
  return { text: windowText(sizes), value: sizes.reduce((all, size) => all * size, 1) };
}

/** @param {number[] | null} field @returns {Cell} */
function fieldCell(field) {
  if (!field) return { text: TEXTS.whole, value: Infinity };
  return field.length ? { text: shapeText(field), value: Math.max(...field) } : { text: "–" };
}

/**
 * The table of all nodes; `choose` is called with the name of a row that is pressed.
 *
 * @param {Variant} variant @param {(name: string) => void} choose
 */
export function layerTable(variant, choose) {
  const heads = [
    head(TEXTS.name, "node_name"),
    head(TEXTS.kind, "architecture_kind"),
    head(TEXTS.output, "shape", true),
    head(TEXTS.kernel, "architecture_kernel", true),
    head(TEXTS.stride, "architecture_stride", true),
    head(TEXTS.parameters, "parameters", true),
    head(TEXTS.share, "architecture_share", true),
    head(TEXTS.macs, "macs", true),
    head(TEXTS.share, "architecture_share", true),
    head(TEXTS.field, "receptive_field", true),
  ];
  const rows = layerRows(variant).map(({ id, name, kind, cells }) =>
    element(
      "tr",
      { "data-node": id },
      element(
        "th",
        { scope: "row" },
        element("button", { type: "button", onclick: () => choose(id) }, element("code", {}, name)),
      ),
      element("td", {}, kind),
      ...cells.map(cellOf),
    ),
  );
  return tableOf(TEXTS.all({ name: variant.label }), heads, rows);
}

/** The table of the parts of the whole. @param {Variant} variant @param {Group} tree */
export function stageTable(variant, tree) {
  const heads = [
    head(TEXTS.name, "node_name"),
    head(TEXTS.output, "shape", true),
    head(TEXTS.parameters, "parameters", true),
    head(TEXTS.share, "architecture_share", true),
    head(TEXTS.macs, "macs", true),
    head(TEXTS.share, "architecture_share", true),
  ];
  const rows = tree.children.map((part) =>
    element(
      "tr",
      {},
      element(
        "th",
        { scope: "row" },
        nameOf(part),
        " ",
        element("small", {}, partDetail(part, variant.kinds)),
      ),
      ...[{ text: mapsText(part.shape), value: part.shape.reduce((all, size) => all * size, 1) }].map(cellOf),
      ...costCells(part, variant.totals).map(cellOf),
    ),
  );
  return tableOf(TEXTS.stages({ name: variant.label }), heads, rows);
}

/** A stage in words, or the name of a block or a node. @param {Group | PlanNode} part */
function nameOf(part) {
  const stage = isGroup(part) && part.id.startsWith("@");
  return stage ? partName(part) : element("code", {}, idOf(part));
}

/** @param {string} label @param {HTMLTableCellElement[]} heads @param {HTMLTableRowElement[]} rows */
function tableOf(label, heads, rows) {
  const table = element(
    "table",
    { class: "sortable", "aria-label": label },
    element("thead", {}, element("tr", {}, ...heads)),
    element("tbody", {}, ...rows),
  );
  makeSortable(table);
  return table;
}

/** @param {string} label @param {string} term @param {boolean} [number] */
function head(label, term, number = false) {
  return element("th", { scope: "col", "data-term": term, class: number ? "number" : null }, label);
}

/** @param {Cell} cell */
function cellOf({ text, value, share }) {
  const title =
    value !== undefined && Number.isFinite(value) && share !== undefined ? shortNumber(value) : null;
  const made = element(
    "td",
    { class: share === undefined ? "number" : "number share", title, "data-value": value },
    text,
  );
  if (share !== undefined) made.style.setProperty("--share", `${100 * share}%`);
  return made;
}
