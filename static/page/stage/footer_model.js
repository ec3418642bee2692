/** The texts below a column, and which of its properties can be changed. Pure. */

/** @import { CatalogItem, Catalog, Description, Experiment } from "../../types.d.ts" */
/** @import { Column } from "../../network/columns.js" */

import { dataset, isActivation, nodeItem } from "../../catalog/catalog.js";
import { shapeText } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { sizeOf } from "../../network/graph.js";

const TEXTS = texts(import.meta.url, {
  outputs: { one: "{count} output", other: "{count} outputs" },
  inputs: { one: "{count} input", other: "{count} inputs" },
});

/** What a size counts, one of it, by the name of the option. @type {Record<string, string>} */
const ONE = texts(import.meta.url, { units: "unit", filters: "filter" });

/**
 * @typedef {object} Footer
 * @property {string} name text of its first row where no number is set there
 * @property {{ pointer: string, units: number, what: string } | null} size the number that can be set; `what`:
 * of which things
 * @property {string} kind text of its second row where no activation is chosen there
 * @property {{ present: string, choices: CatalogItem[], title: string } | null} activation what can be chosen
 * @property {string} extra what else is drawn in its place, such as a norm
 * @property {boolean} removable
 */

/**
 * @param {Catalog} catalog @param {Experiment} experiment @param {Description | null} description
 * @param {Column & { tiled: boolean }} column @param {boolean} control whether this viewer may change anything
 * @returns {Footer}
 */
export function footerOf(catalog, experiment, description, column, control) {
  const none = { size: null, activation: null, extra: "", removable: false };
  if (column.data) return { ...none, ...inputText(column, dataset(catalog, experiment)) };
  const label = labelOf(catalog, column.kind);
  const judged = column.members.some(({ name }) => description?.outputs.includes(name));
  const size = control ? sizeOf(experiment, column) : null;
  const own = column.members.filter(({ kind }) => isActivation(catalog, kind));
  const others = column.members.slice(1).filter(({ kind }) => !isActivation(catalog, kind));
  const extra = others.map(({ kind }) => labelOf(catalog, kind)).join(", ");
  const [present] = own;
  const kinds = [present && labelOf(catalog, present.kind), extra].filter(Boolean).join(", ");
  return {
    name: judged && column.tiled ? TEXTS.outputs({ count: column.units }) : label,
    size: size && { ...size, what: oneOf(column.members[0]?.size_option ?? "units") },
    kind: kinds || (judged ? "" : plainShape(column.shape)),
    activation:
      size && !judged
        ? {
            present: present?.kind ?? "",
            choices: catalog["activations"] ?? [],
            title: extra ? `${label}, ${extra}` : label,
          }
        : null,
    extra,
    removable: control && !judged,
  };
}

/** @param {Column} column @param {CatalogItem | undefined} data */
function inputText({ name, shape, units }, data) {
  return {
    name: shape.length > 1 ? plainShape(shape) : TEXTS.inputs({ count: units }),
    kind: data?.label ?? name,
  };
}

/** @param {Catalog} catalog @param {string} kind */
function labelOf(catalog, kind) {
  return nodeItem(catalog, kind)?.label ?? kind;
}

/** @param {string} option */
function oneOf(option) {
  return ONE[option] ?? option.replace(/s$/, "");
}

/** @param {number[]} shape */
function plainShape(shape) {
  return shapeText(shape).replaceAll(" ", "");
}
