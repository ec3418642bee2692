/** The step that the units and numbers in the drawing of the network are of, behind the run's while that trains. */

/** @import { RunControl } from "../../run/run.js" */

import { element, setText } from "../../core/dom.js";
import { wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { hasPlane } from "../../catalog/catalog.js";
import { stepOf } from "../../run/newest_frames.js";
import { onLeave } from "../../widgets/until_first_frame.js";

const TEXTS = texts(import.meta.url, {
  step: "step {step}",
});

/** @param {RunControl} run @returns {HTMLElement} empty until something is drawn */
export function shownStep(run) {
  const place = element("p", { class: "shown-step" });
  const say = () => {
    const { catalog, experiment } = run.state;
    const units = hasPlane(catalog, experiment) ? "surface" : "activation_maps";
    const step = stepOf([run.latest.get(units)]);
    setText(place, step === null ? "" : TEXTS.step({ step: wholeNumber(step) }));
  };
  for (const probe of ["surface", "activation_maps"]) run.onFrame(probe, say);
  onLeave(run, say);
  return place;
}
