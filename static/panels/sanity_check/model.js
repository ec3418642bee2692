/** What a frame of the study `sanity_check` says: for every method and every stage a map and its correlation. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Plane } from "../../draw/bands.js" */

import { METHODS } from "../../catalog/attribution_methods.js";
import { nodeName, steadyNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { planeAt } from "../../draw/signals.js";
import { errorText, TOLERANCE } from "../../widgets/completeness.js";

const TEXTS = texts(import.meta.url, {
  asTrained: "as trained",
  sum: "; sum {error}",
  notKnown: "not known",
  rankCorrelation: "{value}: rank correlation {correlationText}",
});

/** Classes of colour that a correlation from 0 to 1 falls into. */
const GRADES = 4;

/**
 * @typedef {object} Entry
 * @property {Plane} map
 * @property {string} text the correlation, and how far an integral is off
 * @property {number | null} grade 0 to 4, rising with the correlation; null where it is not known
 * @property {string} label
 */

/**
 * @typedef {object} Check
 * @property {string[]} stages what has been randomised, by column
 * @property {{ title: string, entries: Entry[] }[]} rows one for each method
 */

/**
 * A check by method and stage; null where a frame lacks arrays or is of other methods.
 *
 * @param {Pick<Frame, "arrays">} frame
 * @param {{ methods: string[], nodes: { name: string }[] }} asked kinds of the methods; the network's nodes
 * @returns {Check | null}
 */
export function model({ arrays }, { methods, nodes }) {
  const [maps, correlations] = [arrays.get("maps"), arrays.get("correlations")];
  if (!maps || !correlations || maps.shape[1] !== methods.length) return null;
  const stages = stagesOf(arrays.get("nodes")?.data ?? [], nodes);
  const errors = arrays.get("completeness.error")?.data ?? [];
  const rows = methods.map((method, row) => {
    const entries = stages.map((stage, column) => {
      const at = column * methods.length + row;
      const error = method === "integrated_gradients" ? (errors[column] ?? NaN) : NaN;
      return entryOf(planeAt(maps, at, 1), correlations.data[at] ?? NaN, error, `${method}, ${stage}`);
    });
    return { title: METHODS.find(({ kind }) => kind === method)?.title ?? method, entries };
  });
  return { stages, rows };
}

/** @param {ArrayLike<number>} places of the nodes, −1 for none @param {{ name: string }[]} nodes */
function stagesOf(places, nodes) {
  return Array.from(places, (place, index) =>
    place < 0 ? TEXTS.asTrained : `${index > 1 ? "+ " : ""}${nodeName(nodes[place]?.name ?? String(place))}`,
  );
}

/**
 * @param {Plane} map @param {number} correlation @param {number} error of an integral, as a share
 * @param {string} of which method and stage @returns {Entry}
 */
function entryOf(map, correlation, error, of) {
  const known = !Number.isNaN(correlation);
  const correlationText = known ? steadyNumber(correlation, 2) : null;
  const off = error > TOLERANCE ? TEXTS.sum({ error: errorText(error) }) : "";
  return {
    map,
    text: correlationText === null ? "–" : correlationText + off,
    grade: known ? Math.round(Math.max(0, correlation) * GRADES) : null,
    label: TEXTS.rankCorrelation({ value: of, correlationText: correlationText ?? TEXTS.notKnown }),
  };
}
