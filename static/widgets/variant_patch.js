/** What the variants of a race change: a few choices to a patch on the experiment. */

/** @import { CatalogItem, Experiment, Json, JsonObject, PatchOperation } from "../types.d.ts" */

import { isObject } from "../core/json.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  batch: "batch {batch}",
  fresh: "fresh, {label}",
  asItIs: "as it is",
});

/**
 * Choices of one variant; empty ones leave the experiment as it is.
 *
 * @typedef {object} Choices
 * @property {string} optimizer kind
 * @property {number | null} rate learning rate
 * @property {string} schedule kind
 * @property {number | null} batch samples
 * @property {string} initializer kind; it means a fresh start
 * @property {{ name: string, experiment: Experiment } | null} example whose network, task and updates it has, from a
 * fresh start
 */

/** @returns {Choices} */
export function nothing() {
  return { optimizer: "", rate: null, schedule: "", batch: null, initializer: "", example: null };
}

/** @param {Choices} choices @param {Experiment} experiment @returns {PatchOperation[]} */
export function patchOf(choices, experiment) {
  /** @type {PatchOperation[]} */
  const patch = [];
  const replace = (/** @type {string} */ path, /** @type {Json} */ value) =>
    patch.push({ op: "replace", path, value });
  const { network, task, training } = choices.example?.experiment ?? experiment;
  const { updates } = training;
  if (choices.example) {
    replace("/network", json(network));
    replace("/task", json(task));
    replace("/training/updates", json(updates));
  }
  updates.forEach(({ optimizer }, index) => {
    const at = `/training/updates/${index}`;
    const rate = choices.rate ?? /** @type {number} */ (optimizer["learning_rate"]);
    if (choices.optimizer)
      replace(`${at}/optimizer`, {
        kind: choices.optimizer,
        ...(choices.rate === null ? {} : { learning_rate: rate }),
      });
    else if (choices.rate !== null) replace(`${at}/optimizer/learning_rate`, rate);
    if (choices.schedule) replace(`${at}/schedule`, { kind: choices.schedule });
  });
  if (choices.batch !== null) replace("/training/batch_size", choices.batch);
  if (choices.initializer) {
    for (const path of placesOf(json(network), "initializer", "/network"))
      replace(path, { kind: choices.initializer });
  }
  return patch;
}

/** Of a document what is JSON anyway. @param {unknown} part */
const json = (part) => /** @type {Json} */ (part);

/**
 * Pointers to every field of a name, however deep.
 *
 * @param {Json} value @param {string} name @param {string} path @returns {string[]}
 */
function placesOf(value, name, path) {
  if (Array.isArray(value)) return value.flatMap((each, index) => placesOf(each, name, `${path}/${index}`));
  if (!isObject(value)) return [];
  return Object.entries(/** @type {JsonObject} */ (value)).flatMap(([key, each]) =>
    key === name ? [`${path}/${key}`] : placesOf(each, name, `${path}/${key}`),
  );
}

/**
 * The name of a variant.
 *
 * @param {Choices} choices @param {(family: string, kind: string) => CatalogItem | undefined} find
 */
export function nameOf(choices, find) {
  const label = (/** @type {string} */ family, /** @type {string} */ kind) =>
    find(family, kind)?.label ?? kind;
  const parts = [
    choices.example?.name,
    choices.optimizer && label("optimizers", choices.optimizer),
    choices.rate !== null && `η ${Number(choices.rate.toPrecision(3))}`,
    choices.schedule && label("schedules", choices.schedule),
    choices.batch !== null && TEXTS.batch({ batch: choices.batch }),
    choices.initializer && TEXTS.fresh({ label: label("initializers", choices.initializer) }),
  ].filter(Boolean);
  return parts.length ? parts.join(", ") : TEXTS.asItIs;
}

/**
 * Four to begin with: nothing changed, other rates, another optimizer.
 *
 * @param {Experiment} experiment @returns {Choices[]}
 */
export function firstFour(experiment) {
  const optimizer = experiment.training.updates[0]?.optimizer;
  const rate = Number(optimizer?.["learning_rate"] ?? 0.01);
  const round = (/** @type {number} */ value) => Number(value.toPrecision(1));
  const other =
    optimizer?.kind === "adam" ? { optimizer: "sgd", rate: 0.1 } : { optimizer: "adam", rate: 0.01 };
  return [
    nothing(),
    { ...nothing(), rate: round(rate * 5) },
    { ...nothing(), rate: round(rate / 5) },
    { ...nothing(), ...other },
  ];
}
