/** What is asked of the network, and what cannot be: the demand of each view, and why a view has none. */

/** @import { Catalog, Description, JsonObject } from "../../types.d.ts" */
/** @import { Placed } from "../../network/layout.js" */

import { texts } from "../../core/texts.js";
import { hasPlaces, ruleRefusal } from "../../catalog/applicability.js";

const TEXTS = texts(import.meta.url, {
  selectALayer: "Select a layer.",
  featuresShownPixels:
    "Features are shown in a sample's places: choose signals, pictures, volumes or clips, such as the digits.",
  inputSelected: "This is the picture itself. Select a convolution to see what its feature maps look for.",
  chooseGradientWay: "{reason} Choose “gradient” as the way down, or ReLU in the network.",
  theWholeMap: "the whole map",
  theStrongestActivation: "the strongest activation",
  byTheirGradient: "by their gradient",
});

/** Entries of one map, as in the paper's figure 2. */
const NINE = 9;

/** Maps of a layer that are shown at once. */
const MOST_MAPS = 64;

/** Pictures a second. */
const HZ = 2;

/** @typedef {"map" | "time" | "chosen" | "layer" | "network" | "first"} View */

/**
 * @typedef {object} Options of a projection; the rarer ones of the probe are there only where they mean something
 * @property {string} set
 * @property {string} rule
 * @property {string} seed
 */

/** Whether a view shows frames of the probe `features`, which changes while the network trains. @param {View} view */
export function showsFeatures(view) {
  return view === "map" || view === "time" || view === "layer";
}

/** Whether a view follows training at all; the others are studies of one step. @param {View} view */
export function isLive(view) {
  return showsFeatures(view) || view === "chosen";
}

/**
 * Why nothing can be shown of a column; null where it can.
 *
 * @param {{ description: Description | null, catalog: Catalog }} state @param {Placed | null} column
 * @param {View} view @param {string} rule
 */
export function refusalOf({ description, catalog }, column, view, rule) {
  if (!description || !column) return TEXTS.selectALayer;
  if (!hasPlaces(description)) return TEXTS.featuresShownPixels;
  if (column.data) return TEXTS.inputSelected;
  if (rule === "gradient" || view === "first") return null;
  const reason = ruleRefusal(description, catalog, column.name);
  return reason && TEXTS.chooseGradientWay({ reason });
}

/**
 * The probe that a view needs; null for views that are studies.
 *
 * @param {View} view @param {Pick<Placed, "name" | "shape">} column @param {{ unit: number, input: JsonObject }} state
 * @param {Options & JsonObject} options @returns {JsonObject | null}
 */
export function demandOf(view, { name, shape }, { unit, input }, { set, ...down }) {
  if (view === "chosen") return { kind: "projection", node: name, channel: unit, input, ...down, hz: HZ };
  if (!showsFeatures(view)) return null;
  const maps = Math.min(MOST_MAPS, shape[0] ?? 1);
  const channels = view === "layer" ? Array.from({ length: maps }, (_, index) => index) : [unit];
  const count = view === "layer" ? entriesFor(maps) : NINE;
  return { kind: "features", node: name, channels, count, set, ...down, hz: HZ };
}

/** Entries of each map, so that a layer's frame stays small: a square number. @param {number} maps */
function entriesFor(maps) {
  if (maps <= 16) return NINE;
  return maps <= 36 ? 4 : 1;
}

/**
 * What a picture is, for who takes it away.
 *
 * @param {View} view @param {string} node @param {number} unit @param {Options & JsonObject} options
 * @returns {Record<string, string>}
 */
export function factsOf(view, node, unit, options) {
  return {
    node,
    ...(view === "layer" ? {} : { map: String(unit + 1) }),
    method: options.rule,
    from: options.seed === "map" ? TEXTS.theWholeMap : TEXTS.theStrongestActivation,
    ...(view === "chosen" ? {} : { set: options.set }),
    ...(options["normalisations"] === "gradient" ? { "local normalisations": TEXTS.byTheirGradient } : {}),
    ...(options["mask_empty"] ? { "empty pooling windows": "masked" } : {}),
  };
}

/** The name of a file that is kept. @param {View} view @param {string} node @param {number} unit */
export function fileNameOf(view, node, unit) {
  if (view === "layer") return `features-${node}`;
  const suffix = view === "time" ? "-over-time" : view === "chosen" ? "-chosen-picture" : "";
  return `features-${node}-${unit + 1}${suffix}`;
}
