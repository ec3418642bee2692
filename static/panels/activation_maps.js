/** Every layer's maps of the chosen input, as a grid: sorted, filtered, on a scale that is shown. */

/** @import { Frame, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { StageView } from "../network/layout.js" */
/** @import { Panel } from "../widgets/lazy_panel.js" */
/** @import { Range } from "../draw/maps.js" */

import { onNextPaint } from "../core/paint_scheduler.js";
import { element, icon, setText } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { networkRange } from "../draw/maps.js";
import { demandChanged } from "../widgets/lazy_panel.js";
import { classNames, targetOf } from "../run/maps.js";
import { MapChoices } from "./activation_maps/choices.js";
import { Layer } from "./activation_maps/layer.js";
import { layerNames, model, sampleBeside, sampleText } from "./activation_maps/model.js";

const TEXTS = texts(import.meta.url, {
  theSampleBefore: "The sample before",
  theNextSample: "The next sample",
});

/** Milliseconds between two sortings while training: maps that jump about cannot be read. */
const SORT_EVERY = 1500;

/** @param {RunControl} run @param {StageView} stage @returns {Panel} */
export function activationMapsPanel(run, stage) {
  return new ActivationMapsPanel(run, stage);
}

class ActivationMapsPanel {
  #run;
  #stage;
  /** By the names of their nodes. @type {Map<string, Layer>} */
  #layers = new Map();
  /** When the maps were sorted. */
  #sorted = -Infinity;
  #list = element("div", { class: "map-layers" });
  #pointed = element("output", { class: "note map-words" });
  #sample = element("span", { class: "note" });
  #choices = new MapChoices(
    () => this.#paint(),
    () => this.#resort(),
    () => {
      demandChanged();
      this.#resort();
    },
  );

  /** @param {RunControl} run @param {StageView} stage */
  constructor(run, stage) {
    this.#run = run;
    this.#stage = stage;
    const bar = element(
      "div",
      { class: "map-bar" },
      this.#samples(),
      ...this.#choices.elements,
      this.#pointed,
    );
    this.element = element("div", { class: "maps-panel" }, bar, this.#list);
    run.onFrame("activation_maps", this.#paint);
    run.onFrame("peaks", () => this.#resort());
    run.store.watch((state) => `${state.theme} ${state.depth}`, this.#paint);
    run.store.watch((state) => `${state.selected} ${state.unit}`, this.#paint);
    new ResizeObserver(this.#paint).observe(this.#list);
  }

  /** The drawing shows the same maps, and asks for them all the time. @returns {JsonObject[]} */
  demand() {
    return this.#choices.options.filter === "dead" ? [{ kind: "peaks" }] : [];
  }

  /** Which sample is seen, between buttons that lead to those beside it. */
  #samples() {
    const button = (/** @type {string} */ label, /** @type {number} */ by) => {
      const attributes = {
        type: "button",
        class: `icon-button ${by < 0 ? "turned" : "turned back"}`,
        "aria-label": label,
        title: label,
      };
      return element("button", { ...attributes, onclick: () => this.#turn(by) }, icon("up"));
    };
    return element(
      "div",
      { class: "map-input" },
      button(TEXTS.theSampleBefore, -1),
      this.#sample,
      button(TEXTS.theNextSample, 1),
    );
  }

  /** @param {number} by */
  #turn(by) {
    const { input, description } = this.#run.state;
    this.#run.store.set({ input: sampleBeside(input, description?.data.sets ?? {}, by) });
  }

  #resort() {
    this.#sorted = -Infinity;
    this.#paint();
  }

  // Painting ------------------------------------------------------------------------------------------

  #paint = onNextPaint(() => {
    const frame = this.#run.latest.get("activation_maps");
    if (!frame || this.#list.clientWidth === 0) return;
    const { state } = this.#run;
    const input = /** @type {JsonObject} */ (this.#run.demandOf(frame)["input"] ?? state.input);
    setText(this.#sample, sampleText(input, targetOf(frame), classNames(this.#run)));
    const names = layerNames(frame, state.description);
    this.#arrange(names);
    const sort = this.#isSortingDue();
    const network = networkRange(frame);
    for (const name of names) this.#paintLayer(frame, name, network, sort);
  });

  #isSortingDue() {
    const now = performance.now();
    const due = now - this.#sorted > SORT_EVERY || this.#run.state.status?.state !== "training";
    if (due) this.#sorted = now;
    return due;
  }

  /** The layers that there are, in the order of the network. @param {string[]} names */
  #arrange(names) {
    for (const [name, { element: gone }] of this.#layers) {
      if (names.includes(name)) continue;
      gone.remove();
      this.#layers.delete(name);
    }
    const inOrder = names.map((name) => this.#layer(name).element);
    if (inOrder.some((each, index) => this.#list.children[index] !== each))
      this.#list.replaceChildren(...inOrder);
  }

  /** @param {string} name */
  #layer(name) {
    const found = this.#layers.get(name);
    if (found) return found;
    const say = (/** @type {string} */ text) => setText(this.#pointed, text);
    const made = new Layer(say, (index) => this.#open(name, index));
    this.#layers.set(name, made);
    return made;
  }

  /** @param {Frame} frame @param {string} name @param {Range} network @param {boolean} sort */
  #paintLayer(frame, name, network, sort) {
    const { description, catalog, theme, selected, unit, depth } = this.#run.state;
    const layer = this.#layer(name);
    const peaks = this.#run.latest.get("peaks");
    const { options, size } = this.#choices;
    const kept = sort ? null : layer.shown;
    const maps = model(frame, name, { description, catalog, peaks, network, options, depth, kept });
    const isSelected = selected !== null && this.#column(name)?.name === selected;
    const look = { size, scope: options.scope, network, theme, selected: isSelected ? unit : -1 };
    if (maps) layer.paint(maps, look);
  }

  /** Look into a map: how its numbers come about. @param {string} name @param {number} index */
  #open(name, index) {
    const column = this.#column(name);
    if (column && !column.data) this.#stage.inspect(column.name, index, "arithmetic", true);
  }

  /** The column of the drawing that holds a node. @param {string} node */
  #column(node) {
    return this.#stage.layout?.columns.find(
      ({ name, members }) => name === node || members.some((member) => member.name === node),
    );
  }
}
