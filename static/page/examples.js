/** The menu of examples to start from, and the way to all of them as pictures. */

/** @import { Preset } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */

import { at } from "../core/address.js";
import { getPresets } from "../core/api.js";
import { element } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { closePopover, openPopover, walkable } from "../widgets/menu.js";

/** The texts of this module. */
const TEXTS = texts(import.meta.url, {
  title: "Examples",
  all: "All examples as pictures",
  allDetail: "with what to notice in each",
});

/**
 * @param {HTMLElement} anchor
 * @param {RunControl} run
 */
export async function openPresets(anchor, run) {
  // Their questions are not loaded with the page; without a server the titles will do.
  const known = await getPresets().catch(() => run.state.presets);
  const content = [...grouped(known)].flatMap(([group, presets]) => [
    element("h3", { class: "caption" }, group),
    ...presets.map((preset) => entry(run, preset)),
  ]);
  const gallery = element(
    "a",
    { class: "menu-item", href: at("/gallery") },
    element("span", {}, TEXTS.all, element("small", {}, TEXTS.allDetail)),
  );
  walkable(openPopover(anchor, TEXTS.title, [...content, element("hr"), gallery]));
}

/**
 * The presets by the title of their group, in the order in which groups first come.
 *
 * @param {Preset[]} presets
 */
export function grouped(presets) {
  /** @type {Map<string, Preset[]>} */
  const groups = new Map();
  for (const preset of presets) groups.set(preset.group, [...(groups.get(preset.group) ?? []), preset]);
  return groups;
}

/**
 * @param {RunControl} run
 * @param {Preset} preset
 */
function entry(run, { title, question, experiment }) {
  const open = async () => {
    closePopover();
    try {
      await run.start(experiment, { example: true });
    } catch (error) {
      run.notify(error instanceof Error ? error.message : String(error), "error");
    }
  };
  return element(
    "button",
    { type: "button", class: "menu-item", onclick: open },
    element("span", {}, title, element("small", {}, question)),
  );
}
