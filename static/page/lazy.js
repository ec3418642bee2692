/** Panels that are fetched when they are first opened, and what they ask the run for. */

/** @import { JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run.js" */
/** @import { Stage } from "./stage.js" */
/** @import { Inspector } from "./inspectors.js" */

import { element } from "../dom.js";

/** @typedef {{ element: HTMLElement, demand: () => JsonObject[] }} Panel */

/** @typedef {(run: RunControl, stage: Stage) => Panel} MakePanel */

/** @type {Set<() => void>} */
const listeners = new Set();

/** @param {() => void} listener called when an open panel wants to see something else */
export function onDemand(listener) {
  listeners.add(listener);
}

/** The open panel wants to see something else. */
export function demandChanged() {
  for (const listener of listeners) listener();
}

/**
 * The tab of a panel whose code comes when it is first opened.
 *
 * @param {() => Promise<MakePanel>} load
 * @returns {Pick<Inspector, "build" | "demand">}
 */
export function lazily(load) {
  /** @type {Panel | null} */
  let panel = null;
  return {
    build: (run, stage) => {
      const place = element("div", { class: "lazy" }, element("p", { class: "note" }, "One moment …"));
      load().then(
        (make) => {
          panel = make(run, stage);
          place.replaceChildren(panel.element);
          demandChanged();
        },
        (error) =>
          place.replaceChildren(
            element(
              "p",
              { class: "note error" },
              `This panel cannot be fetched: ${error instanceof Error ? error.message : error}. Reload to try again.`,
            ),
          ),
      );
      return place;
    },
    demand: () => panel?.demand() ?? [],
  };
}
