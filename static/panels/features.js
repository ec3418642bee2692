/**
 * Features: what excites the selected feature map most, sent down to the pixels, while the network trains.
 * One map, its layer, the whole network as the paper prints it, and the first layer's filters.
 */

/** @import { Frame, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { StageView } from "../network/layout.js" */
/** @import { Wall } from "../draw/signals.js" */
/** @import { Panel } from "../widgets/lazy_panel.js" */
/** @import { View } from "./features/question.js" */

import { at } from "../core/address.js";
import { element, setAttribute, setText } from "../core/dom.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { asPictures } from "../draw/places.js";
import { wallOf } from "../draw/signals.js";
import { keepButtons } from "../widgets/save_picture.js";
import { demandChanged } from "../widgets/lazy_panel.js";
import { moreOptions } from "../widgets/probe_options.js";
import { sliceBar } from "../widgets/slice_bar.js";
import { smallChoice } from "../widgets/small_choice.js";
import { axesOf, hasBatchNorm, hasLocalNorm, hasMaxPool } from "../catalog/applicability.js";
import { featureAtlasPanel } from "./feature_atlas.js";
import { LayerView } from "./features/layer_view.js";
import { MapView } from "./features/map_view.js";
import { searchText } from "./features/model.js";
import { PictureView } from "./features/picture_view.js";
import { demandOf, factsOf, fileNameOf, isLive, refusalOf, showsFeatures } from "./features/question.js";
import { TimeView } from "./features/time_view.js";
import { firstLayerPanel } from "./first_layer.js";

const TEXTS = texts(import.meta.url, {
  set: "Set",
  wayDown: "Way down",
  from: "From",
  wholeMap: "whole map",
  shownIn: "Shown in",
  enlarged: "Enlarged",
  batchNormPasses: "Batch norm passes a signal on by its γ/σ, as it does when it evaluates.",
  detailLevel: "How much is shown",
  howThisIsComputed: "how this is computed",
});

const TITLES = texts(import.meta.url, {
  map: "This map",
  time: "Over time",
  chosen: "Chosen picture",
  layer: "Its layer",
  network: "The network",
  first: "First layer",
});

const VIEWS = /** @type {View[]} */ (Object.keys(TITLES));

/** Options that are their own names. @param {...string} values @returns {[string, string][]} */
const named = (...values) => values.map((value) => [value, value]);

/** @param {RunControl} run @param {StageView} stage @returns {Panel} */
export function featuresPanel(run, stage) {
  return new FeaturesPanel(run, stage);
}

class FeaturesPanel {
  #run;
  #stage;
  /** @type {View} */
  #view = "map";
  /** What is asked for, and the last frame of what was asked for before. */
  #asked = "";
  /** @type {Frame | undefined} */
  #stale;
  #set = smallChoice(TEXTS.set, named("test", "train"), () => this.#update());
  #rule = smallChoice(TEXTS.wayDown, named("deconvnet", "guided", "gradient"), () => this.#update());
  #seed = smallChoice(
    TEXTS.from,
    [
      ["strongest", "strongest"],
      ["map", TEXTS.wholeMap],
    ],
    () => this.#update(),
  );
  #shown = smallChoice(TEXTS.shownIn, named("greys", "colours"), () => this.#repaint());
  #enlarged = smallChoice(TEXTS.enlarged, named("crisp", "smooth"), () =>
    this.element.classList.toggle("smooth", this.#enlarged.value() === "smooth"),
  );
  #search = element("p", { class: "note features-words", role: "status" });
  #refusal = element("p", { class: "note refusal", hidden: true });
  #buttons = VIEWS.map((view) =>
    element(
      "button",
      { type: "button", class: "mark", "aria-pressed": "false", onclick: () => this.#turnTo(view) },
      TITLES[view],
    ),
  );
  #more;
  #map = new MapView();
  #time;
  #picture = new PictureView();
  #layer = new LayerView((unit) => this.#openMap(unit));
  #atlas;
  #bodies;
  #foot;

  /** @param {RunControl} run @param {StageView} stage */
  constructor(run, stage) {
    this.#run = run;
    this.#stage = stage;
    this.#more = this.#moreOptions();
    this.#time = new TimeView(run, () => this.#look);
    this.#atlas = featureAtlasPanel(
      run,
      () => this.#options,
      () => this.#look.colours,
    );
    this.#bodies = {
      map: this.#map.element,
      time: this.#time.element,
      chosen: this.#picture.element,
      layer: this.#layer.element,
      network: this.#atlas.element,
      first: firstLayerPanel(run).element,
    };
    this.#foot = this.#makeFoot();
    const bodies = Object.values(this.#bodies);
    this.element = element("div", { class: "features" }, this.#head(), this.#refusal, this.#foot, ...bodies);
    this.#watch();
    this.#turnTo("map");
  }

  #watch() {
    const { store } = this.#run;
    this.#run.onFrame("features", this.#paint);
    this.#run.onFrame("projection", this.#paintPicture);
    store.watch(
      (state) => `${state.theme} ${state.depth}`,
      () => this.#repaint(),
    );
    store.watch(
      (state) => `${state.selected} ${state.unit}`,
      () => this.#update(),
    );
    store.watch(
      (state) => state.description,
      () => this.#update(),
    );
    store.watch(
      (state) => state.input,
      () => this.#update(),
    );
  }

  // What it is made of --------------------------------------------------------------------------------

  #moreOptions() {
    const onWay = (/** @type {typeof hasMaxPool} */ has) => {
      const { description, selected } = this.#run.state;
      return description !== null && this.#column !== null && has(description, selected ?? "");
    };
    return moreOptions(
      this.#run,
      "features",
      { normalisations: () => onWay(hasLocalNorm), mask_empty: () => onWay(hasMaxPool) },
      () => this.#update(),
      () => (onWay(hasBatchNorm) ? TEXTS.batchNormPasses : ""),
    );
  }

  #head() {
    const views = { class: "marks", role: "group", "aria-label": TEXTS.detailLevel };
    return element(
      "div",
      { class: "panel-head" },
      element("div", views, ...this.#buttons),
      ...this.#choices.map(({ label }) => label),
      this.#more.element,
      sliceBar(this.#run),
    );
  }

  #makeFoot() {
    return element(
      "div",
      { class: "panel-head" },
      this.#search,
      element("span", { class: "grow" }),
      element(
        "a",
        { class: "note", href: at("/methods/deconvnet"), target: "_blank" },
        TEXTS.howThisIsComputed,
      ),
      keepButtons(
        () => this.#kept.picture,
        () => this.#kept.frame,
        () => fileNameOf(this.#view, this.#column?.name ?? "", this.#run.state.unit),
        () => factsOf(this.#view, this.#column?.name ?? "", this.#run.state.unit, this.#options),
      ),
    );
  }

  get #choices() {
    return [this.#set, this.#rule, this.#seed, this.#shown, this.#enlarged];
  }

  // What is asked -------------------------------------------------------------------------------------

  get #options() {
    const [set, rule, seed] = [this.#set.value(), this.#rule.value(), this.#seed.value()];
    return { set, rule, seed, ...this.#more.values() };
  }

  get #column() {
    const { selected } = this.#run.state;
    return this.#stage.layout?.columns.find(({ name }) => name === selected) ?? null;
  }

  /** Why nothing can be shown of the selected column. */
  get #reason() {
    return refusalOf(this.#run.state, this.#column, this.#view, this.#rule.value());
  }

  /** @returns {JsonObject[]} */
  demand() {
    const column = this.#column;
    if (!column || this.#reason !== null) return [];
    const probe = demandOf(this.#view, column, this.#run.state, this.#options);
    return probe ? [probe] : [];
  }

  /** @param {View} view */
  #turnTo(view) {
    this.#view = view;
    this.#buttons.forEach((button, index) =>
      setAttribute(button, "aria-pressed", String(VIEWS[index] === view)),
    );
    this.#update();
  }

  /** @param {number} unit of the layer */
  #openMap(unit) {
    this.#run.select(this.#run.state.selected, unit);
    this.#turnTo("map");
  }

  /** Something else is selected or asked for. */
  #update() {
    this.#showParts();
    const wanted = JSON.stringify(this.demand());
    if (wanted !== this.#asked) this.#stale = this.#run.latest.get("features");
    this.#asked = wanted;
    demandChanged();
    this.#paint();
  }

  /** Only what means something in this view, for this column. */
  #showParts() {
    const [view, reason] = [this.#view, this.#reason];
    this.#refusal.hidden = reason === null;
    setText(this.#refusal, reason ?? "");
    for (const [name, body] of Object.entries(this.#bodies))
      body.hidden = name !== view || (reason !== null && name !== "first");
    this.#foot.hidden = reason !== null || !isLive(view);
    this.#search.hidden = !showsFeatures(view);
    for (const { label } of this.#choices) label.hidden = view === "first";
    this.#set.label.hidden ||= view === "chosen";
    for (const [index, each] of VIEWS.entries()) {
      const button = this.#buttons[index];
      if (button && each === "first") button.hidden = axesOf(this.#run.state.description) !== 2;
    }
    this.#more.update();
    if (view === "first") this.#more.element.hidden = true;
  }

  // Painting ------------------------------------------------------------------------------------------

  get #look() {
    return { theme: this.#run.state.theme, colours: this.#shown.value() === "colours" };
  }

  /** What the buttons below the picture take away. */
  get #kept() {
    const latest = this.#run.latest;
    if (this.#view === "time") return { picture: this.#time.picture, frame: this.#time.frame };
    if (this.#view === "chosen") return { picture: this.#picture.picture, frame: latest.get("projection") };
    const { picture } = this.#view === "layer" ? this.#layer : this.#map;
    return { picture, frame: latest.get("features") };
  }

  /** In other colours. */
  #repaint() {
    this.#paint();
    this.#paintPicture();
    this.#paintTime();
    this.#atlas.paint();
  }

  /** The newest frame of a probe, as pictures. @param {string} probe */
  #seen(probe) {
    const [frame, { description, depth }] = [this.#run.latest.get(probe), this.#run.state];
    return frame && asPictures(frame, axesOf(description), depth);
  }

  #paint = onNextPaint(() => {
    const frame = this.#seen("features");
    const wall = frame && wallOf(frame);
    const waits = !frame || !wall || !this.#column || this.#run.latest.get("features") === this.#stale;
    for (const { picture } of [this.#map, this.#layer]) picture.classList.toggle("waiting", waits);
    if (waits || this.#reason !== null || !showsFeatures(this.#view)) return;
    setText(this.#search, searchText(frame, this.#set.value()));
    this.#paintWall(frame, wall);
  });

  /** @param {Frame} frame @param {Wall} wall that is in it */
  #paintWall(frame, wall) {
    const row = wall.channels.data.indexOf(this.#run.state.unit);
    const classes = this.#run.state.description?.data.classes ?? [];
    if (this.#view === "layer") this.#layer.paint(wall, this.#look);
    else if (row >= 0 && this.#view === "map") this.#map.paint(wall, row, classes, this.#look);
    else if (row >= 0) this.#time.follow(frame);
  }

  #paintPicture = onNextPaint(() => {
    const frame = this.#seen("projection");
    if (frame) this.#picture.paint(frame, this.#look);
  });

  #paintTime = onNextPaint(() => this.#time.paint());
}
