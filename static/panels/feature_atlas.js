/**
 * The network layer by layer, as Zeiler & Fergus print it: what excites each map most, over the whole set.
 */

/** @import { Frame, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { StudyState } from "../core/studies.js" */

import { element, setText } from "../core/dom.js";
import { drawMosaic, wallOf } from "../draw/signals.js";
import { wholeNumber } from "../core/format.js";
import { keepButtons } from "../widgets/save_picture.js";
import { studyButton } from "../widgets/study_button.js";

/**
 * @param {RunControl} run @param {() => JsonObject} options of the projections @param {() => boolean} colours
 */
export function featureAtlasPanel(run, options, colours) {
  const picture = element("div", { class: "atlas" });
  /** @type {Frame | null} */
  let newest = null;
  /** @type {Map<string, { canvases: HTMLCanvasElement[], grid: HTMLElement, title: HTMLElement }>} */
  let sections = new Map();

  const paint = () => {
    const { description, theme } = run.state;
    if (!newest || !description) return;
    for (const place of newest.arrays.get("layers")?.data ?? []) {
      const node = description.nodes[place];
      const wall = node && wallOf(newest, `${node.name}/`);
      if (!node || !wall) continue;
      const section = sections.get(node.name) ?? begin(node.name);
      const dead = newest.arrays.get(`${node.name}/dead`)?.data[0] ?? 0;
      const field = node.receptive_field?.length ? `, each sees ${node.receptive_field.join(" × ")} px` : "";
      setText(
        section.title,
        `${node.name}: ${wholeNumber(node.shape[0] ?? 0)} ` +
          `${node.shape.length === 3 ? "maps" : "units"}${dead ? `, ${dead} dead` : ""}${field}`,
      );
      while (section.canvases.length < (wall.channels.shape[0] ?? 0)) {
        const canvas = element("canvas", {
          class: "pixels",
          role: "img",
          "aria-label":
            `Map ${(wall.channels.data[section.canvases.length] ?? 0) + 1} of ${node.name}: ` +
            "projections beside patches",
        });
        section.canvases.push(canvas);
        section.grid.append(canvas);
      }
      section.canvases.forEach((canvas, row) => drawMosaic(canvas, wall, row, theme, colours()));
    }
  };

  const begin = (/** @type {string} */ node) => {
    const [title, grid] = [element("h3", { "data-label": "" }), element("div", { class: "mosaics" })];
    const section = { canvases: [], grid, title };
    sections.set(node, section);
    picture.append(element("section", {}, title, grid));
    return section;
  };

  const keep = keepButtons(
    () => picture,
    () => newest,
    () => "features-by-layer",
    () => ({
      nodes: [...sections.keys()].join(", "),
      method: String(options()["rule"] ?? ""),
      set: String(options()["set"] ?? ""),
    }),
  );
  const control = studyButton(run, {
    keep,
    words: "Search the whole set",
    empty: "The strongest activations over the whole set, layer by layer, with the network as it is now.",
    document: () => ({ kind: "feature_atlas", ...options() }),
    begin: () => {
      picture.replaceChildren();
      sections = new Map();
      newest = null;
    },
    frame: (frame) => {
      newest = frame;
      paint();
    },
  });
  run.store.watch((state) => state.theme, paint);
  return {
    paint,
    element: element(
      "div",
      { class: "study" },
      element("div", { class: "panel-head" }, control.element, element("span", { class: "grow" }), keep),
      picture,
    ),
  };
}
