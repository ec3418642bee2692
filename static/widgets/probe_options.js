/**
 * The rarer options of a probe, as its JSON Schema has them: under “More”, and only where they mean
 * something.
 */

/** @import { Json, JsonObject, Schema } from "../types.d.ts" */
/** @import { Context, Control } from "../form/field.js" */
/** @import { RunControl } from "../run/run.js" */

import { element, setText, uniqueId } from "../core/dom.js";
import { nodeName } from "../core/format.js";
import { texts } from "../core/texts.js";
import { field } from "../form/field.js";
import { control } from "../form/form.js";
import { resolved, variants } from "../form/schema.js";
import { chosen } from "../form/simple.js";

const TEXTS = texts(import.meta.url, {
  more: "More",
  auto: "auto",
});

/**
 * @param {RunControl} run @param {string} kind of the probe
 * @param {Record<string, () => boolean | string[]>} offered names of options, and whether each means
 * something now; of one
 *   that is a node, the nodes to choose among
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
    item: (/** @type {string} */ name) =>
      Object.values(catalog)
        .flat()
        .find((each) => each.kind === name),
    change: (/** @type {string} */ pointer, /** @type {Json} */ value) => {
      values[pointer.slice(1)] = value;
      controls.forEach(([name, made]) => made.update(wanted(name)));
      changed();
    },
  };
  const offer = (/** @type {string} */ name) => offered[name]?.() ?? false;
  const nodes = (/** @type {string} */ name) =>
    [offer(name)].flat().filter((each) => typeof each === "string");
  const means = (/** @type {string} */ name) => offer(name) === true || nodes(name).length > 0;
  /** A node that is there no more is not asked for. @param {string} name */
  const wanted = (name) =>
    offer(name) === true || nodes(name).includes(String(values[name])) ? (values[name] ?? null) : null;
  const controls = Object.keys(offered).map((name) => {
    const option = properties[name] ?? {};
    const made = Array.isArray(offer(name))
      ? nodeControl(context, name, option, () => nodes(name))
      : control(context, `/${name}`, name, option);
    values[name] = option.default ?? null;
    made.update(values[name]);
    return /** @type {const} */ ([name, made]);
  });
  const note = element("p", { class: "note" });
  const details = element(
    "details",
    { class: "more downward" },
    element("summary", {}, TEXTS.more),
    element("div", { class: "group" }, ...controls.map(([, made]) => made.element)),
    note,
  );
  return {
    element: details,
    /** Show what means something for the network as it is. */
    update() {
      setText(note, remark());
      for (const [name, made] of controls) {
        made.update(wanted(name));
        made.element.hidden = !means(name);
      }
      details.hidden = note.textContent === "" && controls.every(([, made]) => made.element.hidden);
    },
    /** @returns {JsonObject} what is asked for, of the options that mean something */
    values: () =>
      Object.fromEntries(controls.filter(([name]) => means(name)).map(([name]) => [name, wanted(name)])),
  };
}

/**
 * A node among those that will do, or none: the engine's own choice.
 *
 * @param {Context} context @param {string} name @param {Schema} option @param {() => string[]} nodes
 * @returns {Control}
 */
function nodeControl(context, name, option, nodes) {
  const select = element("select", { id: uniqueId("field") });
  select.addEventListener("change", () => context.change(`/${name}`, select.value || null));
  let listed = "";
  return {
    element: field(context, `/${name}`, name, option, select, [chosen(select)], "inline"),
    update(value) {
      const now = nodes();
      if (listed !== String(now) || select.options.length === 0) {
        listed = String(now);
        select.replaceChildren(
          element("option", { value: "" }, TEXTS.auto),
          ...now.map((each) => element("option", { value: each }, nodeName(each))),
        );
      }
      select.value = String(value ?? "");
    },
  };
}
