/** The page: catalog and schema, then the run the address names, or one's own. */

/** @import { Experiment, JsonObject } from "./types.d.ts" */

import { openPath } from "./core/address.js";
import * as api from "./core/api.js";
import { byId, element } from "./core/dom.js";
import { foldable, splitColumns } from "./page/panes.js";
import { rowsDemand } from "./page/input/rows.js";
import { buildBar } from "./page/bar/bar.js";
import { buildHeader } from "./page/bar/header.js";
import { chosenDemand } from "./page/input/chosen.js";
import { stripDemand } from "./panels/augmentation_strip.js";
import { Inspector } from "./page/inspector/inspector.js";
import { buildPast } from "./widgets/time_slider.js";
import { guideFocus } from "./page/focus.js";
import { listenToKeys } from "./page/keyboard.js";
import { explainLabels } from "./widgets/explanations.js";
import { onDemand } from "./widgets/lazy_panel.js";
import { fromFragment } from "./core/share_link.js";
import { askWhetherToStart, isOwnLink } from "./widgets/link_question.js";
import { buildResults, shownKinds } from "./page/results.js";
import { Settings } from "./page/settings.js";
import { openFile } from "./page/share.js";
import { Stage } from "./page/stage/stage.js";
import { buildStates } from "./page/states.js";
import { listenToEdges } from "./page/stage/edge_weight.js";
import { markFreshUnits } from "./page/stage/fresh_units.js";
import { Wires } from "./page/stage/wires.js";
import { RunControl } from "./run/run.js";
import { FINE } from "./run/newest_frames.js";
import { currentTheme, onTheme } from "./core/theme.js";

/**
 * Pictures a second that are asked for: 20 are left when some miss a paint. Fewer where the system
 * asks for reduced motion.
 */
const HZ = matchMedia("(prefers-reduced-motion: reduce)").matches ? 4 : 22;

/**
 * Beyond this many edges their painting takes more than it shows: they move less often, the units as before.
 */
const MANY_EDGES = 800;

async function main() {
  const [catalog, schema, presets] = await Promise.all([api.getCatalog(), api.getSchema(), api.getPresets()]);
  const run = new RunControl({ catalog, schema, presets, theme: currentTheme() });
  build(run);
  await begin(run);
  explainLabels(catalog);
  addEventListener("hashchange", () => void openFragment(run));
}

/** @param {RunControl} run */
function build(run) {
  onTheme(() => run.store.set({ theme: currentTheme() }));
  buildHeader(run);
  buildBar(byId("bar"), run);
  buildTabs(byId("tabs"));
  const stage = new Stage(byId("stage"), run);
  new Settings(byId("settings"), run);
  const results = buildResults(byId("results"), run, stage);
  byId("results").append(byId("colophon", HTMLTemplateElement).content);
  new Wires(run, stage);
  markFreshUnits(run, byId("stage"), stage);
  listenToEdges(run, stage);
  foldable(byId("settings"));
  foldable(byId("results"));
  splitColumns(byId("settings"), byId("results"), byId("columns"));
  const inspector = new Inspector(byId("drawer"), run, stage);
  guideFocus(run, byId("stage"), byId("drawer"));
  buildStates(byId("stage"), run);
  buildPast(byId("stage"), run);
  listenToKeys(run);
  listenToDrops(run);
  const watch = () => run.watch(demand(run, stage, inspector, results));
  stage.onArranged(watch);
  inspector.onChange(watch);
  onDemand(watch);
  run.store.watch((state) => state.input, watch);
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
  return [
    ...scalars,
    ...(kinds.surface ? [{ kind: "surface", resolution: stage.resolution, units: stage.drawn, hz: HZ }] : []),
    ...(kinds.surface ? [{ kind: "surface", resolution: FINE, units: [], hz: HZ / 2 }] : []),
    { kind: "weights", hz: stage.edgeCount > MANY_EDGES ? HZ / 6 : HZ / 2 },
    ...stage.demand,
    ...(kinds.surface ? [{ kind: "samples", hz: 2 }] : []),
    ...results.demand(),
    ...chosenDemand(run),
    ...stripDemand(run),
    ...rowsDemand(run),
    ...inspector.demand(),
  ];
}

/**
 * A shared experiment, the run of the address (after a reload too), or the first example, which ends with the
 * visit.
 *
 * @param {RunControl} run
 */
async function begin(run) {
  if ((await openFragment(run)) === "started") return;
  const [, id] = /^\/runs\/([\w-]+)$/.exec(openPath()) ?? [];
  if (id) return run.attach(id);
  const example = wantedExample(run);
  if (example) await start(run, example.experiment, "pause");
}

/**
 * The example that the address names (`/?example=01-spiral`, as the gallery does), or the first.
 *
 * @param {RunControl} run
 */
function wantedExample(run) {
  const { presets } = run.state;
  const wanted = new URLSearchParams(location.search).get("example");
  const found = presets.find(({ name }) => name === wanted);
  if (wanted !== null && !found)
    run.notify(`There is no example '${wanted.slice(0, 80)}': this is the first.`, "error");
  return found ?? presets[0];
}

/**
 * An experiment in the address is started where our own page led to it, or where the user says so.
 *
 * @param {RunControl} run @returns {Promise<"none" | "left" | "started">}
 */
async function openFragment(run) {
  const { hash } = location;
  if (!hash.startsWith("#g1=")) return "none";
  const ours = isOwnLink(hash);
  try {
    const experiment = await fromFragment(hash);
    if (!experiment) return "none";
    if (ours || (await askWhetherToStart(experiment, run.state.catalog))) {
      await start(run, experiment, ours ? "continue" : "stop");
      return "started";
    }
  } catch (error) {
    run.notify(
      `This link holds no experiment that can be read: ${error instanceof Error ? error.message : error}`,
      "error",
    );
  }
  // A reload does not ask again.
  if (location.hash === hash) history.replaceState(null, "", location.pathname + location.search);
  return "left";
}

/**
 * @param {RunControl} run @param {Experiment} experiment @param {import("./core/api.js").Unwatched} [unwatched]
 */
async function start(run, experiment, unwatched) {
  try {
    await run.start(experiment, unwatched);
  } catch (error) {
    run.notify(error instanceof Error ? error.message : String(error), "error");
  }
}

/** On narrow screens the columns are tabs. @param {HTMLElement} root */
function buildTabs(root) {
  const names = /** @type {const} */ ([
    ["data", "Data"],
    ["network", "Network"],
    ["result", "Result"],
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
}

/** An experiment's file may be dropped anywhere. @param {RunControl} run */
function listenToDrops(run) {
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) void openFile(run, file);
  });
}

main().catch((error) => {
  const message = error instanceof Error ? error.message : String(error);
  byId("notice").replaceChildren(
    element("p", { class: "error" }, `Glassnet could not start: ${message}. Reload to try again.`),
  );
});
