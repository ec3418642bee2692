/** What nodes, units and edges are called, the same wherever the page names them. Pure. */

/** @import { Placed } from "./layout.js" */

import { featureName, nodeName } from "../core/format.js";
import { texts } from "../core/texts.js";

export { nodeName };

const TEXTS = texts(import.meta.url, {
  input: "Input",
  inputOf: "input {unit}",
  unit: "{node}, unit {unit}",
  map: "{node}, map {unit}",
});

/** @typedef {Pick<Placed, "name" | "data" | "maps" | "tiled">} Named */

/**
 * `tanh 1, unit 3`; of the input the feature: `x₁`.
 *
 * @param {Named} column @param {number} unit counted from 0 @param {string[]} inputs names of what the network gets
 */
export function unitName({ name, data, maps, tiled }, unit, inputs) {
  if (!tiled) return nodeName(name);
  if (data) return maps ? TEXTS.input : featureName(inputs[unit] ?? TEXTS.inputOf({ unit: unit + 1 }));
  return (maps ? TEXTS.map : TEXTS.unit)({ node: nodeName(name), unit: unit + 1 });
}

/** `x₁ → tanh 1, unit 3`, of the names of its ends. @param {string} from @param {string} to */
export function edgeName(from, to) {
  return `${from} → ${to}`;
}
