/** Panels that are fetched when they are first opened, and what they ask the run for. */

/** @import { JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { StageView } from "../network/layout.js" */
/** @import { Placed } from "../network/layout.js" */

import { element } from "../core/dom.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  oneMoment: "One moment …",
  panelCannotBe: "This panel cannot be fetched: {message}. Reload to try again.",
});

/** @typedef {{ element: HTMLElement, demand: () => JsonObject[] }} Panel */

/**
 * @typedef {object} InspectorTab a tab of the inspector
 * @property {string} id remembered as the tab that was open
 * @property {string} title
 * @property {"unit" | "network"} group what it looks at
 * @property {string} shows what it will show and how to get it, where it shows nothing yet: a sentence
 * @property {string[]} [reads] the probes whose frames it shows; left out: what it shows, it is asked for
 * @property {boolean} [tall] whether it needs more room than the node's own form
 * @property {boolean} [whole] whether it looks at the whole network, and is left when another unit is selected
 * @property {boolean} [keeps] whether it goes on asking for its probes once it was opened, so that what it
 * collects has no hole
 * @property {(run: RunControl, column: Placed) => boolean} applies whether there is something to see of the
 * selected column
 * @property {(run: RunControl, stage: StageView) => HTMLElement} build the panel, once, when first opened
 * @property {(run: RunControl, stage: StageView) => JsonObject[]} [demand] the probes it needs while it is open
 */

/** @typedef {(run: RunControl, stage: StageView) => Panel} MakePanel */

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
 * A place for a panel whose code comes when the place is first shown.
 *
 * @param {RunControl} run @param {StageView} stage @param {() => Promise<MakePanel>} load
 * @returns {Panel & { show: () => void }}
 */
export function whenShown(run, stage, load) {
  const { build, demand } = lazily(load);
  const place = element("div");
  const show = () => {
    if (!place.hasChildNodes()) place.append(build(run, stage));
  };
  return { element: place, show, demand: () => demand?.(run, stage) ?? [] };
}

/**
 * The tab of a panel whose code comes when it is first opened.
 *
 * @param {() => Promise<MakePanel>} load
 * @returns {Pick<InspectorTab, "build" | "demand">}
 */
export function lazily(load) {
  /** @type {Panel | null} */
  let panel = null;
  return {
    build: (run, stage) => {
      const place = element("div", { class: "lazy" }, element("p", { class: "note" }, TEXTS.oneMoment));
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
              TEXTS.panelCannotBe({ message: error instanceof Error ? error.message : String(error) }),
            ),
          ),
      );
      return place;
    },
    demand: () => panel?.demand() ?? [],
  };
}
