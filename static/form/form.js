/** Forms from JSON Schema: groups of fields, items of catalogs, lists of either. */

/** @import { Json, JsonObject, Located, Schema } from "../types.d.ts" */
/** @import { Context, Control } from "./field.js" */

import { element, iconButton, uniqueId } from "../core/dom.js";
import { explainedBy } from "../core/explained.js";
import { sentenceCase } from "../core/format.js";
import { isObject } from "../core/json.js";
import { texts } from "../core/texts.js";
import { field, wordsAt } from "./field.js";
import { labelOf } from "./labels.js";
import { numberControl } from "./number.js";
import { changedKind, controlKind, defaultOf, resolved, variants, withoutNull } from "./schema.js";
import { chosen, choiceControl, marksControl, textControl, toggleControl } from "./simple.js";

const TEXTS = texts(import.meta.url, {
  addTo: "Add to {label}",
  moveUp: "Move up",
  remove: "Remove",
  add2: "Add",
});

/** Fields that say how a node is wired; the drawing is the place for them. */
const WIRING = new Set(["kind", "name", "inputs", "weights", "node", "version"]);

/**
 * The control for a value of a document.
 *
 * @param {Context} context @param {string} pointer @param {string} name @param {Schema} schema
 * @returns {Control}
 */
export function control(context, pointer, name, schema) {
  const { schema: plain, nullable } = withoutNull(context.root, schema);
  switch (controlKind(context.root, plain)) {
    case "number":
      return numberControl(context, pointer, name, plain, nullable);
    case "toggle":
      return toggleControl(context, pointer, name, plain);
    case "choice":
      return choiceControl(context, pointer, name, plain, nullable);
    case "marks":
      return marksControl(context, pointer, name, plain);
    case "variant":
      return variantControl(context, pointer, name, plain);
    case "list":
      return listControl(context, pointer, name, plain);
    case "group":
      return groupControl(context, pointer, plain);
    default:
      return textControl(context, pointer, name, plain, nullable);
  }
}

/**
 * The fields of an object, one below the other.
 *
 * @param {Context} context @param {string} pointer @param {Schema} schema
 * @param {(name: string) => boolean} [wanted]
 * @returns {Control}
 */
export function groupControl(context, pointer, schema, wanted = (name) => !WIRING.has(name)) {
  const { kind } = schema.properties ?? {};
  const own =
    kind?.const === undefined
      ? context
      : { ...context, owner: { ...context.owner, kind: String(kind.const) } };
  const controls = Object.entries(schema.properties ?? {})
    .filter(([name]) => wanted(name))
    .map(([name, each]) => /** @type {const} */ ([name, control(own, `${pointer}/${name}`, name, each)]));
  return {
    element: element("div", { class: "group" }, ...controls.map(([, each]) => each.element)),
    update(value) {
      if (!isObject(value)) return;
      for (const [name, each] of controls) each.update(value[name] ?? null);
    },
  };
}

/**
 * One item of a catalog: which kind, and below it that kind's own fields.
 *
 * @param {Context} context @param {string} pointer @param {string} name @param {Schema} schema
 * @param {(name: string, kind: string) => boolean} [wanted] which of a kind's fields
 * @returns {Control}
 */
export function variantControl(context, pointer, name, schema, wanted) {
  const choices = variants(context.root, schema) ?? new Map();
  const label = (/** @type {string} */ kind) => context.item(kind)?.label ?? sentenceCase(kind);
  /** Of a plug-in that is missing: shown, and not to be chosen. */
  const absent = element("option", { hidden: true });
  const select = element(
    "select",
    { id: uniqueId("field") },
    ...[...choices.keys()].map((kind) => element("option", { value: kind }, label(kind))),
    absent,
  );
  const below = element("div", { class: "nested" });
  /** @type {Control | null} */
  let inner = null;
  let kind = "";
  /** @type {Json} */
  let shown = null;
  select.addEventListener("change", () => {
    const variant = choices.get(select.value);
    if (variant) context.change(pointer, changedKind(context.root, variant, shown, choices.get(kind)));
  });
  const head = field(context, pointer, name, schema, select, [chosen(select)], "inline");
  const among = [...choices.keys()];
  const title = head.querySelector("label");
  if (title)
    explainedBy(title, () => ({
      label: labelOf(name, schema),
      description: schema.description ?? "",
      kind: select.value,
      among,
    }));
  return {
    element: element("div", { class: "variant" }, head, below),
    update(value) {
      shown = value;
      const next = isObject(value) ? String(value["kind"]) : "";
      if (!choices.has(next)) absent.replaceChildren(label((absent.value = next)));
      select.value = next;
      select.title = context.item(next)?.summary ?? "";
      if (next !== kind) {
        const of = (/** @type {string} */ kind) =>
          wanted && ((/** @type {string} */ each) => wanted(each, kind));
        forget(context, pointer, of(kind));
        kind = next;
        const variant = choices.get(kind);
        const own = { ...context, owner: { kind, among } };
        inner = variant ? groupControl(own, pointer, ownFirst(variant, choices), of(kind)) : null;
        below.replaceChildren(...(inner ? [inner.element] : []));
      }
      inner?.update(value);
      context.fields.get(pointer)?.complain(null);
    },
  };
}

/**
 * What all kinds have and one turns while training comes first, then what a kind alone has, then the rest.
 * @param {Schema} variant @param {Map<string, Schema>} choices @returns {Schema}
 */
function ownFirst(variant, choices) {
  const everywhere = (/** @type {string} */ name) =>
    [...choices.values()].every(({ properties }) => properties && name in properties);
  const fields = Object.entries(variant.properties ?? {});
  const rank = (/** @type {[string, Schema]} */ [name, { live }]) => (everywhere(name) ? (live ? 0 : 2) : 1);
  return { ...variant, properties: Object.fromEntries(fields.sort((one, other) => rank(one) - rank(other))) };
}

/**
 * A list of items: each with its form and buttons to move and remove it, and below all a way to add one.
 *
 * @param {Context} context @param {string} pointer @param {string} name @param {Schema} schema
 * @param {{ add?: string }} [words_]
 * @returns {Control}
 */
export function listControl(context, pointer, name, schema, { add } = {}) {
  const items = resolved(context.root, schema.items ?? {});
  const label = labelOf(name, schema);
  const body = element("ol", { class: "items" });
  const adder = addControl(context, items, add ?? TEXTS.addTo({ label: label.toLowerCase() }), (value) =>
    context.change(pointer, [...shown, value]),
  );
  const complaint = element("p", { class: "complaint", role: "alert", hidden: true });
  context.fields.set(pointer, wordsAt(complaint));
  /** @type {Json[]} */
  let shown = [];
  /** @type {Control[]} */
  let controls = [];

  /** @param {Json[]} list */
  function rebuild(list) {
    for (const known of [...context.fields.keys()])
      if (known.startsWith(`${pointer}/`)) context.fields.delete(known);
    controls = list.map((_, index) => control(context, `${pointer}/${index}`, "kind", items));
    body.replaceChildren(
      ...controls.map((each, index) => element("li", {}, each.element, itemButtons(index, list.length))),
    );
  }
  /** @param {number} index @param {number} count */
  function itemButtons(index, count) {
    const fewest = schema.minItems ?? 0;
    return element(
      "div",
      { class: "item-buttons" },
      index > 0 &&
        iconButton("up", TEXTS.moveUp, () => context.change(pointer, moved(shown, index, index - 1))),
      count > fewest &&
        iconButton("remove", TEXTS.remove, () =>
          context.change(
            pointer,
            shown.filter((_, each) => each !== index),
          ),
        ),
    );
  }
  return {
    element: element(
      "div",
      { class: "list" },
      element("div", { class: "list-head" }, element("span", {}, label), adder),
      body,
      complaint,
    ),
    update(value) {
      const list = Array.isArray(value) ? value : [];
      if (list.length !== shown.length) rebuild(list);
      shown = list;
      list.forEach((each, index) => controls[index]?.update(each));
      complaint.hidden = true;
    },
  };
}

/** @param {Context} context @param {Schema} items @param {string} label @param {(value: Json) => void} add */
function addControl(context, items, label, add) {
  const choices = variants(context.root, items);
  if (!choices) return iconButton("add", label, () => add(defaultOf(context.root, items)));
  const select = element(
    "select",
    { "aria-label": label, title: label, class: "adder" },
    element("option", { value: "" }, TEXTS.add2),
    ...[...choices.keys()].map((kind) =>
      element("option", { value: kind }, context.item(kind)?.label ?? sentenceCase(kind)),
    ),
  );
  select.addEventListener("change", () => {
    const variant = choices.get(select.value);
    select.value = "";
    if (variant) add(/** @type {JsonObject} */ (defaultOf(context.root, { ...variant, default: undefined })));
  });
  return chosen(select);
}

/** @param {Json[]} list @param {number} from @param {number} to @returns {Json[]} */
export function moved(list, from, to) {
  const copy = [...list];
  copy.splice(to, 0, ...copy.splice(from, 1));
  return copy;
}

/**
 * Fields below a pointer are about to be rebuilt: those the form shows, not what of the same item stands
 * elsewhere.
 *
 * @param {Context} context @param {string} pointer @param {(name: string) => boolean} [wanted]
 */
function forget(context, pointer, wanted = () => true) {
  for (const known of [...context.fields.keys()]) {
    const [name = ""] = known.slice(pointer.length + 1).split("/");
    if (known.startsWith(`${pointer}/`) && wanted(name)) context.fields.delete(known);
  }
}

/**
 * Put the server's messages where they belong: at the field, or at the nearest one around it.
 *
 * @param {Context["fields"]} fields @param {Located[]} problems
 * @returns {Located[]} those that have no field here
 */
export function showProblems(fields, problems) {
  return problems.filter((problem) => {
    const found = fieldNear(fields, problem.pointer);
    found?.complain(problem);
    return !found;
  });
}

/**
 * @param {Context["fields"]} fields @param {Located[]} [problems] that were shown; left out: all that is said
 */
export function clearProblems(fields, problems) {
  const marked = problems ? problems.map(({ pointer }) => fieldNear(fields, pointer)) : fields.values();
  for (const each of marked) each?.complain(null);
}

/** @param {Context["fields"]} fields @param {string} pointer */
export function fieldNear(fields, pointer) {
  for (let place = pointer; ; place = place.slice(0, place.lastIndexOf("/"))) {
    const found = fields.get(place);
    if (found || !place.includes("/")) return found;
  }
}
