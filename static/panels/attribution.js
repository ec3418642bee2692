/** Attribution: which pixels of the chosen picture speak for a class, by several methods side by side. */

/** @import { JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { StageView } from "../network/layout.js" */
/** @import { Panel } from "../widgets/lazy_panel.js" */

import { at } from "../core/address.js";
import { axesOf, hasLocalNorm, methodRefusal, withMaps } from "../catalog/applicability.js";
import { element, onNextFrame, setAttribute, setText } from "../core/dom.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { asPictures } from "../draw/places.js";
import { completenessOf, completenessText } from "../widgets/completeness.js";
import { demandChanged } from "../widgets/lazy_panel.js";
import { moreOptions } from "../widgets/probe_options.js";
import { keepButtons, pictureFact, scalar } from "../widgets/save_picture.js";
import { sliceBar } from "../widgets/slice_bar.js";
import { MethodCards } from "./attribution/cards.js";
import { model, possibleMethods, refusal } from "./attribution/model.js";
import { AttributionOptions } from "./attribution/options.js";
import { occlusionPanel } from "./occlusion.js";
import { sanityCheckPanel } from "./sanity_check.js";

const TEXTS = texts(import.meta.url, {
  methods: "Methods",
  occlusion: "Occlusion",
  randomiseWeights: "Randomise weights",
  mapsComeNextLook: "The maps come with the next look.",
  whatIsShown: "What is shown",
  whatEachMethodComputes: "what each method computes",
  byTheirGradient: "by their gradient",
});

/** @typedef {"methods" | "occlusion" | "sanity"} View */

/** @type {[View, string][]} */
const VIEWS = [
  ["methods", TEXTS.methods],
  ["occlusion", TEXTS.occlusion],
  ["sanity", TEXTS.randomiseWeights],
];

/** @param {RunControl} run @param {StageView} _stage @returns {Panel} */
export function attributionPanel(run, _stage) {
  return new AttributionPanel(run);
}

class AttributionPanel {
  #run;
  /** @type {View} */
  #view = "methods";
  #refusal = element("p", { class: "note refusal", hidden: true });
  #status = element("p", { class: "note", role: "status" }, TEXTS.mapsComeNextLook);
  #options = new AttributionOptions(
    () => this.#update(),
    () => this.#follow(),
  );
  #cards = new MethodCards();
  #occlusion;
  #sanity;
  #keep;
  #more;
  #buttons = VIEWS.map(([view, title]) =>
    element("button", { type: "button", class: "mark", onclick: () => this.#turnTo(view) }, title),
  );

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
    this.#occlusion = occlusionPanel(run, () => this.#ask());
    this.#sanity = sanityCheckPanel(run, () => ({ ...this.#ask(), methods: this.#methods }));
    this.#keep = keepButtons(
      () => this.#cards.element,
      () => run.latest.get("attribution"),
      () => "attribution",
      () => this.#facts(),
    );
    this.#more = this.#moreOptions();
    const bodies = Object.values(this.#bodies);
    this.element = element(
      "div",
      { class: "attribution" },
      this.#head(),
      this.#refusal,
      this.#status,
      ...bodies,
    );
    this.#watch();
    this.#turnTo("methods");
  }

  /** @returns {JsonObject[]} */
  demand() {
    if (this.#refused !== null) return [];
    if (this.#view === "occlusion") return this.#occlusion.demand();
    const methods = this.#methods;
    return this.#view === "methods" && methods.length > 0
      ? [{ kind: "attribution", ...this.#ask(), methods, ...this.#more.values(), hz: 2 }]
      : [];
  }

  #head() {
    return element(
      "div",
      { class: "panel-head" },
      element("div", { class: "marks", role: "group", "aria-label": TEXTS.whatIsShown }, ...this.#buttons),
      this.#options.classes,
      ...this.#options.looks,
      this.#more.element,
      sliceBar(this.#run),
      element("span", { class: "grow" }),
      element("a", { class: "note", href: at("/methods"), target: "_blank" }, TEXTS.whatEachMethodComputes),
      this.#keep,
    );
  }

  #moreOptions() {
    const { store } = this.#run;
    const output = () => store.state.description?.outputs[0] ?? "";
    const nodes = () => withMaps(store.state.description);
    return moreOptions(
      this.#run,
      "attribution",
      {
        node: () => (this.#methods.includes("grad_cam") ? nodes() : []),
        // They are doubled by themselves until the sum is right, so this alone is no reason to offer more.
        steps: () => this.#methods.includes("integrated_gradients") && nodes().length > 0,
        normalisations: () =>
          store.state.description !== null && hasLocalNorm(store.state.description, output()),
      },
      () => this.#update(),
    );
  }

  #watch() {
    const { store } = this.#run;
    this.#run.onFrame("attribution", this.#paint);
    store.watch((state) => `${state.theme} ${state.depth}`, this.#paint);
    store.watch(
      (state) => state.input,
      () => this.#update(),
    );
    store.watch(
      (state) => state.description,
      (description) => {
        this.#options.offer(description?.data?.classes ?? []);
        this.#update();
      },
    );
  }

  /** The element of each view. @returns {Record<View, HTMLElement>} */
  get #bodies() {
    return {
      methods: this.#cards.element,
      occlusion: this.#occlusion.element,
      sanity: this.#sanity.element,
    };
  }

  /** Kinds of the methods that say something of this network. */
  get #methods() {
    return possibleMethods(this.#run.state);
  }

  /** Why nothing can be asked; null where something can. */
  get #refused() {
    return refusal(this.#run.state);
  }

  #ask() {
    return { input: this.#run.state.input, target: this.#options.target };
  }

  /** @param {View} view */
  #turnTo(view) {
    this.#view = view;
    this.#buttons.forEach((button, index) =>
      setAttribute(button, "aria-pressed", String(VIEWS[index]?.[0] === view)),
    );
    this.#keep.hidden = view !== "methods";
    this.#update();
  }

  #update() {
    const reason = this.#refused;
    this.#refusal.hidden = reason === null;
    setText(this.#refusal, reason ?? "");
    for (const [view, body] of Object.entries(this.#bodies))
      body.hidden = view !== this.#view || reason !== null;
    this.#status.hidden = reason !== null || this.#view !== "methods";
    this.#options.showLooks(this.#view === "methods", axesOf(this.#run.state.description));
    this.#more.update();
    if (this.#view === "occlusion") this.#occlusion.update();
    if (this.#view === "sanity") this.#sanity.update();
    if (this.#view !== "methods") this.#more.element.hidden = true;
    demandChanged();
    this.#paint();
  }

  #paint = onNextPaint(() => this.#draw());
  /** What a hand slides does not wait for the next paint. */
  #follow = onNextFrame(() => this.#draw());

  #draw() {
    const { description, catalog, theme } = this.#run.state;
    const newest = this.#run.latest.get("attribution");
    const frame = newest && asPictures(newest, axesOf(description), this.#run.state.depth);
    if (!description || this.#view !== "methods" || this.#refused !== null) return;
    this.#cards.refuse((kind) => methodRefusal(description, catalog, kind));
    if (!frame) return;
    const classes = description.data.classes ?? [];
    const attribution = model(frame, { methods: this.#methods, look: this.#options.look, classes });
    this.#cards.paint(attribution, { behind: this.#options.behind, theme });
    setText(this.#status, attribution.summary);
  }

  /** What the picture is, for who takes it away. @returns {Record<string, string>} */
  #facts() {
    const frame = this.#run.latest.get("attribution");
    const sum = completenessOf(frame);
    const { node, normalisations } = this.#more.values();
    const target = frame ? scalar(frame.arrays, "target", 0) : 0;
    return {
      class: String(this.#run.state.description?.data.classes?.[target] ?? ""),
      picture: pictureFact(this.#ask()),
      methods: this.#methods.join(", "),
      ...(sum ? { "integrated gradients": completenessText(sum) } : {}),
      ...(node ? { "Grad-CAM at": String(node) } : {}),
      ...(normalisations === "gradient" ? { "local normalisations": TEXTS.byTheirGradient } : {}),
    };
  }
}
