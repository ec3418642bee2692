/** What a frame of the probe `attribution` says: the picture, a map for each method, and what was asked. */

/** @import { Catalog, Description, Frame, NamedArray } from "../../types.d.ts" */
/** @import { Plane } from "../../draw/bands.js" */

import { hasPlaces, methodRefusal } from "../../catalog/applicability.js";
import { METHODS } from "../../catalog/attribution_methods.js";
import { percent, shortNumber, wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { planeAt } from "../../draw/signals.js";
import { completenessOf, completenessText } from "../../widgets/completeness.js";
import { scalar } from "../../widgets/save_picture.js";

const TEXTS = texts(import.meta.url, {
  greatest: "greatest {greatest}",
  nothingHereWeighted: "nothing here: the weighted maps speak against the class everywhere, or not at all",
  greatestValue: "{described}; greatest value {greatest}",
  step: "Step {number}.",
  evidenceForOutput: "{step} What speaks for output {asked}?",
  evidenceFor: "{step} What speaks for {name}? The network gives it {share}{truth}.",
  itIsOne: "; it is one",
  itIs: "; it is {classes}",
  networkNotKnownYet: "The network is not known yet.",
  theseMethodsMark:
    "These methods mark places of a sample: choose signals, pictures, volumes or clips, such as the digits.",
});

/** @typedef {"maps" | "signal"} Look one number a pixel, or each colour */

/**
 * @typedef {object} Card what a method says
 * @property {string} kind of the method
 * @property {Plane} map one number a pixel
 * @property {Plane | null} signal in each colour; null where that is not wanted or not known
 * @property {string} note
 * @property {boolean} incomplete whether an integral does not add up
 * @property {string} title
 */

/**
 * @typedef {object} Attribution
 * @property {Plane | null} picture null where the frame is of other methods
 * @property {{ low: number, high: number }} range of the picture's levels
 * @property {Card[]} cards
 * @property {string} summary of which step it is, and which class was asked about
 */

/**
 * @param {Frame} frame
 * @param {{ methods: string[], look: Look, classes: string[] }} shown kinds of methods in the frame's order;
 * names of the classes, none where answers are values
 * @returns {Attribution}
 */
export function model(frame, { methods, look, classes }) {
  const [input, maps] = [frame.arrays.get("input"), frame.arrays.get("maps")];
  const summary = summaryOf(frame, classes);
  const [low = 0, high = 1] = frame.arrays.get("input.range")?.data ?? [];
  const range = { low, high };
  if (!input || !maps || maps.shape[0] !== methods.length)
    return { picture: null, range, cards: [], summary };
  const [channels = 1] = input.shape;
  const cards = methods.map((kind, index) => {
    const signal = look === "signal" ? frame.arrays.get(`signal/${kind}`) : undefined;
    return {
      kind,
      map: planeAt(maps, index, 1),
      signal: signal ? planeAt(signal, 0, channels) : null,
      ...noteOf(frame, kind, frame.arrays.get("maps.range")?.data[2 * index + 1] ?? NaN),
    };
  });
  return { picture: planeAt(input, 0, channels), range, cards, summary };
}

/** @param {Frame} frame @param {string} kind of the method @param {number} greatest value of its map */
function noteOf(frame, kind, greatest) {
  const sum = kind === "integrated_gradients" ? completenessOf(frame) : null;
  const described = METHODS.find((method) => method.kind === kind)?.description ?? kind;
  const known = [TEXTS.greatest({ greatest: shortNumber(greatest) }), sum && completenessText(sum)]
    .filter(Boolean)
    .join("; ");
  return {
    note: greatest > 0 ? known : TEXTS.nothingHereWeighted,
    incomplete: sum !== null && !sum.holds,
    title: TEXTS.greatestValue({ described, greatest: shortNumber(greatest) }),
  };
}

/** @param {Frame} frame @param {string[]} classes */
function summaryOf({ arrays, metadata }, classes) {
  const asked = scalar(arrays, "target", 0);
  const step = TEXTS.step({ number: wholeNumber(Number(metadata["step"] ?? 0)) });
  if (classes.length === 0) return TEXTS.evidenceForOutput({ step, asked: asked + 1 });
  const name = classes[asked] ?? asked;
  const share = percent(arrays.get("shares")?.data[asked] ?? NaN);
  return TEXTS.evidenceFor({ step, name, share, truth: truthText(arrays, asked, classes) });
}

/** @param {Map<string, NamedArray>} arrays @param {number} asked @param {string[]} classes */
function truthText(arrays, asked, classes) {
  const truth = scalar(arrays, "truth", -1);
  if (truth < 0) return "";
  return truth === asked ? TEXTS.itIsOne : TEXTS.itIs({ classes: classes[truth] ?? truth });
}

/** Kinds of the methods that say something of this network's answer. @param {Known} known */
export function possibleMethods({ description, catalog }) {
  return description
    ? METHODS.map(({ kind }) => kind).filter((kind) => methodRefusal(description, catalog, kind) === null)
    : [];
}

/** @typedef {{ description: Description | null, catalog: Catalog }} Known */

/** Why nothing can be asked; null where something can. @param {Known} known */
export function refusal({ description }) {
  if (!description) return TEXTS.networkNotKnownYet;
  return hasPlaces(description) ? null : TEXTS.theseMethodsMark;
}
