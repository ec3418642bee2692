/** The right column: what came of it. Which panels, the data decide. */

/** @import { Description, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { StageView } from "../network/layout.js" */
/** @import { Tiles } from "../draw/tiles.js" */

import { element, setText } from "../core/dom.js";
import { wholeNumber } from "../core/format.js";
import { texts } from "../core/texts.js";
import { evaluationPanel } from "../panels/evaluation.js";
import { surfacePanel } from "../panels/surface.js";
import { dataset } from "../catalog/catalog.js";
import { appendDeclared } from "./declared_panels.js";
import { chooseAnew, predictionDemand, takesPictures, takesRows } from "./input/choice.js";
import { PanelStatus } from "../widgets/panel_status.js";
import { clearPictures, untilFirstFrame } from "../widgets/until_first_frame.js";
import { replicasOf } from "../run/replicas.js";
import { demandChanged, whenShown } from "../widgets/lazy_panel.js";
import { section } from "./settings.js";

const TEXTS = texts(import.meta.url, {
  output: "Output",
  chosenPicture: "Chosen picture",
  chosenSample: "Chosen sample",
  askTheNetwork: "Ask the network",
  foundBoxes: "Found boxes",
  metrics: "Metrics",
  pixelClasses: "Each pixel's class",
  networkCosts: "{parameters} parameters, {macs} multiply-adds a sample",
});

/** What each panel will show, and how to get it. */
const SHOWS = texts(import.meta.url, {
  showsOutput: "What the network says at every place of the plane. It comes while the run is open.",
  showsChosen: "What the network says of a picture that you choose. It comes while the run is open.",
  showsAsking: "What the network says of numbers that you type. It comes while the run is open.",
  showsPixels: "What the network says of each pixel of a few pictures. It comes while the run is open.",
  showsBoxes: "What the network finds in a few pictures, and what it misses. It comes while the run is open.",
  showsMetrics: "How good the answers are on a named set. It comes while the run is open.",
});

/**
 * @param {HTMLElement} root @param {RunControl} run @param {StageView & { tiles: Tiles }} stage
 * @returns {{ demand: () => JsonObject[] }} what the open panels ask the run for
 */
export function buildResults(root, run, stage) {
  const surface = section(TEXTS.output, ...awaited(run, SHOWS.showsOutput, "answer", surfacePanel(run)));
  const { chosen, asking, judged, pixels, found } = latePanels(run, stage);
  const masks = section(
    TEXTS.pixelClasses,
    ...awaited(run, SHOWS.showsPixels, "pixel_classes", pixels.element),
  );
  const boxes = section(TEXTS.foundBoxes, ...awaited(run, SHOWS.showsBoxes, "found_boxes", found.element));
  const pictures = section(
    TEXTS.chosenPicture,
    ...stated(run, SHOWS.showsChosen, ["prediction"], chosen.element),
  );
  const rows = section(
    TEXTS.askTheNetwork,
    ...stated(run, SHOWS.showsAsking, ["prediction"], asking.element),
  );
  const toggled = () => (metrics.open && judged.show(), demandChanged());
  const metrics = element(
    "details",
    { class: "section folding", ontoggle: toggled },
    element("summary", { class: "caption" }, TEXTS.metrics),
    ...awaited(run, SHOWS.showsMetrics, "metrics", judged.element),
  );
  const totals = element("p", { class: "totals note" });
  for (const seldom of [masks, boxes, pictures, rows]) seldom.hidden = true; // until the data are known to have them
  root.append(surface, masks, evaluationPanel(run), boxes, pictures, rows, metrics);
  const declared = appendDeclared(root, run, stage);
  root.append(totals);
  clearPictures(run, [root]);
  offerReplicas(root, run);
  enlargePointed(run, stage, pictures);
  chooseAnew(run);
  run.store.watch(
    (state) => state.experiment?.data.kind,
    (kind) => {
      if (kind === undefined) return; // which panels are of use is not known yet
      const kinds = shownKinds(run);
      surface.hidden = !kinds.surface;
      masks.hidden = !kinds.masks;
      if (kinds.masks) pixels.show();
      // Beside a picture of the answer they are for those who ask.
      metrics.open = !kinds.surface && !kinds.masks && !kinds.boxes;
      boxes.hidden = !kinds.boxes;
      if (kinds.boxes) found.show();
      pictures.hidden = !kinds.chosen;
      const caption = pictures.querySelector(".caption");
      if (caption) setText(caption, kinds.pictures ? TEXTS.chosenPicture : TEXTS.chosenSample);
      if (kinds.chosen) chosen.show();
    },
  );
  run.store.watch(
    (state) => state.description,
    (description) => {
      totals.hidden = description === null;
      if (!description) return;
      rows.hidden = !takesRows(run.state);
      if (!rows.hidden) asking.show();
      setText(totals, totalsOf(description));
    },
  );
  return {
    demand: () => [
      ...(boxes.hidden ? [] : found.demand()),
      ...(metrics.open ? judged.demand() : []),
      ...(shownKinds(run).masks ? pixels.demand() : []),
      ...(takesPictures(run.state) ? chosen.demand() : []),
      ...(takesRows(run.state) ? asking.demand() : []),
      ...declared(),
    ],
  };
}

/** Which replica is shown, fetched where there are several. @param {HTMLElement} root @param {RunControl} run */
function offerReplicas(root, run) {
  let asked = false;
  run.store.watch(
    (state) => replicasOf(state) > 1,
    async (several) => {
      if (!several || asked) return;
      asked = true;
      const { replicaField } = await import("../widgets/replica_field.js");
      root.prepend(replicaField(run));
    },
  );
}

/** Panels that the first example has no use for, fetched when they are first shown. */
const latePanels = (/** @type {RunControl} */ run, /** @type {StageView} */ stage) => ({
  found: whenShown(run, stage, async () => {
    const { foundBoxesPanel } = await import("../panels/found_boxes.js");
    return foundBoxesPanel;
  }),
  chosen: whenShown(run, stage, async () => {
    const { chosenPanel } = await import("./input/chosen.js");
    return () => ({ element: chosenPanel(run), demand: () => predictionDemand(run.state) });
  }),
  asking: whenShown(run, stage, async () => {
    const { rowsPanel } = await import("./input/rows.js");
    const demand = () => [...predictionDemand(run.state), { kind: "samples", hz: 1 }];
    return () => ({ element: rowsPanel(run), demand });
  }),
  pixels: whenShown(run, stage, async () => {
    const { pixelClassesPanel } = await import("../panels/pixel_classes.js");
    return pixelClassesPanel;
  }),
  judged: whenShown(run, stage, async () => {
    const { metricsPanel } = await import("../panels/metrics.js");
    return metricsPanel;
  }),
});

/** How large a network is, in words. @param {Description} description */
function totalsOf({ totals: { parameters, macs } }) {
  return TEXTS.networkCosts({ parameters: wholeNumber(parameters), macs: wholeNumber(macs) });
}

/**
 * A panel below the state that it is in: its label, what it says while there is nothing, and itself.
 *
 * @param {RunControl} run @param {string} shows @param {string[]} reads @param {HTMLElement} panel
 * @returns {HTMLElement[]}
 */
function stated(run, shows, reads, panel) {
  const { label, place } = new PanelStatus(run, reads, () => ({ shows, reads }));
  return [label, place, panel];
}

/**
 * The same of a panel of a probe's frames, which shows nothing of the run before.
 *
 * @param {RunControl} run @param {string} shows @param {string} probe @param {HTMLElement} panel
 */
function awaited(run, shows, probe, panel) {
  return stated(run, shows, [probe], untilFirstFrame(run, panel, [probe]));
}

/**
 * A feature map that is pointed at shows large beside the chosen picture, as a unit of a plane does in the output.
 *
 * @param {RunControl} run @param {{ tiles: Tiles }} stage @param {HTMLElement} place
 */
function enlargePointed(run, stage, place) {
  let asked = false;
  run.store.watch(
    (state) => state.pointed,
    async (pointed) => {
      if (asked || !pointed || place.hidden) return;
      asked = true;
      const { showPointedMap } = await import("./pointed_map.js");
      showPointedMap(run, stage, place);
    },
  );
}

/** @param {RunControl} run */
export function shownKinds(run) {
  const { catalog, experiment } = run.state;
  const item = experiment ? dataset(catalog, experiment) : undefined;
  const surface = Boolean(item?.plane);
  return {
    surface,
    chosen: takesPictures(run.state),
    pictures: item?.form === "picture",
    masks: item?.family === "masks",
    boxes: item?.family === "boxes",
  };
}
