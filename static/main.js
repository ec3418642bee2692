/** The page: catalog and schema, then the run the address names, or one's own. */

/** @import { JsonObject } from "./types.d.ts" */

import { arrive, listenToAddress } from "./page/arrival.js";
import * as api from "./core/api.js";
import { byId, element } from "./core/dom.js";
import { foldable, splitColumns } from "./page/panes.js";
import { buildBar } from "./page/bar/bar.js";
import { buildHeader } from "./page/bar/header.js";
import { watchForFindings } from "./page/diagnosed.js";
import { stripDemand } from "./panels/augmentation_strip.js";
import { Inspector } from "./page/inspector/inspector.js";
import { buildPast } from "./widgets/time_slider.js";
import { guideFocus } from "./page/focus.js";
import { listenToKeys } from "./page/keyboard.js";
import { explainLabels } from "./widgets/explanations.js";
import { onDemand } from "./widgets/lazy_panel.js";
import { buildResults, shownKinds } from "./page/results.js";
import { Settings } from "./page/settings.js";
import { buildHome, welcome } from "./page/home.js";
import { listenToGivenExperiments } from "./page/opening.js";
import { showDepth } from "./page/stage/depth.js";
import { Stage } from "./page/stage/stage.js";
import { buildStates } from "./page/states.js";
import { listenToEdges } from "./page/stage/edge_weight.js";
import { markFreshUnits } from "./page/stage/fresh_units.js";
import { listenForNodeMenus } from "./page/stage/node_menus.js";
import { watchForWarnings } from "./page/stage/warned.js";
import { Wires } from "./page/stage/wires.js";
import { RunControl } from "./run/run.js";
import { FINE } from "./run/newest_frames.js";
import { fastRate, sampleRate } from "./run/picture_rates.js";
import { ofShownReplica, shownReplica } from "./run/replicas.js";
import { currentTheme, onTheme } from "./core/theme.js";
import { texts } from "./core/texts.js";

const TEXTS = texts(import.meta.url, {
  data: "Data",
  network: "Network",
  result: "Result",
  glassnetCouldNot: "Glassnet could not start: {message}. Reload to try again.",
});

/**
 * Beyond this many edges their painting takes more than it shows: they move less often, the units as before.
 */
const MANY_EDGES = 800;

async function main() {
  const [catalog, schema, presets] = await Promise.all([
    api.getCatalogWithoutTexts(),
    api.getSchema(),
    api.getPresetsWithoutTexts(),
  ]);
  const run = new RunControl({ catalog, schema, presets, theme: currentTheme() });
  build(run);
  await arrive(run);
  explainLabels(catalog);
  listenToAddress(run);
  welcome(run);
}

/** @param {RunControl} run */
function build(run) {
  onTheme(() => run.store.set({ theme: currentTheme() }));
  buildHeader(run);
  buildBar(byId("bar"), run);
  buildTabs(byId("tabs"), run);
  const stage = new Stage(byId("stage"), run);
  showDepth(byId("stage"), run);
  new Settings(byId("settings"), run);
  const results = buildResults(byId("results"), run, stage);
  byId("results").append(byId("colophon", HTMLTemplateElement).content);
  new Wires(run, stage);
  watchForWarnings(byId("stage"), run, stage);
  listenForNodeMenus(byId("stage"), run, stage);
  watchForFindings(byId("stage"), run);
  markFreshUnits(run, byId("stage"), stage);
  listenToEdges(run, stage);
  foldable(byId("settings"));
  foldable(byId("results"));
  splitColumns(byId("settings"), byId("results"), byId("columns"));
  const inspector = new Inspector(byId("inspector"), run, stage);
  guideFocus(run, byId("stage"), byId("inspector"));
  buildStates(byId("stage"), run);
  buildPast(byId("stage"), run);
  listenToKeys(run);
  listenToGivenExperiments(run);
  buildHome(byId("home"), run);
  const watch = () => run.watch(demand(run, stage, inspector, results));
  stage.onArranged(watch);
  inspector.onChange(watch);
  onDemand(watch);
  run.store.watch((state) => state.input, watch);
  run.store.watch(shownReplica, watch);
  run.store.watch((state) => state.description?.data, watch);
  run.store.watch((state) => state.experiment?.data["augmentations"], watch);
  document.addEventListener("visibilitychange", watch);
}

/**
 * The probes on the screen, which are requested: none while the page is hidden.
 *
 * @param {RunControl} run @param {Stage} stage @param {Inspector} inspector @param {{ demand: () => JsonObject[] }}
 * results
 * @returns {JsonObject[]}
 */
function demand(run, stage, inspector, results) {
  const scalars = [{ kind: "progress" }, { kind: "evaluation" }];
  if (document.hidden) return scalars;
  const kinds = shownKinds(run);
  return ofShownReplica(run.state, [
    ...scalars,
    ...(kinds.surface
      ? [{ kind: "surface", resolution: stage.resolution, units: stage.drawn, hz: fastRate() }]
      : []),
    ...(kinds.surface ? [{ kind: "surface", resolution: FINE, units: [], hz: sampleRate() }] : []),
    { kind: "weights", hz: stage.edgeCount > MANY_EDGES ? fastRate() / 6 : sampleRate() },
    ...stage.demand,
    ...(kinds.surface ? [{ kind: "samples", hz: 2 }] : []),
    ...results.demand(),
    ...stripDemand(run),
    ...inspector.demand(),
  ]);
}

/**
 * On narrow screens the columns are tabs; the network's is opened with the inspector.
 *
 * @param {HTMLElement} root @param {RunControl} run
 */
function buildTabs(root, run) {
  const names = /** @type {const} */ ([
    ["data", TEXTS.data],
    ["network", TEXTS.network],
    ["result", TEXTS.result],
  ]);
  const buttons = names.map(([tab, label]) =>
    element(
      "button",
      { type: "button", "aria-pressed": String(tab === "network"), onclick: () => show(tab) },
      label,
    ),
  );
  const show = (/** @type {string} */ tab) => {
    document.body.dataset["tab"] = tab;
    buttons.forEach((button, index) =>
      button.setAttribute("aria-pressed", String(names[index]?.[0] === tab)),
    );
  };
  root.append(...buttons);
  run.store.watch(
    ({ selected }) => selected !== null,
    (looks) => looks && show("network"),
  );
}

main().catch((error) => {
  const message = error instanceof Error ? error.message : String(error);
  byId("notice").replaceChildren(element("p", { class: "error" }, TEXTS.glassnetCouldNot({ message })));
});
