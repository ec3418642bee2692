/** The way out where a metric of the validation set is asked for, and no sample is kept for it. */

/** @import { Experiment, Json, Located } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */

import { element } from "../core/dom.js";
import { valueAt, withValue } from "../core/json.js";
import { texts } from "../core/texts.js";

const SHARE = "/data/validation_share";

/** The share that is offered. */
const OFFERED = 0.2;

const TEXTS = texts(import.meta.url, { keepSome: "Keep {percent} % for validation" });

/**
 * A button that does what was refused, with samples kept for validation; hidden where that is no help.
 *
 * @param {RunControl} run
 */
export function validationOffer(run) {
  const button = element(
    "button",
    {
      type: "button",
      class: "button offer",
      hidden: true,
      onclick: () => {
        const { wanted } = run.state;
        if (wanted) run.edit(withValue(wanted, SHARE, OFFERED));
      },
    },
    TEXTS.keepSome({ percent: 100 * OFFERED }),
  );
  run.store.watch(
    ({ problems, wanted }) => wanted !== null && lacksValidation(problems, wanted),
    (lacking) => (button.hidden = !lacking),
  );
  return button;
}

/**
 * Whether an edit was refused because it reads the validation set, which is empty.
 *
 * @param {Located[]} problems @param {Experiment} wanted
 */
export function lacksValidation(problems, wanted) {
  const document = /** @type {Json} */ (/** @type {unknown} */ (wanted));
  if (valueAt(document, SHARE) !== 0) return false;
  return problems.some(({ pointer }) => String(valueAt(document, pointer)).startsWith("validation_"));
}
