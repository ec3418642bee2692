/** What the server refused, said at the fields it is about; it stands until the next edit. */

/** @import { Located } from "../types.d.ts" */
/** @import { Context } from "../form/field.js" */
/** @import { RunControl } from "../run/run.js" */

import { clearProblems, showProblems } from "../form/form.js";

/** @param {RunControl} run @param {Context["fields"]} fields */
export function sayComplaints(run, fields) {
  /** @type {Located[]} */
  let said = [];
  run.store.watch(
    (state) => state.problems,
    (problems) => {
      clearProblems(fields, said);
      showProblems(fields, problems);
      said = problems;
    },
  );
}
