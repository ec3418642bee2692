/** Ways to look at the whole network, without selecting a part of it first. */

import { element } from "../../core/dom.js";

/** Tabs of the inspector, and what they are called here. */
const WAYS = /** @type {const} */ ([
  ["trajectory", "Trajectory"],
  ["landscape", "Landscape"],
  ["variants", "Race"],
]);

/** @param {(tab: string) => void} open @returns {HTMLElement} hidden until there is a network */
export function wholeNetworkTools(open) {
  return element(
    "div",
    { class: "whole-tools", role: "group", "aria-label": "The whole network", hidden: true },
    ...WAYS.map(([tab, title]) => element("button", { type: "button", onclick: () => open(tab) }, title)),
  );
}
