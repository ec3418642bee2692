/** What the server says of fields: the problems of an edit, until the next one, and warnings, while they hold. */

/** @import { Located } from "../types.d.ts" */
/** @import { Context } from "../form/field.js" */
/** @import { RunControl } from "../run/run.js" */

import { clearProblems, fieldNear, showProblems } from "../form/form.js";

/**
 * Show a run's problems and warnings at their fields, now and whenever they change.
 *
 * @param {RunControl} run @param {Context["fields"]} fields
 */
export function showFieldProblems(run, fields) {
  /** @type {Located[]} */
  let shown = [];
  run.store.watch(
    (state) => state.problems,
    (problems) => {
      clearProblems(fields, shown);
      showProblems(fields, problems);
      shown = problems;
    },
  );
  run.store.watch(
    (state) => state.description?.warnings,
    (warnings = []) => {
      for (const field of fields.values()) field.warn(null);
      for (const warning of warnings) fieldNear(fields, warning.pointer)?.warn(warning);
    },
  );
}
