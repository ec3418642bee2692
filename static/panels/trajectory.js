/** The path of all weights through training, in the plane that shows most of it, or in others. */

/** @import { JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { StageView } from "../network/layout.js" */
/** @import { Plane, Trajectory } from "./trajectory/model.js" */

import { element, setText } from "../core/dom.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { drawRelief, drawScale, placesOn } from "../draw/relief.js";
import { groundColors } from "../draw/theme_colors.js";
import { LargePlot, titleOf } from "../widgets/large_plot.js";
import { choose, facts } from "../widgets/study_form.js";
import { pathFigure } from "./trajectory/figure.js";
import { recordingSwitch } from "./trajectory/recording.js";
import { model, pointText } from "./trajectory/model.js";
import { drawBars } from "./trajectory/variance_bars.js";

const TEXTS = texts(import.meta.url, {
  twoPrincipalDirections: "two principal directions",
  whereNow: "to where it is now",
  pathAllWeights: "The path of all weights appears here after a few steps.",
  varianceExplainedNo: "Variance explained: no path yet",
  trajectory: "Trajectory",
  plane: "Plane",
  planeGoesThrough: "The plane goes through where the network is now.",
  randomWalk: "random walk",
  varianceExplained: "Variance explained",
  lossPlanePath: "The loss in this plane, with the path on it: choose “the path's plane” there",
  landscape: "Landscape …",
});

/** @type {[Plane, string][]} */
const PLANES = [
  ["pca", TEXTS.twoPrincipalDirections],
  ["to_final", TEXTS.whereNow],
  ["random", "random"],
];

const WAITING = TEXTS.pathAllWeights;

/**
 * @param {RunControl} run @param {StageView} stage
 * @returns {{ element: HTMLElement, demand: () => JsonObject[] }}
 */
export function trajectoryPanel(run, stage) {
  return new TrajectoryPanel(run, stage);
}

class TrajectoryPanel {
  #run;
  #stage;
  #large;
  /** @type {Plane} */
  #plane = "pca";
  /** What is drawn. @type {Trajectory | null} */
  #drawn = null;
  /** Where the pointer rests on the path's picture. @type {{ x: number, y: number } | null} */
  #pointer = null;
  #recording;
  #canvas = element("canvas", { class: "relief-canvas", role: "img", "aria-label": WAITING });
  #legend = element("canvas", { class: "relief-scale", "aria-hidden": "true" });
  #hint = element("p", { class: "relief-hint" });
  #waiting = element("p", { class: "relief-empty" }, WAITING);
  #bars = element("canvas", {
    class: "variance-bars",
    role: "img",
    "aria-label": TEXTS.varianceExplainedNo,
  });
  #known = element("div", {});
  #note = element("p", { class: "note" });

  /** @param {RunControl} run @param {StageView} stage */
  constructor(run, stage) {
    this.#run = run;
    this.#stage = stage;
    this.#recording = recordingSwitch(run);
    this.#large = new LargePlot({ name: TEXTS.trajectory, title: () => titleOf(run), figure: pathFigure });
    const parts = [this.#canvas, this.#legend, this.#waiting, this.#hint, this.#large.button];
    const figure = element("div", { class: "relief-figure" }, ...parts);
    this.element = element("div", { class: "relief-tab" }, figure, this.#side());
    this.#canvas.addEventListener("pointermove", ({ offsetX: x, offsetY: y }) => this.#point({ x, y }));
    this.#canvas.addEventListener("pointerleave", () => this.#point(null));
    run.onFrame("trajectory", this.#paint);
    run.store.watch((state) => state.theme, this.#paint);
    for (const canvas of [this.#canvas, this.#bars]) new ResizeObserver(this.#paint).observe(canvas);
  }

  demand() {
    return [{ kind: "trajectory", hz: 4 }];
  }

  #side() {
    const plane = choose(
      TEXTS.plane,
      PLANES,
      this.#plane,
      (value) => ((this.#plane = /** @type {Plane} */ (value)), this.#paint()),
      TEXTS.planeGoesThrough,
    );
    const walk = element("span", { class: "key-null" }, TEXTS.randomWalk);
    const heading = element(
      "h3",
      { class: "caption", "data-term": "variance" },
      TEXTS.varianceExplained,
      walk,
    );
    return element(
      "div",
      { class: "relief-side" },
      plane.element,
      this.#recording.element,
      this.#known,
      element("section", {}, heading, this.#bars),
      this.#note,
      element("div", { class: "relief-actions" }, this.#landscapeButton()),
    );
  }

  #landscapeButton() {
    return element(
      "button",
      {
        type: "button",
        class: "button",
        title: TEXTS.lossPlanePath,
        onclick: () => {
          const { selected, unit } = this.#run.state;
          this.#stage.inspect(selected ?? "", unit, "landscape", true);
        },
      },
      TEXTS.landscape,
    );
  }

  #paint = onNextPaint(() => {
    const frame = this.#run.latest.get("trajectory");
    if (!frame) return;
    const trajectory = model(frame, this.#plane);
    this.#recording.show(trajectory?.steps[0]);
    this.#waiting.hidden = trajectory !== null;
    if (!trajectory) return;
    this.#drawn = trajectory;
    this.#drawPath(trajectory);
    this.#large.show({ trajectory, theme: this.#run.state.theme, colors: groundColors() });
    this.#known.replaceChildren(facts(trajectory.facts));
    drawBars(this.#bars, trajectory.spectrum, trajectory.chance);
    this.#bars.setAttribute("aria-label", trajectory.labels.bars);
    setText(this.#note, trajectory.note);
    this.#sayPointed();
  });

  /** @param {Trajectory} trajectory */
  #drawPath({ relief, labels }) {
    const { theme } = this.#run.state;
    drawRelief(this.#canvas, relief, theme);
    drawScale(this.#legend, relief, theme);
    this.#canvas.setAttribute("aria-label", labels.path);
  }

  /** @param {{ x: number, y: number } | null} place */
  #point(place) {
    this.#pointer = place;
    this.#sayPointed();
  }

  /** The point of the path that is pointed at, of the newest frame: the path grows under a resting pointer. */
  #sayPointed() {
    const [drawn, pointer] = [this.#drawn, this.#pointer];
    if (!drawn || !pointer) return setText(this.#hint, "");
    const { clientWidth, clientHeight } = this.#canvas;
    setText(this.#hint, pointText(drawn, pointer, placesOn(clientWidth, clientHeight, drawn.relief)));
  }
}
