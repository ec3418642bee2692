/** The problems that the server found in an edit, shown at their fields until the next edit. */

/** @import { Located } from "../types.d.ts" */
/** @import { Context } from "../form/field.js" */
/** @import { RunControl } from "../run/run.js" */

import { clearProblems, showProblems } from "../form/form.js";

/**
 * Show a run's problems at their fields, now and whenever they change.
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
}
