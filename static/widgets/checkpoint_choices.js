/** The checkpoints of a run as the options of a select. */

/** @import { Checkpoint } from "../core/api.js" */
/** @import { RunControl } from "../run/run.js" */

import { listCheckpoints } from "../core/api.js";
import { element } from "../core/dom.js";
import { wholeNumber } from "../core/format.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  step: "{name}, step {step}",
  checkpointsCannotBeListed: "The checkpoints cannot be listed: {why}",
});

/** @typedef {[value: string, label: string]} Choice */

/** @param {Pick<Checkpoint, "name" | "step">[]} checkpoints @returns {Choice[]} */
export function choicesOf(checkpoints) {
  return checkpoints.map(({ name, step }) => [
    name,
    TEXTS.step({ name: name.replaceAll("_", " "), step: wholeNumber(step) }),
  ]);
}

/**
 * The checkpoints that the run has by now; null where they cannot be listed, and then the run says why.
 *
 * @param {RunControl} run @returns {Promise<Choice[] | null>}
 */
export async function listChoices(run) {
  const { run: shown } = run.state;
  if (!shown) return null;
  try {
    return choicesOf(await listCheckpoints(shown.id));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    run.notify(TEXTS.checkpointsCannotBeListed({ why }), "error");
    return null;
  }
}

/**
 * Replace the options of a select; what is chosen stays chosen where it is still there.
 *
 * @param {HTMLSelectElement} select @param {Choice[]} choices
 */
export function offer(select, choices) {
  const { value: chosen } = select;
  const options = choices.map(([value, label]) =>
    element("option", { value, selected: value === chosen }, label),
  );
  select.replaceChildren(...options);
}
