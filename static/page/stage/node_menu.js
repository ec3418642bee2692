/** What can be done to a layer and to the blocks around it, as a menu at the drawing. */

/** @import { Experiment, Json } from "../../types.d.ts" */
/** @import { Placed } from "../../network/layout.js" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { Entry } from "../../widgets/menu.js" */
/** @import { Scope } from "./node_scopes.js" */

import { writtenOut } from "../../core/api.js";
import { element, uniqueId } from "../../core/dom.js";
import { isEqual, valueAt, withValue } from "../../core/json.js";
import { texts } from "../../core/texts.js";
import { CannotEnclose, enclosed, isRepeated, renamed, repeated } from "../../network/blocks.js";
import { removeNode } from "../../network/graph.js";
import { nodeName } from "../../network/names.js";
import { closePopover, openMenu, openPopover } from "../../widgets/menu.js";
import { scopesOf } from "./node_scopes.js";

const TEXTS = texts(import.meta.url, {
  title: "Change {name}",
  rename: "Rename",
  renameOf: "Rename {name}",
  name: "Name",
  nameRule: "Small letters, digits and _, a letter first",
  wrap: "Wrap in a residual",
  wrapDetail: "what it reads is added to what it gives",
  wrapFrom: "Wrap in a residual from {name} on",
  layers: "Layers",
  repeat: "Repeat",
  repeatDetail: "several times, one after the other, each with weights of its own",
  repeatOf: "Repeat {name}",
  times: "Times",
  open: "Write out its layers",
  openDetail: "the same network, node by node: each of them can be changed",
  remove: "Remove {name}",
  changedMeanwhile: "The network has changed meanwhile. Nothing was written out.",
});

/** How often a block is repeated at first, and at most. */
const TWICE = 2;
const MOST_TIMES = 1000;

/**
 * Open the menu of a column.
 *
 * @param {HTMLElement} anchor @param {RunControl} run @param {Placed} column @param {Placed[]} columns
 */
export function openNodeMenu(anchor, run, column, columns) {
  const { experiment } = run.state;
  if (!experiment || !run.control) return;
  const scopes = scopesOf(experiment, column, columns);
  const entries = scopes.flatMap((scope) => entriesOf(anchor, run, scope, scopes.length > 1));
  if (entries.length > 0) openMenu(anchor, TEXTS.title({ name: nodeName(column.head) }), entries);
}

/**
 * @param {HTMLElement} anchor @param {RunControl} run @param {Scope} scope
 * @param {boolean} isOneOfSeveral then its entries stand below its name
 * @returns {Entry[]}
 */
function entriesOf(anchor, run, scope, isOneOfSeveral) {
  const { catalog, description } = run.state;
  const judged = description?.outputs.some((name) => `${name}.`.startsWith(`${scope.name}.`));
  const name = nodeName(scope.name);
  const group = isOneOfSeveral ? { group: name } : {};
  const { node, inside } = scope;
  const expands = [...(catalog["blocks"] ?? []), ...(catalog["architectures"] ?? [])];
  const opens = expands.some(({ kind }) => kind === node.kind) && node["times"] !== 1;
  return [
    ...(opens
      ? [{ ...group, label: TEXTS.open, detail: TEXTS.openDetail, run: () => void writeOut(run, scope) }]
      : []),
    { ...group, label: TEXTS.wrap, detail: TEXTS.wrapDetail, run: () => wrap(anchor, run, scope) },
    { ...group, label: TEXTS.repeat, detail: TEXTS.repeatDetail, run: () => repeat(anchor, run, scope) },
    { ...group, label: TEXTS.rename, run: () => rename(anchor, run, scope) },
    ...(inside && !judged
      ? [
          {
            ...group,
            label: TEXTS.remove({ name }),
            run: () => change(run, (each) => removeNode(catalog, each, scope.pointer)),
          },
        ]
      : []),
  ];
}

/** @param {RunControl} run @param {(experiment: Experiment) => Experiment} made */
function change(run, made) {
  const { experiment } = run.state;
  if (!experiment) return;
  try {
    run.edit(made(experiment));
  } catch (error) {
    if (!(error instanceof CannotEnclose)) throw error;
    run.notify(error.message, "error");
  }
}

/** @param {HTMLElement} anchor @param {RunControl} run @param {Scope} scope */
function wrap(anchor, run, scope) {
  const { list, first, ends } = scope;
  const done = (/** @type {number} */ count) =>
    change(run, (experiment) =>
      enclosed(experiment, list, first, ends[count - 1] ?? first, { kind: "residual" }),
    );
  if (ends.length === 1) return done(1);
  askNumber(anchor, TEXTS.wrapFrom({ name: nodeName(scope.name) }), TEXTS.layers, 1, ends.length, done);
}

/** @param {HTMLElement} anchor @param {RunControl} run @param {Scope} scope */
function repeat(anchor, run, scope) {
  const { list, first, last, node } = scope;
  const now = isRepeated(node) ? Number(node["times"]) : TWICE;
  askNumber(anchor, TEXTS.repeatOf({ name: nodeName(scope.name) }), TEXTS.times, now, MOST_TIMES, (times) =>
    change(run, (experiment) => repeated(experiment, list, first, last, times)),
  );
}

/** @param {HTMLElement} anchor @param {RunControl} run @param {Scope} scope */
function rename(anchor, run, { name, node, pointer }) {
  const field = element("input", {
    type: "text",
    id: uniqueId("name"),
    value: node.name,
    maxlength: 40,
    pattern: "[a-z][a-z0-9_]*",
    title: TEXTS.nameRule,
    required: true,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
  });
  ask(anchor, TEXTS.renameOf({ name: nodeName(name) }), TEXTS.name, field, () =>
    change(run, (experiment) => renamed(experiment, pointer, field.value)),
  );
}

/**
 * @param {HTMLElement} anchor @param {string} title @param {string} label @param {number} value
 * @param {number} most @param {(number: number) => void} done
 */
function askNumber(anchor, title, label, value, most, done) {
  const field = element("input", {
    type: "number",
    class: "number",
    id: uniqueId("number"),
    value: String(value),
    min: "1",
    max: String(most),
    step: "1",
    required: true,
  });
  ask(anchor, title, label, field, () => done(field.valueAsNumber));
}

/**
 * A question with one field; its button does what is asked for, unless the field refuses what it holds.
 *
 * @param {HTMLElement} anchor @param {string} title also the button's @param {string} label
 * @param {HTMLInputElement} field @param {() => void} done
 */
function ask(anchor, title, label, field, done) {
  const form = element(
    "form",
    { class: "node-question" },
    element("label", { for: field.id }, label),
    field,
    element("button", { class: "button primary" }, title),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    closePopover();
    done();
  });
  openPopover(anchor, title, [form]);
  field.select();
}

/** @param {RunControl} run @param {Scope} scope */
async function writeOut(run, { pointer }) {
  const { experiment } = run.state;
  if (!experiment) return;
  const at = (/** @type {Experiment} */ each) =>
    valueAt(/** @type {Json} */ (/** @type {unknown} */ (each)), pointer);
  try {
    const block = await writtenOut(experiment, pointer);
    const now = run.state.experiment;
    if (now && isEqual(at(now), at(experiment))) run.edit(withValue(now, pointer, block));
    else run.notify(TEXTS.changedMeanwhile, "error");
  } catch (error) {
    run.explain(error);
  }
}
