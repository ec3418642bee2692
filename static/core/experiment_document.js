/** A document from elsewhere, a file, a link or the clipboard, that should be an experiment. */

/** @import { Experiment } from "../types.d.ts" */

import { wholeNumber } from "./format.js";
import { texts } from "./texts.js";

/** Longer texts are refused unread: no experiment is, and the server takes none. */
export const MOST_CHARACTERS = 1 << 20;

const TEXTS = texts(import.meta.url, {
  expected:
    'expected an experiment, as "Save as a file" writes it: an object with "data", "network" and "training"',
  tooLong: "it has {length} characters; expected at most {most}",
  notJson: "it is not JSON",
  list: "it is JSON, but a list",
  wrongType: "it is JSON, but {kind}",
  fields: "it is JSON, but has {names}",
  empty: "it is an empty object",
  noKind: 'its "data" has no "kind"',
});

/** The most names of fields that are told, and characters of each. */
const MOST_NAMED = 4;
const LONGEST_NAME = 30;

/**
 * The experiment in a text.
 *
 * @param {string} text @returns {Experiment} the server checks the rest @throws {Error} saying what was expected
 */
export function readExperiment(text) {
  if (text.length > MOST_CHARACTERS) throw new Error(tooLong(text.length));
  let value;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    throw refused(TEXTS.notJson);
  }
  return experimentOf(value);
}

/**
 * @param {unknown} value what JSON text decodes to @returns {Experiment} the server checks the rest
 * @throws {Error} saying what was expected
 */
function experimentOf(value) {
  if (Array.isArray(value)) throw refused(TEXTS.list);
  if (value === null || typeof value !== "object")
    throw refused(TEXTS.wrongType({ kind: value === null ? "null" : `a ${typeof value}` }));
  const { data } = /** @type {{ data?: { kind?: unknown } | null }} */ (value);
  if (data === null || typeof data !== "object") throw refused(fieldsText(namesOf(value)));
  if (typeof data.kind !== "string") throw refused(TEXTS.noKind);
  return /** @type {Experiment} */ (value);
}

/** @param {number} length */
function tooLong(length) {
  const [has, most] = [length, MOST_CHARACTERS].map(wholeNumber);
  return TEXTS.tooLong({ length: has ?? "", most: most ?? "" });
}

/** @param {string[]} names */
function fieldsText(names) {
  return names.length ? TEXTS.fields({ names: names.map((name) => `"${name}"`).join(", ") }) : TEXTS.empty;
}

/** @param {object} value */
function namesOf(value) {
  const names = Object.keys(value).map((name) =>
    name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name,
  );
  return names.length > MOST_NAMED ? [...names.slice(0, MOST_NAMED), "…"] : names;
}

/** @param {string} what */
function refused(what) {
  return new Error(`${what}; ${TEXTS.expected}`);
}
