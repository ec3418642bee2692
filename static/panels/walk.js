/** Walk: one sample forward, to the loss, back, and the update, with every number on the drawing of the network. */

/** @import { Frame, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { StageView } from "../network/layout.js" */
/** @import { Panel } from "../widgets/lazy_panel.js" */
/** @import { EdgeOf } from "./walk/chain.js" */
/** @import { View } from "./walk/model.js" */

import { inputNames } from "../catalog/catalog.js";
import { element, setText } from "../core/dom.js";
import { wholeNumber } from "../core/format.js";
import { isEqual } from "../core/json.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { sheet } from "../core/sheet.js";
import { texts } from "../core/texts.js";
import { edgeAt } from "../draw/edges.js";
import { classNames } from "../run/maps.js";
import { demandChanged } from "../widgets/lazy_panel.js";
import { ChainView } from "./walk/chain_view.js";
import { WalkLayer } from "./walk/layer.js";
import { model, pointedSource } from "./walk/model.js";
import { Player } from "./walk/player.js";
import { SampleBar } from "./walk/sample_bar.js";
import { StepView } from "./walk/step_view.js";

const TEXTS = texts(import.meta.url, {
  atStep: "at step {step}",
  waiting: "The numbers come with the next look at the network.",
});

/** @param {RunControl} run @param {StageView} stage @returns {Panel} */
export function panel(run, stage) {
  sheet(new URL("../styles/walk.css", import.meta.url));
  const made = new WalkPanel(run, stage);
  return { element: made.element, demand: () => made.demand() };
}

class WalkPanel {
  #run;
  #stage;
  /** The frame that is walked; it stays while a newer one comes, until the walk begins anew. @type {Frame | null} */
  #frame = null;
  #phase = 0;
  /** @type {EdgeOf | null} */
  #edge = null;
  #layer = new WalkLayer();
  #player = new Player(
    (phase) => this.#goTo(phase),
    () => this.#isSeen,
  );
  #samples = new SampleBar((input) => this.#run.store.set({ input }));
  #step = new StepView();
  #chain = new ChainView((edge) => this.#follow(edge));
  #moment = element("span", { class: "note" });
  #broken = element("p", { class: "note error", role: "status", hidden: true });
  #waiting = element("p", { class: "note" }, TEXTS.waiting);
  #body = element("div", { class: "walk-body", hidden: true }, this.#step.element, this.#chain.element);
  element = element(
    "div",
    { class: "walk-panel" },
    element("div", { class: "walk-head" }, this.#player.element, this.#samples.element, this.#moment),
    this.#broken,
    this.#waiting,
    this.#body,
  );

  /** @param {RunControl} run @param {StageView} stage */
  constructor(run, stage) {
    this.#run = run;
    this.#stage = stage;
    stage.addLayer(this.#layer.element);
    const drawing = this.#layer.element.parentElement;
    drawing?.addEventListener("pointermove", (event) => this.#point(event));
    drawing?.addEventListener("pointerdown", (event) => this.#point(event));
    stage.onArranged(this.#paint);
    run.onFrame("walk", (frame) => this.#take(frame));
    run.store.watch(
      (state) => `${state.selected} ${state.unit}`,
      () => this.#select(),
    );
    run.store.watch(
      (state) => state.input,
      () => this.#begin(),
    );
    run.store.watch((state) => state.description, this.#paint);
    new ResizeObserver(this.#paint).observe(this.element);
  }

  /** @returns {JsonObject[]} */
  demand() {
    return [{ kind: "walk", input: this.#run.state.input, hz: 2 }];
  }

  get #isSeen() {
    return this.element.isConnected && this.element.clientWidth > 0;
  }

  /**
   * A newer frame is walked from its beginning on; where training stands, each step is looked at.
   *
   * @param {Frame} frame
   */
  #take(frame) {
    const isAsked = isEqual(this.#run.demandOf(frame)["input"], this.#run.state.input);
    const training = this.#run.state.status?.state === "training";
    if (!isAsked || (this.#frame !== null && this.#phase > 0 && training)) return;
    this.#frame = frame;
    this.#paint();
  }

  /** Another sample: its walk begins when its numbers come. */
  #begin() {
    [this.#frame, this.#phase] = [null, 0];
    demandChanged();
    this.#paint();
  }

  /** @param {number} phase */
  #goTo(phase) {
    if (this.#frame === null) return; // the next sample is on its way
    const view = this.#view();
    if (view && phase >= view.count) return this.#samples.beside(1);
    this.#phase = phase;
    this.#edge = null;
    this.#paint();
  }

  /** @param {EdgeOf} edge */
  #follow(edge) {
    this.#edge = edge;
    this.#paint();
  }

  #select() {
    this.#edge = null;
    this.#paint();
  }

  /** The weight that is pointed at is followed. @param {PointerEvent} event */
  #point({ clientX, clientY }) {
    const { layout } = this.#stage;
    if (!layout || !this.#isSeen) return;
    const box = this.#layer.element.getBoundingClientRect();
    const edge = edgeAt(layout, clientX - box.left, clientY - box.top);
    if (!edge || !this.#frame) return;
    const { to } = edge.link;
    const source = pointedSource(this.#frame, to, edge.source.index);
    this.#follow({ to: to.name, target: edge.target.index, source });
  }

  /** @returns {View | null} */
  #view() {
    const { description, selected, unit, catalog, experiment } = this.#run.state;
    const { layout } = this.#stage;
    if (!this.#frame || !layout || !description || !experiment) return null;
    const inputs = inputNames(catalog, experiment);
    const context = { layout, description, selected, unit, inputs, classes: classNames(this.#run) };
    return model(this.#frame, { ...context, phase: this.#phase, edge: this.#edge });
  }

  #paint = onNextPaint(() => {
    const view = this.#isSeen ? this.#view() : null;
    this.#layer.element.hidden = view === null;
    this.#samples.paint(this.#run.state.input, this.#run.state.description?.data?.sets ?? {});
    this.#waiting.hidden = this.#frame !== null;
    this.#body.hidden = this.#frame === null;
    if (view) this.#show(view);
  });

  /** @param {View} view */
  #show(view) {
    const { layout } = this.#stage;
    if (layout) this.#layer.paint(layout, view);
    this.#player.paint(view);
    this.#step.paint(view.step, view.phase.name);
    this.#chain.paint(view);
    this.#broken.hidden = view.broken === null;
    setText(this.#broken, view.broken ?? "");
    const step = this.#frame?.metadata["step"];
    setText(this.#moment, step === undefined ? "" : TEXTS.atStep({ step: wholeNumber(Number(step)) }));
  }
}
