/** Controls of one value: yes or no, one of a few words, several of a few words, text. */

/** @import { Json, Schema } from "../types.d.ts" */
/** @import { Context, Control } from "./field.js" */

import { element, uniqueId } from "../core/dom.js";
import { featureName, sentenceCase } from "../core/format.js";
import { oneStop } from "../core/roving.js";
import { texts } from "../core/texts.js";
import { field, helpOf, isBusy } from "./field.js";
import { labelOf } from "./labels.js";
import { isNestedList, resolved } from "./schema.js";

const TEXTS = texts(import.meta.url, { auto: "auto" });

/**
 * @param {Context} context @param {string} pointer @param {string} name @param {Schema} schema
 * @returns {Control}
 */
export function toggleControl(context, pointer, name, schema) {
  const input = element("input", {
    type: "checkbox",
    role: "switch",
    class: "switch",
    id: uniqueId("field"),
  });
  input.addEventListener("change", () => context.change(pointer, input.checked));
  return {
    element: field(context, pointer, name, schema, input, [input], "inline"),
    update(value) {
      input.checked = value === true;
    },
  };
}

/**
 * @param {Context} context @param {string} pointer @param {string} name @param {Schema} schema
 * @param {boolean} nullable @returns {Control}
 */
export function choiceControl(context, pointer, name, schema, nullable) {
  const values = [...(nullable ? [null] : []), ...(schema.enum ?? schema.examples ?? [])];
  const option = (/** @type {Json} */ value, /** @type {number} */ index) =>
    element("option", { value: index }, value === null ? TEXTS.auto : optionName(String(value), schema));
  const select = element("select", { id: uniqueId("field") }, ...values.map(option));
  select.addEventListener("change", () => context.change(pointer, values[Number(select.value)] ?? null));
  return {
    element: field(context, pointer, name, schema, select, [chosen(select)], "inline"),
    update(value) {
      // Of examples, others may be valid as well: of a task of a plug-in.
      if (!schema.enum && !values.includes(value)) select.append(option(value, values.push(value) - 1));
      select.value = String(values.indexOf(value));
    },
  };
}

/** One of the values of a choice in words. @param {string} value @param {Schema} schema */
function optionName(value, schema) {
  return schema.labels?.[value] ?? sentenceCase(value);
}

/** A select with our own arrow. @param {HTMLSelectElement} select */
export function chosen(select) {
  return element("span", { class: "select" }, select);
}

/**
 * Several of a few words, each a button that is pressed or not.
 *
 * @param {Context} context @param {string} pointer @param {string} name @param {Schema} schema
 * @returns {Control}
 */
export function marksControl(context, pointer, name, schema) {
  const all = resolved(context.root, schema.items ?? {}).enum ?? [];
  /** @type {Json[]} */
  let marked = [];
  const buttons = all.map((value) =>
    element(
      "button",
      { type: "button", class: "mark", "aria-pressed": "false", onclick: () => toggle(value) },
      featureName(String(value)),
    ),
  );
  /** @param {Json} value */
  function toggle(value) {
    const after = all.filter((each) => (each === value ? !marked.includes(each) : marked.includes(each)));
    context.change(pointer, after);
  }
  const group = element(
    "div",
    { class: "marks", "aria-label": labelOf(name, schema), id: uniqueId("field") },
    ...buttons,
  );
  oneStop(group);
  const row = field(context, pointer, name, schema, group, [group], "wide");
  return {
    element: row,
    update(value) {
      marked = Array.isArray(value) ? value : [];
      buttons.forEach((button, index) =>
        button.setAttribute("aria-pressed", String(marked.includes(all[index] ?? null))),
      );
      context.fields.get(pointer)?.complain(null);
    },
  };
}

/**
 * Text, or a number or word, or words with commas; empty is null where that is allowed.
 *
 * @param {Context} context @param {string} pointer @param {string} name @param {Schema} schema
 * @param {boolean} nullable @returns {Control}
 */
export function textControl(context, pointer, name, schema, nullable) {
  const input = element("input", {
    type: "text",
    class: "text",
    id: uniqueId("field"),
    autocomplete: "off",
    spellcheck: "false",
    placeholder: nullable ? TEXTS.auto : undefined,
    title: helpOf(schema),
  });
  /** @type {Json} */
  let shown = null;
  input.addEventListener("input", () => (input.dataset["dirty"] = "yes"));
  input.addEventListener("change", () => {
    delete input.dataset["dirty"];
    const value = parseText(input.value, context.root, schema, nullable);
    if (JSON.stringify(value) !== JSON.stringify(shown)) context.change(pointer, value);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") input.value = written(shown);
  });
  const row = field(context, pointer, name, schema, input, [input], "inline");
  return {
    element: row,
    update(value) {
      if (isBusy(input)) return;
      if (row.classList.contains("invalid") && JSON.stringify(value) === JSON.stringify(shown)) return;
      shown = value;
      context.fields.get(pointer)?.complain(null);
      input.value = written(value);
    },
  };
}

/**
 * What was typed as a value: 3; 3, 5 where a list may be; [[3, 5], [8, 8]] where lists of lists may be; same.
 *
 * @param {string} typed @param {import("../types.d.ts").Schema} root @param {Schema} schema
 * @param {boolean} nullable @returns {Json}
 */
export function parseText(typed, root, schema, nullable) {
  const plain = typed.trim();
  if (plain === "" && nullable) return null;
  if (isNestedList(root, schema)) return parsedLists(plain);
  if (schema.type === "array") {
    const numbers = ["integer", "number"].includes(resolved(root, schema.items ?? {}).type ?? "");
    const parts = plain.split(/[\s,]+/).filter(Boolean);
    return numbers ? parts.map((part) => (Number.isFinite(Number(part)) ? Number(part) : part)) : parts;
  }
  const lists = schema.anyOf?.some((each) => each.type === "array");
  if (lists && /^[-\d.]+(\s*[,×x]\s*|\s+)[-\d.]/.test(plain))
    return plain
      .split(/[\s,×x]+/)
      .filter(Boolean)
      .map(Number);
  if (schema.anyOf && plain !== "" && Number.isFinite(Number(plain))) return Number(plain);
  return plain;
}

/** What is no JSON stays text, which the server refuses at the field. @param {string} plain @returns {Json} */
function parsedLists(plain) {
  try {
    return JSON.parse(plain);
  } catch {
    return plain;
  }
}

/** @param {Json} value */
function written(value) {
  if (value === null) return "";
  if (Array.isArray(value) && value.some(Array.isArray)) return JSON.stringify(value).replaceAll(",", ", ");
  return Array.isArray(value) ? value.join(", ") : String(value);
}
