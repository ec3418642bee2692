/** What the server says of a run by itself, given to the parts that it concerns. */

/** @import { JsonObject, Status } from "../types.d.ts" */
/** @import { Store } from "../core/store.js" */
/** @import { Studies } from "../core/studies.js" */
/** @import { Change, Changes } from "./changes.js" */
/** @import { Demand } from "./demand.js" */
/** @import { Draft } from "./draft.js" */
/** @import { Rows } from "./rows.js" */
/** @import { Scrub } from "./scrub.js" */
/** @import { State } from "./state.js" */
/** @import { OptimisticStatus } from "./status.js" */

import { texts } from "../core/texts.js";
import { notify } from "./notice.js";
import { isScalar } from "./rows.js";
import { renamed } from "./status.js";

const TEXTS = texts(import.meta.url, {
  refused: "The {command} that waited was refused: {detail}",
});

/**
 * @typedef {{ store: Store<State>, status: OptimisticStatus, draft: Draft, demand: Demand, rows: Rows,
 * changes: Changes, scrub: Scrub, studies: Studies }} Parts
 */

/** @param {JsonObject} message @param {Parts} parts */
export function hear(message, { store, status, draft, demand, rows, changes, scrub, studies }) {
  switch (message["type"]) {
    case "status": {
      const { heard } = status;
      if (heard && message["life"] !== heard.life) scrub.forget();
      status.hear(/** @type {Status} */ (/** @type {unknown} */ (message)));
      const { run } = store.state;
      if (run) store.set({ run: renamed(run, message) });
      return;
    }
    case "edited":
      draft.rebase(/** @type {any} */ (message["experiment"]), Number(message["revision"]));
      changes.edited(message);
      return;
    case "event":
      changes.heard(/** @type {Change} */ (/** @type {unknown} */ (message["event"])));
      return;
    case "gap":
      if (isScalar(message["probe"])) rows.fill(message["probe"]);
      return;
    case "study":
      studies.hear(message);
      return;
    case "unwatched":
      demand.lapsed(String(message["probe"]), String(message["detail"]));
      return;
    case "refused":
      notify(
        store,
        TEXTS.refused({ command: String(message["command"]), detail: String(message["detail"]) }),
        "error",
      );
      return;
  }
}
