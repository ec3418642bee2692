/** What is selected in the graph, in words and numbers: a node, a stage or a block. */

/** @import { Group, PlanNode, Variant } from "./folding.js" */

import { at } from "../../core/address.js";
import { element } from "../../core/dom.js";
import { percent, shapeText, wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { isGroup } from "./folding.js";
import { mapsText, partDetail, partName } from "./words.js";

const TEXTS = texts(import.meta.url, {
  none: [
    "Select a node to read what it computes. Press a stage or a block to unfold it, drag to move, Ctrl and the",
    "wheel to zoom.",
  ],
  output: "Output",
  reads: "Reads",
  parameters: "Parameters",
  macs: "Multiply-adds",
  field: "Receptive field",
  whole: "All of the picture",
  reference: "{label} in the reference",
  input: "The picture that the network reads.",
});

/** @param {Variant | null} variant @param {Group | PlanNode | null | undefined} part null: the input */
export function selectedCard(variant, part) {
  if (!variant || part === undefined) return [element("p", { class: "graph-hint" }, TEXTS.none)];
  if (!part)
    return [
      element("h2", {}, partName(null)),
      element("p", {}, TEXTS.input),
      facts([[TEXTS.output, mapsText(variant.input), "shape"]]),
    ];
  const kind = part.kind ? variant.kinds[part.kind] : undefined;
  return [
    element("h2", {}, isGroup(part) ? partName(part) : element("code", {}, part.name)),
    element("p", { class: "graph-detail" }, partDetail(part, variant.kinds)),
    kind && element("p", {}, kind.words),
    kind?.formula ? element("p", { class: "formula" }, element("code", {}, kind.formula)) : null,
    facts(rowsOf(variant, part)),
    kind &&
      element(
        "a",
        { href: at(`/reference/${kind.family}/${part.kind}`) },
        TEXTS.reference({ label: kind.label }),
      ),
  ];
}

/** @param {Variant} variant @param {Group | PlanNode} part @returns {[string, string, string][]} label, value, term */
function rowsOf({ totals }, part) {
  const cost = (/** @type {number} */ value, /** @type {number} */ all) =>
    value > 0 ? `${wholeNumber(value)} (${percent(value / all)})` : "0";
  const field = isGroup(part) ? (part.nodes.at(-1)?.receptive_field ?? null) : part.receptive_field;
  return [
    [TEXTS.output, mapsText(part.shape), "shape"],
    ...(isGroup(part)
      ? []
      : [
          /** @type {[string, string, string]} */ ([
            TEXTS.reads,
            part.inputs.join(", "),
            "architecture_reads",
          ]),
        ]),
    [TEXTS.parameters, cost(part.parameters, totals.parameters), "parameters"],
    [TEXTS.macs, cost(part.macs, totals.macs), "macs"],
    [TEXTS.field, field ? shapeText(field) : TEXTS.whole, "receptive_field"],
  ];
}

/** @param {[string, string, string][]} rows */
function facts(rows) {
  return element(
    "dl",
    {},
    ...rows.map(([label, value, term]) =>
      element(
        "div",
        {},
        element("dt", { "data-term": term }, label),
        element("dd", {}, term === "architecture_reads" ? element("code", {}, value) : value),
      ),
    ),
  );
}
