/** What is set in the lab of gradient descent, as its address keeps it and as its studies want it. */

/** @import { Json, JsonObject, Schema } from "../../types.d.ts" */
/** @import { Entry, Example } from "./examples.js" */

import { defaultOf, resolved, variants } from "../../form/schema.js";
import { isObject, withValue } from "../../core/json.js";
import { EXAMPLES } from "./examples.js";

/**
 * @typedef {object} Settings
 * @property {JsonObject} surface
 * @property {[number, number] | null} start null: the surface's own
 * @property {Entry[]} entries
 * @property {number} steps
 * @property {number} tolerance
 * @property {number} seed
 * @property {JsonObject} pad the options of the pad that can be turned
 */

export const PAD_OPTIONS = ["rate_low", "rate_high", "momentum_low", "momentum_high", "steps", "resolution"];

/** Options of a surface with which the domain stays what it is, and so may the start. */
const KEEPS_START = new Set([
  "/surface/text",
  "/surface/noise",
  "/surface/condition",
  "/surface/curvature",
  "/surface/width",
]);

/** Settings from what others wrote: an example, or an address. */
export class SettingsReader {
  #race;
  #pad;

  /** @param {Schema} race the schema of the study `optimizer_race` @param {Schema} pad of `optimizer_pad` */
  constructor(race, pad) {
    this.#race = race;
    this.#pad = pad;
  }

  /**
   * Settings of an address, and the first example's for what it lacks.
   *
   * @param {JsonObject | null} kept @returns {Settings}
   */
  read(kept) {
    const first = this.fromExample(/** @type {Example} */ (EXAMPLES[0]));
    if (!kept) return first;
    const { surface, start, entries, steps, tolerance, seed, pad } = kept;
    const known =
      Array.isArray(entries) &&
      entries.length > 0 &&
      entries.every((entry) => isObject(entry) && isItem(entry["optimizer"]));
    return {
      surface: isItem(surface) ? surface : first.surface,
      start: Array.isArray(start) && start.length === 2 ? [Number(start[0]), Number(start[1])] : null,
      entries: known ? /** @type {Entry[]} */ (/** @type {unknown} */ (entries)) : first.entries,
      steps: typeof steps === "number" ? steps : first.steps,
      tolerance: typeof tolerance === "number" ? tolerance : first.tolerance,
      seed: typeof seed === "number" ? seed : 0,
      pad: isObject(pad) ? { ...first.pad, ...pad } : first.pad,
    };
  }

  /** With every option written out. @param {Example} example @returns {Settings} */
  fromExample({ setup }) {
    const entry = resolved(this.#race, this.#race.properties?.["entries"]?.items ?? {});
    return {
      surface: this.#whole("surface", this.#race.properties?.["surface"], setup.surface),
      start: setup.start,
      entries: setup.entries.map(({ label = null, optimizer, schedule = { kind: "constant" } }) => ({
        label,
        optimizer: this.#whole("optimizer", entry.properties?.["optimizer"], optimizer),
        schedule: this.#whole("schedule", entry.properties?.["schedule"], schedule),
      })),
      steps: setup.steps,
      tolerance: 0.01,
      seed: 0,
      pad: Object.fromEntries(
        PAD_OPTIONS.map((name) => [name, this.#pad.properties?.[name]?.default ?? null]),
      ),
    };
  }

  /**
   * An item with its defaults.
   *
   * @param {string} name @param {Schema | undefined} union @param {JsonObject} item @returns {JsonObject}
   */
  #whole(name, union, item) {
    const variant = variants(this.#race, resolved(this.#race, union ?? {}))?.get(String(item["kind"]));
    if (!variant) throw new Error(`there is no ${name} '${item["kind"]}'`);
    return {
      .../** @type {JsonObject} */ (defaultOf(this.#race, { ...variant, default: undefined })),
      ...item,
    };
  }
}

/**
 * Whether something says of what kind it is.
 *
 * @param {Json | undefined} value @returns {value is JsonObject}
 */
function isItem(value) {
  return isObject(value) && typeof value["kind"] === "string";
}

/** Settings, entries and studies as the JSON that they are. @param {object} value @returns {JsonObject} */
export function asJson(value) {
  return /** @type {JsonObject} */ (/** @type {unknown} */ (value));
}

/**
 * The settings with another value in one place; on another surface, the start is that surface's own.
 *
 * @param {Settings} settings @param {string} pointer @param {Json} value @returns {Settings}
 */
export function changed(settings, pointer, value) {
  const after = withValue(settings, pointer, value);
  return pointer.startsWith("/surface") && !KEEPS_START.has(pointer) ? { ...after, start: null } : after;
}

/** The study of the race. @param {Settings} settings @returns {JsonObject} */
export function raceOf({ surface, start, entries, steps, tolerance, seed }) {
  return asJson({ kind: "optimizer_race", surface, start, entries, steps, tolerance, seed });
}

/**
 * The study of the pad of one optimizer.
 *
 * @param {Settings} settings @param {JsonObject} runner @param {string} inertia what it calls its momentum
 * @returns {JsonObject}
 */
export function padOf({ surface, start, tolerance, seed, pad }, runner, inertia) {
  // Rate and momentum are what the pad varies: with others it is the same pad.
  const optimizer = { ...runner, learning_rate: 0.01, [inertia]: 0.9 };
  return { kind: "optimizer_pad", surface, start, optimizer, tolerance, seed, ...pad };
}
