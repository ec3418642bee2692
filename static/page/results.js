/** The right column: what came of it. Which panels, the data decide. */

/** @import { RunControl } from "../run.js" */

import { element } from "../dom.js";
import { confusionMatrixPanel } from "../panels/confusion_matrix.js";
import { evaluationPanel } from "../panels/evaluation.js";
import { samplesPanel } from "../panels/samples.js";
import { surfacePanel } from "../panels/surface.js";
import { dataset } from "./catalog.js";
import { chosenPanel } from "./chosen.js";
import { section } from "./settings.js";

/** @param {HTMLElement} root @param {RunControl} run */
export function buildResults(root, run) {
  const surface = section("Output", surfacePanel(run));
  const chosen = section("Chosen picture", chosenPanel(run));
  const matrix = section("Confusion matrix", confusionMatrixPanel(run));
  const samples = section("Samples", samplesPanel(run));
  const totals = element("p", { class: "totals note" });
  root.append(surface, evaluationPanel(run), chosen, matrix, samples, totals);
  run.store.watch((state) => state.experiment?.data.kind, () => {
    const kinds = shownKinds(run);
    surface.hidden = !kinds.surface;
    matrix.hidden = !kinds.matrix;
    chosen.hidden = !kinds.chosen;
    samples.hidden = kinds.surface;
  });
  run.store.watch((state) => state.description, (description) => {
    if (!description) return;
    const { parameters, macs } = description.totals;
    totals.textContent = `${parameters.toLocaleString("en-US")} parameters, ${macs.toLocaleString("en-US")} multiply-adds a sample`;
  });
}

/** @param {RunControl} run */
export function shownKinds(run) {
  const { catalog, experiment } = run.state;
  const item = experiment ? dataset(catalog, experiment) : undefined;
  const surface = Boolean(item?.plane);
  return { surface, chosen: Boolean(item?.brightest), matrix: !surface && Boolean(item?.classes) };
}
