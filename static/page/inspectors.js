/**
 * The tabs of the drawer: ways of looking into the network, each a panel with what it asks the run for.
 *
 * A new one is an entry of this list and a panel; the drawer shows it where it applies, and asks for its
 * probes only while it is open.
 */

/** @import { JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run.js" */
/** @import { Stage } from "./stage.js" */
/** @import { Placed } from "../draw/layout.js" */

import { weightsPanel } from "../panels/weights.js";

/**
 * @typedef {object} Inspector
 * @property {string} id remembered as the tab that was open
 * @property {string} title
 * @property {boolean} [tall] whether it needs more room than the node's own form
 * @property {(run: RunControl, column: Placed) => boolean} applies whether there is something to see of the selected column
 * @property {(run: RunControl, stage: Stage) => HTMLElement} build the panel, once, when first opened
 * @property {(run: RunControl, stage: Stage) => JsonObject[]} [demand] the probes it needs while it is open
 */

/** @type {Inspector[]} */
export const INSPECTORS = [
  { id: "weights", title: "Weights", applies: () => true, build: (run, stage) => weightsPanel(run, () => stage.layout) },
];
