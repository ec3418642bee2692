/** JSON Schema, read as a form needs it. Names of `$defs` are never looked at, only followed. */

/** @import { Json, JsonObject, Schema } from "../types.d.ts" */

import { isObject } from "../core/json.js";

/**
 * The schema that a `$ref` names, or itself.
 *
 * @param {Schema} root @param {Schema} schema @returns {Schema}
 */
export function resolved(root, schema) {
  if (schema.$ref === undefined) return schema;
  const { $ref: reference, ...beside } = schema;
  /** @type {unknown} */
  let target = root;
  for (const part of reference.replace(/^#\/?/, "").split("/").filter(Boolean)) {
    target = /** @type {Record<string, unknown>} */ (target)[
      part.replaceAll("~1", "/").replaceAll("~0", "~")
    ];
    if (target === undefined) throw new Error(`the schema has no ${reference}`);
  }
  return { ...resolved(root, /** @type {Schema} */ (target)), ...beside };
}

/**
 * The choices of a union told apart by `kind`, in the schema's order; null where it is none.
 *
 * @param {Schema} root @param {Schema} schema
 * @returns {Map<string, Schema> | null}
 */
export function variants(root, schema) {
  const mapping = schema.discriminator?.mapping;
  if (!mapping) return null;
  const inOrder = (schema.oneOf ?? []).map((each) => each.$ref);
  const entries = Object.entries(mapping).sort(([, a], [, b]) => inOrder.indexOf(a) - inOrder.indexOf(b));
  return new Map(entries.map(([kind, $ref]) => [kind, resolved(root, { $ref })]));
}

/**
 * The schema without its null, and whether there was one.
 *
 * @param {Schema} root @param {Schema} schema
 * @returns {{ schema: Schema, nullable: boolean }}
 */
export function withoutNull(root, schema) {
  const whole = resolved(root, schema);
  if (!whole.anyOf) return { schema: whole, nullable: false };
  const { anyOf, ...beside } = whole;
  const rest = anyOf.filter((each) => each.type !== "null");
  const nullable = rest.length < anyOf.length;
  const [only] = rest;
  if (rest.length === 1 && only)
    return { schema: { ...beside, ...resolved(root, only), ...described(beside) }, nullable };
  return { schema: { ...beside, anyOf: rest }, nullable };
}

/** What is said beside `anyOf` goes before what its branch says. @param {Schema} schema @returns {Schema} */
function described({ title, description, unit, scale, live, default: fallback }) {
  /** @type {Schema} */
  const given = {};
  if (title !== undefined) given.title = title;
  if (description !== undefined) given.description = description;
  if (unit !== undefined) given.unit = unit;
  if (scale !== undefined) given.scale = scale;
  if (live !== undefined) given.live = live;
  if (fallback !== undefined) given.default = fallback;
  return given;
}

/**
 * @typedef {"number" | "toggle" | "choice" | "variant" | "marks" | "list" | "group" | "text" | "mixed"}
 * ControlKind
 * number; toggle: yes or no; choice: one of a few words; variant: one item of a catalog; marks: several
 * of a few words; list: of items; group: of fields; text; mixed: a number, a list of them, or a word.
 */

/** @param {Schema} root @param {Schema} schema without null @returns {ControlKind} */
export function controlKind(root, schema) {
  if (schema.discriminator) return "variant";
  if (schema.enum || schema.examples) return "choice";
  if (schema.anyOf) return "mixed";
  switch (schema.type) {
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "toggle";
    case "object":
      return "group";
    case "array":
      if (resolved(root, schema.items ?? {}).enum) return "marks";
      return isPlainList(root, schema) || isNestedList(root, schema) ? "text" : "list";
    default:
      return "text";
  }
}

/** A list of words or numbers, written with commas. @param {Schema} root @param {Schema} schema */
export function isPlainList(root, schema) {
  const items = resolved(root, schema.items ?? {});
  return (
    schema.type === "array" &&
    !items.discriminator &&
    ["string", "integer", "number"].includes(items.type ?? "")
  );
}

/** A list of lists, written with brackets. @param {Schema} root @param {Schema} schema */
export function isNestedList(root, schema) {
  return schema.type === "array" && resolved(root, schema.items ?? {}).type === "array";
}

/**
 * The bounds between which a slider moves; null where a slider would be no help.
 *
 * @param {Schema} schema
 * @returns {{ low: number, high: number, log: boolean, step: number } | null}
 */
export function sliderRange(schema) {
  const log = schema.scale === "log";
  const low = schema.minimum ?? schema.exclusiveMinimum;
  const high = schema.maximum ?? schema.exclusiveMaximum;
  if (low === undefined || high === undefined) return null;
  if (log) return { low: low > 0 ? low : 1e-6, high: Math.min(high, 10), log, step: 0.01 };
  if (high - low > 1000) return null;
  const step = schema.type === "integer" ? 1 : (high - low) / 100;
  // A bound that is itself excluded is one step away: the ends of a slider are values to choose.
  return {
    low: schema.minimum === undefined ? low + step : low,
    high: schema.maximum === undefined ? high - step : high,
    log,
    step,
  };
}

/**
 * @param {{ low: number, high: number, log: boolean }} range @param {number} value @returns {number} 0 to 1
 */
export function toSlider({ low, high, log }, value) {
  const share = log
    ? (Math.log10(Math.max(value, low)) - Math.log10(low)) / (Math.log10(high) - Math.log10(low))
    : (value - low) / (high - low);
  return Math.min(1, Math.max(0, share));
}

/**
 * @param {{ low: number, high: number, log: boolean, step: number }} range @param {number} share
 * @returns {number}
 */
export function fromSlider({ low, high, log, step }, share) {
  if (!log) return Number((low + Math.round((share * (high - low)) / step) * step).toPrecision(6));
  const value = 10 ** (Math.log10(low) + share * (Math.log10(high) - Math.log10(low)));
  return roundedLog(value);
}

/** 1, 1.5, 2, 3, 5, 7 times a power of ten: a rate of 0.0287 says no more than 0.03. @param {number} value */
function roundedLog(value) {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const mantissa = value / power;
  const nearest = [1, 1.5, 2, 3, 5, 7, 10].reduce((best, each) =>
    Math.abs(each - mantissa) < Math.abs(best - mantissa) ? each : best,
  );
  return Number((nearest * power).toPrecision(3));
}

/**
 * A value the schema calls its default: for an item of a catalog, its kind alone with every default.
 *
 * @param {Schema} root @param {Schema} schema
 * @returns {Json}
 */
export function defaultOf(root, schema) {
  const whole = resolved(root, schema);
  if (whole.default !== undefined) return whole.default;
  if (whole.const !== undefined) return whole.const;
  if (whole.enum?.[0] !== undefined) return whole.enum[0];
  const first = variants(root, whole)?.values().next().value;
  if (first) return defaultOf(root, first);
  if (whole.properties) {
    return Object.fromEntries(
      Object.entries(whole.properties).map(([name, each]) => [name, defaultOf(root, each)]),
    );
  }
  if (whole.type === "array") {
    // As many as there must be: an item of a list of sizes is a width and a height.
    return Array.from({ length: whole.minItems ?? 0 }, () => defaultOf(root, whole.items ?? {}));
  }
  if (whole.type === "boolean") return false;
  if (whole.type === "integer" || whole.type === "number") return whole.minimum ?? 0;
  return whole.type === "string" ? "" : null;
}

/**
 * An item of another kind: its defaults, and what the two kinds have in common kept. A number on a
 * logarithmic scale is kept where both kinds start from the same one: Adadelta's rate of 1 is not Adam's.
 *
 * @param {Schema} root @param {Schema} variant @param {Json} before @param {Schema} [was] the kind it had
 * @returns {JsonObject}
 */
export function changedKind(root, variant, before, was) {
  const after = /** @type {JsonObject} */ (defaultOf(root, { ...variant, default: undefined }));
  if (!isObject(before)) return after;
  for (const [name, schema] of Object.entries(variant.properties ?? {})) {
    const value = before[name];
    const other =
      schema.scale === "log" && (was?.properties?.[name]?.default ?? schema.default) !== schema.default;
    if (name !== "kind" && value !== undefined && !other && fits(root, schema, value)) after[name] = value;
  }
  return after;
}

/**
 * Whether a value of one kind's field may be kept for another's.
 *
 * @param {Schema} root @param {Schema} schema @param {Json} value @returns {boolean}
 */
function fits(root, schema, value) {
  const { schema: plain, nullable } = withoutNull(root, schema);
  if (value === null) return nullable;
  switch (controlKind(root, plain)) {
    case "number":
      return typeof value === "number" && isWithin(plain, value);
    case "toggle":
      return typeof value === "boolean";
    case "choice":
      return plain.enum?.includes(value) ?? false;
    case "variant":
      return isObject(value) && (variants(root, plain)?.has(String(value["kind"])) ?? false);
    case "marks":
      return (
        Array.isArray(value) && value.every((each) => resolved(root, plain.items ?? {}).enum?.includes(each))
      );
    default:
      if (plain.type !== "array") return typeof value === plain.type;
      if (!Array.isArray(value) || value.length < (plain.minItems ?? 0)) return false;
      if (value.length > (plain.maxItems ?? Infinity)) return false;
      return value.every((each) => fits(root, plain.items ?? {}, each));
  }
}

/** @param {Schema} schema of a number @param {number} value */
function isWithin({ type, minimum, maximum, exclusiveMinimum, exclusiveMaximum }, value) {
  if (type === "integer" && !Number.isInteger(value)) return false;
  if (value < (minimum ?? -Infinity) || value > (maximum ?? Infinity)) return false;
  return value > (exclusiveMinimum ?? -Infinity) && value < (exclusiveMaximum ?? Infinity);
}

/**
 * The schema at a pointer of a document, following unions by the document's kinds.
 *
 * @param {Schema} root @param {Json} document @param {string[]} parts
 * @returns {{ schema: Schema, nullable: boolean } | null}
 */
export function schemaAt(root, document, parts) {
  let { schema, nullable } = withoutNull(root, root);
  /** @type {Json | undefined} */
  let value = document;
  for (const part of parts) {
    const choices = variants(root, schema);
    if (choices) {
      const chosen = choices.get(String(isObject(value) ? value["kind"] : ""));
      if (!chosen) return null;
      schema = chosen;
    }
    const inner = schema.type === "array" ? schema.items : schema.properties?.[part];
    if (!inner) return null;
    ({ schema, nullable } = withoutNull(root, inner));
    value = Array.isArray(value) ? value[Number(part)] : isObject(value) ? value[part] : undefined;
  }
  return { schema, nullable };
}
