/** What every control shares: a label with its help, a place for the server's message. */

import { element, setAttribute, uniqueId } from "../core/dom.js";
import { explainedBy } from "../core/explained.js";
import { texts } from "../core/texts.js";
import { labelOf } from "./labels.js";
import { saidOf } from "./mending.js";

const TEXTS = texts(import.meta.url, {
  fromTo: "From {low} to {high}.",
  fromToBelow: "From {low} to below {high}.",
  aboveTo: "Above {low} to {high}.",
  aboveToBelow: "Above {low} to below {high}.",
  live: "Changes while training goes on.",
});

/** @import { CatalogItem, Json, Located, Schema } from "../types.d.ts" */

/**
 * What a form needs to know of the page around it.
 *
 * @typedef {object} Context
 * @property {Schema} root
 * @property {(pointer: string, value: Json) => void} change what the user set, and where
 * @property {(kind: string) => CatalogItem | undefined} item the catalog's entry
 * @property {Map<string, Field>} fields controls by pointer
 * @property {{ kind: string, among?: string[] }} [owner] the item whose options these are, and what it was chosen among
 */

/**
 * @typedef {object} Field
 * @property {(problem: Located | null) => void} complain
 * @property {(warning: Located | null) => void} warn
 */

/** @typedef {{ element: HTMLElement, update: (value: Json) => void }} Control */

/**
 * A label, a control and a place for a complaint, registered under its pointer.
 *
 * @param {Context} context @param {string} pointer @param {string} name @param {Schema} schema
 * @param {HTMLElement} input the focusable part
 * @param {HTMLElement[]} parts the row behind the label
 * @param {string} [kind] of the control, for its looks
 */
export function field(context, pointer, name, schema, input, parts, kind = "") {
  const id = input.id || (input.id = uniqueId("field"));
  const complaint = element("p", { class: "complaint", id: `${id}-complaint`, role: "alert", hidden: true });
  const helpText = helpOf(schema);
  const help = helpText ? element("p", { class: "help", id: `${id}-help` }, helpText) : null;
  if (help) setAttribute(input, "aria-describedby", help.id);
  const label = explainedBy(element("label", { for: id }, labelOf(name, schema)), () => ({
    label: labelOf(name, schema),
    description: helpText,
    pointer,
    ...(context.owner ? { ...context.owner, option: name } : {}),
  }));
  const row = element(
    "div",
    { class: `field ${kind}`, "data-pointer": pointer },
    label,
    ...parts,
    complaint,
    help,
  );
  const mark = (/** @type {boolean} */ invalid) => {
    setAttribute(input, "aria-invalid", invalid ? "true" : null);
    setAttribute(input, "aria-describedby", invalid ? complaint.id : (help?.id ?? null));
    row.classList.toggle("invalid", invalid);
  };
  context.fields.set(pointer, wordsAt(complaint, mark));
  return row;
}

/**
 * What the server says of a value, at its place: a problem with an edit, and below it a warning.
 *
 * @param {HTMLElement} complaint @param {(invalid: boolean) => void} [mark] @returns {Field}
 */
export function wordsAt(complaint, mark) {
  /** @type {HTMLElement | null} */
  let warned = null;
  return {
    complain(problem) {
      complaint.hidden = problem === null;
      complaint.replaceChildren(...(problem ? saidOf(problem) : []));
      mark?.(problem !== null);
    },
    warn(warning) {
      warned?.remove();
      warned = warning && element("p", { class: "field-warning", role: "status" }, ...saidOf(warning));
      if (warned) complaint.after(warned);
    },
  };
}

const FROM = { to: TEXTS.fromTo, toBelow: TEXTS.fromToBelow };
const ABOVE = { to: TEXTS.aboveTo, toBelow: TEXTS.aboveToBelow };

/** @param {Schema} schema */
export function helpOf({
  description = "",
  unit,
  minimum,
  maximum,
  exclusiveMinimum,
  exclusiveMaximum,
  live,
}) {
  const low = minimum ?? exclusiveMinimum;
  const high = maximum ?? exclusiveMaximum;
  const bounds = exclusiveMinimum === undefined ? FROM : ABOVE;
  const within = exclusiveMaximum === undefined ? bounds.to : bounds.toBelow;
  const range =
    low === undefined || high === undefined
      ? ""
      : within({ low, high: `${high.toLocaleString("en-US")}${unit ? ` ${unit}` : ""}` });
  return [description, range, live ? TEXTS.live : ""].filter(Boolean).join(" ");
}

/**
 * Whether the user is at work in an element, whose value must then not change under the hands.
 *
 * @param {HTMLElement} input
 */
export function isBusy(input) {
  return document.activeElement === input && input.dataset["dirty"] === "yes";
}
