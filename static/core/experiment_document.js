/** A document from elsewhere, a file, a link or the clipboard, that should be an experiment. */

/** @import { Experiment } from "../types.d.ts" */

/** Longer texts are refused unread: no experiment is, and the server takes none. */
export const MOST_CHARACTERS = 1 << 20;

const WORDS = {
  expected:
    'expected an experiment, as "Save as a file" writes it: an object with "data", "network" and "training"',
  tooLong: (/** @type {number} */ length) =>
    `it has ${length.toLocaleString("en-US")} characters; expected at most ${MOST_CHARACTERS.toLocaleString("en-US")}`,
  notJson: "it is not JSON",
  isA: (/** @type {string} */ kind) => `it is JSON, but ${kind}`,
  fields: (/** @type {string[]} */ names) =>
    names.length
      ? `it is JSON, but has ${names.map((name) => `"${name}"`).join(", ")}`
      : "it is an empty object",
  noKind: 'its "data" has no "kind"',
};

/** The most names of fields that are told, and characters of each. */
const MOST_NAMED = 4;
const LONGEST_NAME = 30;

/**
 * The experiment in a text.
 *
 * @param {string} text @returns {Experiment} the server checks the rest @throws {Error} saying what was expected
 */
export function readExperiment(text) {
  if (text.length > MOST_CHARACTERS) throw new Error(WORDS.tooLong(text.length));
  let value;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    throw refused(WORDS.notJson);
  }
  return experimentOf(value);
}

/**
 * @param {unknown} value what JSON text decodes to @returns {Experiment} the server checks the rest
 * @throws {Error} saying what was expected
 */
function experimentOf(value) {
  if (Array.isArray(value)) throw refused(WORDS.isA("a list"));
  if (value === null || typeof value !== "object")
    throw refused(WORDS.isA(value === null ? "null" : `a ${typeof value}`));
  const { data } = /** @type {{ data?: { kind?: unknown } | null }} */ (value);
  if (data === null || typeof data !== "object") throw refused(WORDS.fields(namesOf(value)));
  if (typeof data.kind !== "string") throw refused(WORDS.noKind);
  return /** @type {Experiment} */ (value);
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
  return new Error(`${what}; ${WORDS.expected}`);
}
