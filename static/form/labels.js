/** What options are called on the page. */

/** @import { Schema } from "../types.d.ts" */

import { sentenceCase } from "../core/format.js";
import { texts } from "../core/texts.js";

/** Names that a form would otherwise shout or mumble. @type {Record<string, string>} */
const NAMES = texts(import.meta.url, {
  data: "Data set",
  seed: "Seed",
  loss: "Loss",
  op: "Comparison",
  l1: "L1",
  l2: "L2",
  beta1: "β₁",
  beta2: "β₂",
  gamma: "γ",
});

/** @param {string} name @param {Schema} schema */
export function labelOf(name, schema) {
  // A letter of a formula means nothing to who has not read it: its words stand beside it.
  if (name.length === 1 && schema.description)
    return (
      `${name}, ` +
      `${schema.description.replace(/[.;:].*$/, "").replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase())}`
    );
  return NAMES[name] ?? schema.label ?? sentenceCase(schema.title && name === "kind" ? schema.title : name);
}
