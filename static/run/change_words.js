/** Changes in words: short ones for a tick on a curve, long ones for a hint. Pure; all their texts are here. */

/** @import { Catalog, Choice, Experiment, Json, NodeSpec } from "../types.d.ts" */

import { findItem, folds, isActivation, nodeItem } from "../catalog/catalog.js";
import { isEqual, isObject } from "../core/json.js";
import { featureName, nodeName, sentenceCase, shortNumber, wholeNumber } from "../core/format.js";
import { texts } from "../core/texts.js";

/** @typedef {{ short: string, long: string }} Told */

/**
 * What the weights of a run are set to by hand, as the journal has it.
 *
 * @typedef {{ node: string, parameter?: string, index: number[], value: number }} SetWeight
 */

/** The same words for both. @param {string} text @returns {Told} */
const both = (text) => ({ short: text, long: text });

/** Options with a symbol or a word of their own. @type {Record<string, (values: { value: string }) => string>} */
const SHORT = texts(import.meta.url, {
  learning_rate: "η {value}",
  batch_size: "batch {value}",
  epochs: "{value} epochs",
});

const TEXTS = texts(import.meta.url, {
  edit: "edit",
  changes: { one: "{count} change", other: "{count} changes" },
  title: "title “{title}”",
  seed: "seed {seed}",
  data: "data: {label}",
  loss: "loss: {label}",
  optimizer: "optimizer: {label}",
  schedule: "schedule: {label}",
  wires: "wires",
  wiresOf: "wires of {name}",
  added: "add {names}",
  removed: "remove {names}",
  units: { one: "{number} unit", other: "{number} units" },
  filters: { one: "{number} filter", other: "{number} filters" },
  unitsAdded: "add {units} to {name}",
  unitsRemoved: "remove {units} from {name}",
  weightOf: "weight of {of} set to {value}",
  biasOf: "bias of {of} set to {value}",
  unit: "{node}, unit {unit}",
  unitFrom: "{node}, unit {unit}, from {inputs}",
  reset: "reset",
  startOver: "start over",
  rewind: "back to step {step}",
  back: "back to a checkpoint",
  stopped: "stopped",
  stoppedBy: "stopped: {label}",
  and: "{names} and {last}",
  auto: "auto",
  on: "on",
  off: "off",
});

/** @param {string} from @param {string} to */
const instead = (from, to) => `${from} → ${to}`;

/** What was added to a list. @param {string[]} names @returns {Told} */
const addedWords = (names) => ({ short: `+ ${names[0]}`, long: TEXTS.added({ names: and(names) }) });

/** What was taken from a list. @param {string[]} names @returns {Told} */
const removedWords = (names) => ({ short: `− ${names[0]}`, long: TEXTS.removed({ names: and(names) }) });

/**
 * A layer of another size.
 *
 * @param {number} more @param {string} option that says how many @param {string} name @returns {Told}
 */
function sizeWords(more, option, name) {
  const count = Math.abs(more);
  const units = (option === "filters" ? TEXTS.filters : TEXTS.units)({ count, number: wholeNumber(count) });
  return more > 0
    ? { short: `+${units}`, long: TEXTS.unitsAdded({ units, name }) }
    : { short: `−${units}`, long: TEXTS.unitsRemoved({ units, name }) };
}

/**
 * What an edit changed.
 *
 * @param {Catalog} catalog @param {Experiment | null} before null where it is not known
 * @param {Experiment | null} after @returns {Told}
 */
export function editWords(catalog, before, after) {
  const told = before && after ? changesOf(catalog, before, after) : [];
  if (told.length === 0) return both(TEXTS.edit);
  const short = told.map((each) => each.short);
  return {
    short: short.length > 2 ? TEXTS.changes({ count: short.length }) : short.join(", "),
    long: told.map((each) => each.long).join(", "),
  };
}

/** A weight that was set by hand. @param {SetWeight} weight @returns {Told} */
export function weightWords({ node, parameter = "weight", index: [unit = 0, ...inputs], value }) {
  const places = inputs.map((input) => input + 1);
  const [of, written] = [{ node: nodeName(node), unit: unit + 1 }, shortNumber(value, 4)];
  const place = places.length ? TEXTS.unitFrom({ ...of, inputs: places.join(", ") }) : TEXTS.unit(of);
  return parameter === "bias"
    ? { short: `b ${written}`, long: TEXTS.biasOf({ of: place, value: written }) }
    : { short: `w ${written}`, long: TEXTS.weightOf({ of: place, value: written }) };
}

export const resetWords = { short: TEXTS.reset, long: TEXTS.startOver };

/** @param {number} step */
export const rewindWords = (step) => both(TEXTS.rewind({ step: wholeNumber(step) }));

/**
 * The end of a run by one of its stops.
 *
 * @param {Catalog} catalog @param {string} kind @param {string} detail why @returns {Told}
 */
export function stopWords(catalog, kind, detail) {
  const label = findItem(catalog, kind, ["stops"])?.label ?? sentenceCase(kind);
  return { short: TEXTS.stopped, long: detail || TEXTS.stoppedBy({ label: label.toLowerCase() }) };
}

/**
 * A rewind whose step may not be known yet.
 *
 * @param {number | null} step
 */
export const nameOfReturn = (step) => (step === null ? TEXTS.back : rewindWords(step).long);

/** @param {Catalog} catalog @param {Experiment} before @param {Experiment} after @returns {Told[]} */
function changesOf(catalog, before, after) {
  const label = (/** @type {string} */ kind) => findItem(catalog, kind)?.label ?? sentenceCase(kind);
  const title = before.title === after.title ? [] : [both(TEXTS.title({ title: after.title }))];
  // Another data set brings its task, and the layers that it needs.
  if (before.data.kind !== after.data.kind)
    return [both(TEXTS.data({ label: label(after.data.kind) })), ...title];
  return [
    ...networkChanges(catalog, before.network, after.network),
    ...optionChanges(before.data, after.data, ""),
    ...lossChanges(before.task, after.task, label),
    ...trainingChanges(before.training, after.training, label),
    ...(before.seed === after.seed ? [] : [both(TEXTS.seed({ seed: after.seed }))]),
    ...title,
  ];
}

/**
 * @param {Experiment["task"]} before @param {Experiment["task"]} after @param {(kind: string) => string} label
 * @returns {Told[]}
 */
function lossChanges(before, after, label) {
  if (before.kind !== after.kind) return [both(label(after.kind))];
  return after.losses.flatMap((loss, index) => {
    const was = before.losses[index];
    if (!was || was.kind !== loss.kind) return [both(TEXTS.loss({ label: label(loss.kind) }))];
    return optionChanges(was, loss, TEXTS.loss({ label: label(loss.kind) }));
  });
}

/**
 * @param {Experiment["training"]} before @param {Experiment["training"]} after
 * @param {(kind: string) => string} label @returns {Told[]}
 */
function trainingChanges(before, after, label) {
  const { updates: updatesBefore, regularizers: listBefore, stops: stopsBefore = [], ...restBefore } = before;
  const { updates, regularizers, stops = [], ...rest } = after;
  const ways = updates.flatMap((update, index) =>
    /** @type {const} */ (["optimizer", "schedule"]).flatMap((part) => {
      const [was, now] = [updatesBefore[index]?.[part], update[part]];
      if (!was || was.kind !== now.kind) return [both(TEXTS[part]({ label: label(now.kind) }))];
      return optionChanges(was, now, "");
    }),
  );
  return [
    ...ways,
    ...listChanges(listBefore, regularizers, label),
    ...listChanges(stopsBefore, stops, label),
    ...optionChanges(restBefore, rest, ""),
  ];
}

/**
 * Items of a list that are told apart by their kinds.
 *
 * @param {Choice[]} before @param {Choice[]} after @param {(kind: string) => string} label @returns {Told[]}
 */
function listChanges(before, after, label) {
  const kinds = (/** @type {Choice[]} */ list) => list.map(({ kind }) => kind);
  const added = kinds(after).filter((kind) => !kinds(before).includes(kind));
  const removed = kinds(before).filter((kind) => !kinds(after).includes(kind));
  const changed = after.flatMap((item) => {
    const was = before.find(({ kind }) => kind === item.kind);
    return was ? optionChanges(was, item, label(item.kind)) : [];
  });
  return [...grown(added.map(label), removed.map(label)), ...changed];
}

/** @param {string[]} added @param {string[]} removed @returns {Told[]} */
function grown(added, removed) {
  return [...(added.length ? [addedWords(added)] : []), ...(removed.length ? [removedWords(removed)] : [])];
}

/**
 * Options of one item that are others now.
 *
 * @param {Record<string, any>} before
 * @param {Record<string, any>} after
 * @param {string} of what they are options of, where their names do not say it
 * @returns {Told[]}
 */
function optionChanges(before, after, of) {
  return Object.entries(after)
    .filter(([name, value]) => !isEqual(before[name], value))
    .flatMap(([name, value]) => optionWords(name, before[name], value, of));
}

/**
 * @param {string} name @param {Json | undefined} before @param {Json} after @param {string} of
 * @returns {Told[]}
 */
function optionWords(name, before, after, of) {
  if (Array.isArray(before) && Array.isArray(after)) {
    const names = (/** @type {Json[]} */ from, /** @type {Json[]} */ but) =>
      from.filter((each) => !but.some((other) => isEqual(each, other))).map(entryWords);
    const told = grown(names(after, before), names(before, after));
    if (told.length) return told;
  }
  const said = of ? `${of}, ${sentenceCase(name).toLowerCase()}` : sentenceCase(name).toLowerCase();
  const [from, to] = [valueWords(before), valueWords(after)];
  const long = from ? `${said} ${instead(from, to)}` : `${said} ${to}`;
  return [{ short: SHORT[name]?.({ value: to }) ?? `${said} ${to}`, long }];
}

/** @param {Json} entry of a list: a feature, an item */
function entryWords(entry) {
  if (isObject(entry)) return sentenceCase(String(entry["kind"] ?? TEXTS.edit)).toLowerCase();
  return featureName(String(entry));
}

/** @param {Json | undefined} value @returns {string} */
function valueWords(value) {
  if (value === undefined || value === null) return value === null ? TEXTS.auto : "";
  if (typeof value === "number") return shortNumber(value, 4);
  if (typeof value === "boolean") return value ? TEXTS.on : TEXTS.off;
  if (typeof value === "string") return value.startsWith("sha256:") ? "…" : sentenceCase(value).toLowerCase();
  if (isObject(value)) return sentenceCase(String(value["kind"] ?? "…")).toLowerCase();
  return value.length <= 4 ? value.map(valueWords).join(" × ") : "…";
}

/**
 * @param {Catalog} catalog @param {NodeSpec[]} before @param {NodeSpec[]} after
 * @param {string} [inside] the name of the block whose nodes they are, with a dot
 * @returns {Told[]}
 */
function networkChanges(catalog, before, after, inside = "") {
  if (isEqual(before, after)) return [];
  const old = new Map(before.map((node) => [node.name, node]));
  const kept = after.filter(({ name }) => old.has(name));
  const added = after.filter(({ name }) => !old.has(name));
  const removed = before.filter(({ name }) => !after.some((node) => node.name === name));
  const listed =
    exchanged(catalog, removed, added) ??
    grown(
      added.map(({ name }) => nodeName(inside + name)),
      removed.map(({ name }) => nodeName(inside + name)),
    );
  const rewired = added.length > 0 || removed.length > 0;
  const changed = kept.flatMap((node) => {
    const was = /** @type {NodeSpec} */ (old.get(node.name));
    return nodeChanges(catalog, was, node, after, { inside, rewired });
  });
  return [...listed, ...changed];
}

/**
 * One activation in the place of another.
 *
 * @param {Catalog} catalog @param {NodeSpec[]} removed @param {NodeSpec[]} added @returns {Told[] | null}
 */
function exchanged(catalog, removed, added) {
  const [from, to] = [removed[0], added[0]];
  if (!from || !to || removed.length > 1 || added.length > 1) return null;
  if (![from, to].every(({ kind }) => isActivation(catalog, kind))) return null;
  return [both(instead(labelOf(catalog, from), labelOf(catalog, to)))];
}

/** @param {Catalog} catalog @param {NodeSpec} node */
function labelOf(catalog, { kind }) {
  return nodeItem(catalog, kind)?.label ?? kind;
}

/**
 * @param {Catalog} catalog @param {NodeSpec} before @param {NodeSpec} after
 * @param {NodeSpec[]} nodes the list it stands in
 * @param {{ inside: string, rewired: boolean }} place `rewired`: nodes came or went, so that others read what
 * they did not
 * @returns {Told[]}
 */
function nodeChanges(catalog, before, after, nodes, { inside, rewired }) {
  if (isEqual(before, after)) return [];
  const name = nodeName(inside + columnOf(catalog, nodes, after));
  if (before.kind !== after.kind) return [both(instead(labelOf(catalog, before), labelOf(catalog, after)))];
  const { inputs: inputsBefore, body: bodyBefore, ...optionsBefore } = before;
  const { inputs, body, ...options } = after;
  const size = nodeItem(catalog, after.kind)?.size_option ?? "";
  const [was, now] = [optionsBefore[size], options[size]];
  const counted = typeof was === "number" && typeof now === "number" && was !== now;
  if (counted) delete optionsBefore[size];
  if (counted) delete options[size];
  const nested = /** @type {NodeSpec[][]} */ ([bodyBefore ?? [], body ?? []]);
  return [
    ...(counted ? [sizeWords(now - was, size, name)] : []),
    ...optionChanges(optionsBefore, options, nodeName(inside + after.name)),
    ...networkChanges(catalog, nested[0] ?? [], nested[1] ?? [], `${inside}${after.name}.`),
    ...(rewired || isEqual(inputsBefore, inputs)
      ? []
      : [{ short: TEXTS.wires, long: TEXTS.wiresOf({ name }) }]),
  ];
}

/**
 * The name of the column that a node is drawn in: of the last node that only changes what it gives.
 *
 * @param {Catalog} catalog @param {NodeSpec[]} nodes @param {NodeSpec} node
 */
export function columnOf(catalog, nodes, node) {
  let { name } = node;
  for (const next of nodes.slice(nodes.indexOf(node) + 1)) {
    if (!folds(catalog, next.kind) || (next.inputs && String(next.inputs) !== name)) break;
    name = next.name;
  }
  return name;
}

/** @param {string[]} names */
function and(names) {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : TEXTS.and({ names: names.slice(0, -1).join(", "), last });
}
