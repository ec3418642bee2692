/** The rarer options of a probe, as its JSON Schema has them: under “More”, and only where they mean something. */

/** @import { Json, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run.js" */

import { element, setText } from "../dom.js";
import { control } from "../form/form.js";
import { resolved, variants } from "../form/schema.js";

/**
 * @param {RunControl} run @param {string} kind of the probe
 * @param {Record<string, () => boolean>} offered names of options, and whether each means something now
 * @param {() => void} changed @param {() => string} [remark] what else is to be said, in a sentence
 */
export function moreOptions(run, kind, offered, changed, remark = () => "") {
  const { schema, catalog } = run.state;
  const probes = variants(schema, resolved(schema, schema.properties?.["watch"] ?? {}).items ?? {});
  const properties = probes?.get(kind)?.properties ?? {};
  /** @type {Record<string, Json>} */
  const values = {};
  const context = {
    root: schema,
    fields: new Map(),
    item: (/** @type {string} */ name) => Object.values(catalog).flat().find((each) => each.kind === name),
    change: (/** @type {string} */ pointer, /** @type {Json} */ value) => {
      values[pointer.slice(1)] = value;
      controls.forEach(([name, made]) => made.update(values[name] ?? null));
      changed();
    },
  };
  const controls = Object.keys(offered).map((name) => {
    const option = properties[name] ?? {};
    const made = control(context, `/${name}`, name, option);
    values[name] = option.default ?? null;
    made.update(values[name]);
    return /** @type {const} */ ([name, made]);
  });
  const note = element("p", { class: "note" });
  const details = element("details", { class: "more downward" }, element("summary", {}, "More"), element("div", { class: "group" }, ...controls.map(([, made]) => made.element)), note);
  return {
    element: details,
    /** Show what means something for the network as it is. */
    update() {
      setText(note, remark());
      for (const [name, made] of controls) made.element.hidden = !offered[name]?.();
      details.hidden = note.textContent === "" && controls.every(([, made]) => made.element.hidden);
    },
    /** @returns {JsonObject} what is asked for, of the options that mean something */
    values: () => Object.fromEntries(controls.filter(([name]) => offered[name]?.()).map(([name]) => [name, values[name] ?? null])),
  };
}
