/** What the diagnosis finds, shown by a script that is fetched with the first finding. */

/** @import { RunControl } from "../run/run.js" */

/** @param {HTMLElement} stage @param {RunControl} run */
export function watchForFindings(stage, run) {
  let asked = false;
  run.store.watch(
    (state) => state.findings,
    (findings) => {
      if (asked || findings.length === 0) return;
      asked = true;
      import("./diagnosis.js").then(
        ({ showDiagnosis }) => showDiagnosis(stage, run),
        () => (asked = false), // asked again with the next finding
      );
    },
  );
}
