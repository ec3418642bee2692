/**
 * The network layer by layer, as Zeiler & Fergus print it: what excites each map most, over the whole set.
 */

/** @import { Frame, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { Layer } from "./feature_atlas/model.js" */

import { axesOf } from "../catalog/applicability.js";
import { element, setText } from "../core/dom.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { asPictures } from "../draw/places.js";
import { drawMosaic } from "../draw/signals.js";
import { keepButtons } from "../widgets/save_picture.js";
import { studyButton } from "../widgets/study_button.js";
import { model } from "./feature_atlas/model.js";

const TEXTS = texts(import.meta.url, {
  searchTheWholeSet: "Search the whole set",
  strongestActivationsOver:
    "The strongest activations over the whole set, layer by layer, with the network as it is now.",
});

/** @typedef {{ canvases: HTMLCanvasElement[], grid: HTMLElement, title: HTMLElement }} Section of one layer */

/**
 * @param {RunControl} run @param {() => JsonObject} options of the projections @param {() => boolean} colours
 */
export function featureAtlasPanel(run, options, colours) {
  return new FeatureAtlas(run, options, colours);
}

class FeatureAtlas {
  #run;
  #options;
  #colours;
  #picture = element("div", { class: "atlas" });
  /** @type {Frame | null} */
  #newest = null;
  /** By the names of their nodes. @type {Map<string, Section>} */
  #sections = new Map();

  /** @param {RunControl} run @param {() => JsonObject} options @param {() => boolean} colours */
  constructor(run, options, colours) {
    this.#run = run;
    this.#options = options;
    this.#colours = colours;
    const keep = keepButtons(
      () => this.#picture,
      () => this.#newest,
      () => "features-by-layer",
      () => this.#facts(),
    );
    const grow = element("span", { class: "grow" });
    const head = element("div", { class: "panel-head" }, this.#control(keep), grow, keep);
    this.element = element("div", { class: "study" }, head, this.#picture);
    run.store.watch((state) => state.theme, this.paint);
  }

  /** @param {HTMLElement} keep */
  #control(keep) {
    return studyButton(this.#run, {
      keep,
      label: TEXTS.searchTheWholeSet,
      empty: TEXTS.strongestActivationsOver,
      document: () => ({ kind: "feature_atlas", ...this.#options() }),
      begin: () => this.#clear(),
      frame: (frame) => {
        this.#newest = frame;
        this.paint();
      },
    }).element;
  }

  #clear() {
    this.#picture.replaceChildren();
    this.#sections.clear();
    this.#newest = null;
  }

  /** What the picture is, for who takes it away. @returns {Record<string, string>} */
  #facts() {
    const { rule, set } = this.#options();
    return {
      nodes: [...this.#sections.keys()].join(", "),
      method: String(rule ?? ""),
      set: String(set ?? ""),
    };
  }

  paint = onNextPaint(() => {
    const { description } = this.#run.state;
    if (!this.#newest || !description) return;
    const frame = asPictures(this.#newest, axesOf(description), this.#run.state.depth);
    for (const layer of model(frame, description)) this.#paintLayer(layer);
  });

  /** @param {Layer} layer */
  #paintLayer({ node, title, wall, labels }) {
    const section = this.#sections.get(node) ?? this.#addSection(node);
    setText(section.title, title);
    for (const label of labels.slice(section.canvases.length)) {
      const canvas = element("canvas", { class: "pixels", role: "img", "aria-label": label });
      section.canvases.push(canvas);
      section.grid.append(canvas);
    }
    const { theme } = this.#run.state;
    section.canvases.forEach((canvas, row) => drawMosaic(canvas, wall, row, theme, this.#colours()));
  }

  /** @param {string} node @returns {Section} */
  #addSection(node) {
    const title = element("h3", { "data-label": "" });
    const grid = element("div", { class: "mosaics" });
    const section = { canvases: [], grid, title };
    this.#sections.set(node, section);
    this.#picture.append(element("section", {}, title, grid));
    return section;
  }
}
