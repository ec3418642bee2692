/** Ways to look at the whole network, without selecting a part of it first. */

import { element } from "../../core/dom.js";
import { oneStop } from "../../core/roving.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  trajectory: "Trajectory",
  landscape: "Landscape",
  race: "Race",
  theWholeNetwork: "The whole network",
});

/** Tabs of the inspector, and what they are called here. */
const WAYS = /** @type {const} */ ([
  ["trajectory", TEXTS.trajectory],
  ["landscape", TEXTS.landscape],
  ["variants", TEXTS.race],
]);

/** @param {(tab: string) => void} open @returns {HTMLElement} hidden until there is a network */
export function wholeNetworkTools(open) {
  const tools = element(
    "div",
    { class: "whole-tools", "aria-label": TEXTS.theWholeNetwork, hidden: true },
    ...WAYS.map(([tab, title]) => element("button", { type: "button", onclick: () => open(tab) }, title)),
  );
  oneStop(tools);
  return tools;
}
