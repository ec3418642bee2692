/** The warnings of nodes, drawn by a script that is fetched with the first of them. */

/** @import { RunControl } from "../../run/run.js" */
/** @import { Stage } from "./stage.js" */

import { nodesWarned } from "../../network/warned_nodes.js";

/** @param {HTMLElement} root the stage's place @param {RunControl} run @param {Stage} stage */
export function watchForWarnings(root, run, stage) {
  let asked = false;
  run.store.watch(
    (state) => state.description,
    (description) => {
      if (asked || nodesWarned(description).length === 0) return;
      asked = true;
      import("./warnings.js").then(
        ({ showWarnings }) => showWarnings(root, run, stage),
        () => (asked = false), // asked again with the next description
      );
    },
  );
}
