/** The experiment as a file: its JSON, and the script that the server makes of it. */

/** @import { Experiment } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */

import { exported, exportedRun } from "../../core/api.js";
import { download } from "../../core/download.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  exportedAs: "Exported as {name}",
  experimentWasNotExported: "The experiment was not exported: {message}",
});

/** @param {Experiment | null} experiment */
export function save(experiment) {
  if (!experiment) return;
  const name =
    experiment.title
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "") || "experiment";
  download(new Blob([JSON.stringify(experiment, null, 1)], { type: "application/json" }), `${name}.json`);
}

/**
 * What the server makes of the experiment: a script, or an archive where data go with it.
 *
 * @param {RunControl} run @param {Experiment | null} experiment
 */
export async function exportScript(run, experiment) {
  if (!experiment) return;
  try {
    const shown = run.state.run;
    const { name, bytes } = await (shown && !shown.control
      ? exportedRun(shown.id, "python")
      : exported(experiment, "python"));
    download(bytes, name);
    run.notify(TEXTS.exportedAs({ name }), "info");
  } catch (error) {
    run.notify(
      TEXTS.experimentWasNotExported({ message: error instanceof Error ? error.message : String(error) }),
      "error",
    );
  }
}
