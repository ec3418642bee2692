/**
 * The first layer: its filters, their spectra, how many are dead or faint, and how much the stride aliases.
 */

/** @import { Frame } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */

import { at } from "../core/address.js";
import { element } from "../core/dom.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { filterScale, filterWall } from "../widgets/filter_wall.js";
import { keepButtons } from "../widgets/save_picture.js";
import { firstConvolution } from "../catalog/applicability.js";
import { studyButton } from "../widgets/study_button.js";

const TEXTS = texts(import.meta.url, {
  filtersAndTheirSpectra: "filters and their spectra",
  countDeadFiltersAliasing: "Count dead filters and aliasing",
  filtersTheirSpectra: [
    "Filters with their spectra (zero in the middle); what a stride cannot carry folds onto coarse",
    "patterns.",
  ],
  alexnetsZfnetsFirst: "AlexNet's and ZFNet's first layers, side by side",
});

/** @param {RunControl} run */
export function firstLayerPanel(run) {
  const wall = filterWall();
  /** @type {Frame | null} */
  let newest = null;
  let together = true;
  const scale = element(
    "div",
    { hidden: true },
    filterScale((value) => {
      together = value;
      paint();
    }),
  );
  const paint = onNextPaint(() => {
    scale.hidden = !newest;
    if (newest) wall.paint(newest.arrays, run.state.theme, together);
  });

  const keep = keepButtons(
    () => wall.picture,
    () => newest,
    () => "first-layer",
    () => ({
      node: firstConvolution(run.state.description),
      method: TEXTS.filtersAndTheirSpectra,
      set: "train",
    }),
  );
  const control = studyButton(run, {
    keep,
    label: TEXTS.countDeadFiltersAliasing,
    empty: TEXTS.filtersTheirSpectra,
    document: () => ({ kind: "first_layer", set: "train" }),
    frame: (frame) => {
      newest = frame;
      paint();
    },
  });
  const beside = element(
    "p",
    { class: "note" },
    element("a", { href: at("/labs/first-layers") }, TEXTS.alexnetsZfnetsFirst),
  );
  run.store.watch((state) => state.theme, paint);
  return {
    element: element(
      "div",
      { class: "study" },
      element(
        "div",
        { class: "panel-head" },
        control.element,
        element("span", { class: "grow" }),
        scale,
        keep,
      ),
      wall.facts,
      wall.picture,
      beside,
    ),
  };
}
