/**
 * The texts of the page, in the page's language. A script declares what it says in one record below its imports:
 *
 *     const TEXTS = texts(import.meta.url, {
 *       undo: "Undo (Ctrl+Z)",
 *       waiting: "Not yet on the server: {changes}",
 *       units: { one: "{count} unit", other: "{count} units" },
 *     });
 *
 * `TEXTS.undo` is a string; a text with values is a function of them, `TEXTS.waiting({ changes: "noise 0.2" })`. What
 * depends on a number is a record of forms by plural category, and is given that number as `count`. Values are put in
 * as they are: numbers are formatted before (`format.js`). A long text may be a list of lines, joined by spaces.
 */

/**
 * Forms of a text by plural category.
 *
 * @typedef {Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }} Forms
 */

/** @typedef {string | readonly string[] | Forms} Text */
/** @typedef {string | number} Value */

/**
 * The names of the values that a text has places for.
 *
 * @template {string} T @typedef {T extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never} Names
 */

/**
 * A text as it is used: a string, or a function of its values.
 *
 * @template T @typedef {(
 *   T extends string ? Filled<T> :
 *   T extends readonly string[] ? Filled<T[number]> :
 *   T extends Forms ? (values: Record<Exclude<Names<T["other"]>, "count">, Value> & { count: number }) => string :
 *   never
 * )} Said
 */

/**
 * @template {string} T
 * @typedef {[Names<T>] extends [never] ? string : (values: Record<Names<T>, Value>) => string} Filled
 */

const root = globalThis.document;
/** The page's language, as a tag. */
export const language = root?.documentElement.lang || "en";
/** Texts of another language by script, then name. @type {Record<string, Record<string, Text>>} */
const translation = JSON.parse(root?.getElementById("translation")?.textContent ?? "{}");
const plural = new Intl.PluralRules(language);

/**
 * The texts of a script in the page's language; those that are not translated, in English.
 *
 * @template {Record<string, Text>} const T
 * @param {string} script its `import.meta.url`
 * @param {T} english
 * @returns {{ [Name in keyof T]: Said<T[Name]> }}
 */
export function texts(script, english) {
  const translated = translation[/\/static\/(?:[0-9a-f]{16}\/)?(.+)\.js$/.exec(script)?.[1] ?? ""];
  return /** @type {any} */ (
    Object.fromEntries(
      Object.entries(english).map(([name, text]) => [name, sayable(translated?.[name] ?? text)]),
    )
  );
}

/** @param {Text} text */
function sayable(text) {
  if (typeof text === "string") return text.includes("{") ? fill.bind(null, text) : text;
  if ("join" in text) return sayable(text.join(" "));
  /** @param {Record<string, Value> & { count: number }} values */
  return (values) => fill(text[plural.select(values.count)] ?? text.other, values);
}

/** @param {string} text @param {Record<string, Value>} values @returns {string} */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}
