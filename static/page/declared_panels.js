/**
 * Panels that a probe or study declares on its class: `static/panels/KIND.js` of Glassnet, or of the plug-in's
 * package, at the place the class names. Such a script exports `panel(run, stage)`, which returns an element, or
 * `{ element, demand }` where it asks for more than its probe with every default.
 */

/** @import { Catalog, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { StageView } from "../network/layout.js" */
/** @import { InspectorTab, MakePanel, Panel } from "../widgets/lazy_panel.js" */

import { element, setText } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { demandChanged, lazily } from "../widgets/lazy_panel.js";
import { PanelStatus } from "../widgets/panel_status.js";
import { untilFirstFrame } from "../widgets/until_first_frame.js";

const TEXTS = texts(import.meta.url, {
  ofThisRun: "{title} of this run.",
  panelCannotBeShown: "This panel cannot be shown: {message}",
});

/** @typedef {{ kind: string, title: string, script: string, demand: JsonObject[] }} Declared */

/** @typedef {(run: RunControl, stage: StageView) => HTMLElement | Partial<Panel>} BuildPanel what a script exports */

/**
 * The panels that the catalogue declares for a place.
 *
 * @param {Catalog} catalog @param {"results" | "inspector"} place @returns {Declared[]}
 */
export function declaredPanels(catalog, place) {
  return ["probes", "studies"].flatMap((family) =>
    (catalog[family] ?? []).flatMap(({ kind, panel, package: from }) =>
      panel?.place === place
        ? {
            kind,
            title: panel.title,
            script: `../${from ? `plugins/${from}/` : ""}panels/${kind}.js`,
            demand: family === "probes" ? [{ kind }] : [],
          }
        : [],
    ),
  );
}

/** As tabs of the inspector. @param {Catalog} catalog @returns {InspectorTab[]} */
export const declaredTabs = (catalog) =>
  declaredPanels(catalog, "inspector").map((declared) => ({
    id: declared.kind,
    title: declared.title,
    group: "network",
    shows: TEXTS.ofThisRun({ title: declared.title }),
    tall: true,
    applies: () => true,
    ...fetched(declared),
  }));

/**
 * As sections below the results.
 *
 * @param {HTMLElement} root @param {RunControl} run @param {StageView} stage
 * @returns {() => JsonObject[]} what those that are open ask the run for
 */
export function appendDeclared(root, run, stage) {
  const sections = declaredPanels(run.state.catalog, "results").map((declared) => {
    const { build, demand } = fetched(declared);
    const followed = {
      shows: TEXTS.ofThisRun({ title: declared.title }),
      ...(declared.demand.length > 0 ? { reads: [declared.kind] } : {}),
    };
    const status = new PanelStatus(run, followed.reads ?? [], () => followed);
    const section = /** @type {HTMLDetailsElement} */ (
      element(
        "details",
        { class: "section folding", open: true, ontoggle: demandChanged, "data-panel": declared.kind },
        element("summary", { class: "caption" }, declared.title),
        ...(followed.reads ? [status.label, status.place] : []),
        build(run, stage),
      )
    );
    root.append(section);
    return () => (section.open ? (demand?.(run, stage) ?? []) : []);
  });
  return () => sections.flatMap((demand) => demand());
}

/** @param {Declared} declared */
function fetched(declared) {
  return lazily(async () => {
    const { panel } = await import(declared.script);
    if (typeof panel !== "function") throw new Error(`${declared.script} exports no function panel`);
    return guarded(panel, declared);
  });
}

/**
 * A panel whose faults are its own: it is said in its place, and the page goes on.
 *
 * @param {BuildPanel} build @param {Declared} declared @returns {MakePanel}
 */
function guarded(build, { kind, demand }) {
  return (run, stage) => {
    const status = element("p", { class: "note", role: "status", hidden: true });
    run.mayRefuse(kind, (refusal) => {
      status.hidden = refusal === null;
      setText(status, refusal ?? "");
    });
    try {
      const made = build(run, stage);
      const { element: content, demand: own } = made instanceof Element ? { element: made } : made;
      return {
        element: untilFirstFrame(
          run,
          element("div", { class: "declared-panel" }, status, content ?? ""),
          demand.length > 0 ? [kind] : [],
        ),
        demand: () => (own ? attempted(own) : demand),
      };
    } catch (error) {
      console.error(error);
      const message = TEXTS.panelCannotBeShown({
        message: error instanceof Error ? error.message : String(error),
      });
      return { element: element("p", { class: "note error" }, message), demand: () => [] };
    }
  };
}

/** @param {() => JsonObject[]} demand */
function attempted(demand) {
  try {
    return demand();
  } catch (error) {
    console.error(error);
    return [];
  }
}
