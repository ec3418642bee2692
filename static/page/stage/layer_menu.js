/** The layers that can be added to a drawing, as entries of a menu. */

/** @import { Catalog, CatalogItem, Choice, Json } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { Entry } from "../../widgets/menu.js" */

import { isActivation, nodeItem, nodeItems, nodeOfRole, takes } from "../../catalog/catalog.js";
import { isObject } from "../../core/json.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  and: "{label} and {label2}",
  aLayerOfUnits: "a layer of {units} units",
  usual: "Usual here",
});

/** The headings of the menu, by the families of what stands below them. @type {Record<string, string>} */
const GROUPS = texts(import.meta.url, {
  blocks: "Blocks",
  layers: "Other layers",
  activations: "Activations",
  architectures: "Architectures",
});

/**
 * Entries of a menu with every layer that can be added, what is usual for the signal first.
 *
 * @param {RunControl} run @param {number[]} shape of the signal there: numbers, or channels and their places
 * @param {(chain: Choice[]) => void} insert @returns {Entry[]}
 */
export function layerEntries({ state: { catalog, description } }, shape, insert) {
  const isOne = (/** @type {string} */ kind) => isActivation(catalog, kind);
  // What the network uses already.
  const used = description?.nodes.find(({ kind }) => isOne(kind))?.kind;
  const usual = used ?? catalog["activations"]?.find(({ preferred }) => preferred)?.kind ?? "";
  const single = offered(nodeItems(catalog), catalog["blocks"] ?? [], shape).map((item) => ({
    label: item.label,
    detail: item.summary.replace(/^[^:]*:\s*/, ""),
    group: groupOf(catalog, item),
    run: () => insert([started(item, usual, isOne)]),
  }));
  if (shape.length > 1) return single;
  const layer = started(nodeOfRole(catalog, "dense", 0), usual, isOne);
  const both = {
    label: TEXTS.and({
      label: nodeItem(catalog, layer.kind)?.label ?? layer.kind,
      label2: nodeItem(catalog, usual)?.label ?? usual,
    }),
    detail: TEXTS.aLayerOfUnits({ units: String(layer["units"]) }),
    group: TEXTS.usual,
    run: () => insert([layer, { kind: usual }]),
  };
  return [both, ...single];
}

/** The heading that an item stands below. @param {Catalog} catalog @param {CatalogItem} item */
function groupOf(catalog, item) {
  if (item.usual !== null && item.usual !== undefined) return TEXTS.usual;
  return GROUPS[Object.keys(GROUPS).find((family) => catalog[family]?.includes(item)) ?? "layers"];
}

/**
 * What can stand where a signal of this shape arrives, the usual layers and blocks first. Nodes with
 * several inputs have no place in a chain: blocks bring theirs.
 *
 * @param {CatalogItem[]} items @param {CatalogItem[]} blocks @param {number[]} shape
 */
export function offered(items, blocks, shape) {
  const rank = (/** @type {CatalogItem} */ item) => item.usual ?? (blocks.includes(item) ? 1e3 : 1e4);
  return items
    .filter((item) => item.role !== "data" && item.arity?.[0] === 1 && takes(item, shape.length - 1))
    .filter(({ multiple_of: factor = 1 }) => (shape[0] ?? 0) % factor === 0)
    .sort((one, other) => rank(one) - rank(other));
}

/**
 * A new node as the drawing adds it, with the network's own activation in what it brings.
 *
 * @param {CatalogItem} item @param {string} activation @param {(kind: string) => boolean} isOne
 * @returns {Choice}
 */
function started({ kind, starter = {} }, activation, isOne) {
  const own = (/** @type {Json} */ value) =>
    isObject(value) && isOne(String(value["kind"])) ? { kind: activation, name: `${activation}1` } : value;
  const options = Object.entries(starter).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(own) : value,
  ]);
  return { kind, ...Object.fromEntries(options) };
}
