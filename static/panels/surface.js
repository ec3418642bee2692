/** The answer over the plane, with the points it was learned from; and what it says of a place one names. */

/** @import { RunControl } from "../run/run.js" */

import { element } from "../core/dom.js";
import { shortNumber } from "../core/format.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { markerIcon, markerOf } from "../draw/markers.js";
import { fitCanvas } from "../draw/plot.js";
import { unitPixels } from "../draw/surface.js";
import { color } from "../draw/theme_colors.js";
import { check } from "../widgets/study_form.js";
import { AnswerPicture } from "./surface/answer.js";
import { InputRow } from "./surface/ask.js";
import { answerText, legendOf, pinnedBy, placeAt, planeOf, pointsOf } from "./surface/model.js";
import { drawCircle, drawPoints } from "./surface/points.js";

const TEXTS = texts(import.meta.url, {
  testPoints: "test points",
  trainingPoints: "training points",
  classesOnly: "classes only",
});

/** @param {RunControl} run @returns {HTMLElement} */
export function surfacePanel(run) {
  return new SurfacePanel(run).element;
}

class SurfacePanel {
  #run;
  #answer = new AnswerPicture();
  #points = element("canvas", { class: "surface-points", "aria-hidden": true });
  #frame = element("div", { class: "surface-frame" }, this.#answer.element, this.#points);
  #legend = element("div", { class: "legend" });
  /** The legend of a unit that is shown in the place of the answer; its name is said where it is pointed at. */
  #unit = element("div", { class: "legend", hidden: true, "aria-hidden": true });
  #sets = {
    test: check(TEXTS.testPoints, false, () => this.#paintPoints()),
    train: check(TEXTS.trainingPoints, true, () => this.#paintPoints()),
  };
  #discrete = check(TEXTS.classesOnly, false, () => this.#paint());
  #ask = new InputRow(
    () => this.#plane,
    (place) => this.#run.store.set({ pinned: place, point: place }),
  );

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
    this.#sets.train.input.after(markerIcon("circle", "")); // filled and hollow, as they are drawn
    this.#sets.test.input.after(markerIcon("ring", ""));
    const checks = [this.#sets.train, this.#sets.test, this.#discrete].map((each) => each.element);
    this.element = element(
      "div",
      { class: "surface-panel" },
      this.#frame,
      this.#legend,
      this.#unit,
      this.#ask.element,
      element("div", { class: "checks" }, ...checks),
    );
    this.#watch();
    this.#followPointer();
  }

  get #plane() {
    return planeOf(this.#run.state);
  }

  #watch() {
    const { store } = this.#run;
    const both = () => (this.#paint(), this.#paintPoints());
    this.#run.onFrame("answer", this.#paint);
    this.#run.onFrame("surface", () => this.#run.state.pointed && this.#paint());
    store.watch((state) => state.pointed, this.#paint);
    this.#run.onFrame("samples", this.#paintPoints);
    store.watch((state) => state.theme, both);
    store.watch(
      (state) => state.point,
      () => (this.#paintPoints(), this.#sayAnswer()),
    );
    store.watch(
      (state) => state.pinned,
      (pinned) => (this.#paintPoints(), this.#ask.write(pinned)),
    );
    store.watch(
      (state) => state.experiment?.data.kind,
      () => this.#showLegend(),
    );
    new ResizeObserver(both).observe(this.#frame);
  }

  #followPointer() {
    this.#frame.addEventListener("pointermove", (event) => this.#run.point(this.#placeUnder(event)));
    this.#frame.addEventListener("pointerleave", () => this.#run.point(null));
    this.#frame.addEventListener("click", (event) => {
      const point = this.#placeUnder(event);
      this.#run.store.set({ pinned: pinnedBy(this.#run.state.pinned, point), point });
    });
  }

  /** @param {MouseEvent} event */
  #placeUnder({ clientX, clientY }) {
    const { left, top, width, height } = this.#frame.getBoundingClientRect();
    return placeAt((clientX - left) / width, (clientY - top) / height);
  }

  #paint = onNextPaint(() => {
    if (this.#showUnit()) return;
    const newest = this.#run.latest.get("answer");
    if (!newest) return;
    const classes = this.#plane.classes.length;
    this.#answer.paint(newest, {
      classes,
      theme: this.#run.state.theme,
      discrete: this.#discrete.input.checked,
    });
    this.#sayAnswer();
  });

  /** Show the unit that is pointed at in the place of the answer; whether there is one. */
  #showUnit() {
    const { pointed, theme } = this.#run.state;
    const unit = pointed && unitPixels(this.#run.latest.get("surface"), pointed.column, pointed.unit, theme);
    this.#unit.hidden = !unit;
    this.#legend.hidden = Boolean(unit);
    if (!unit) return false;
    this.#answer.show(unit, false);
    const end = shortNumber(unit.end);
    this.#unit.replaceChildren(
      element("span", { class: "pointed-unit" }, pointed.name),
      element("span", {}, `−${end}`),
      element("span", { class: "gradient" }),
      element("span", {}, end),
    );
    return true;
  }

  #sayAnswer() {
    this.#ask.say(answerText(this.#run.latest.get("answer"), this.#run.state.point, this.#plane));
  }

  #paintPoints = onNextPaint(() => {
    const context = this.#points.getContext("2d");
    if (!context) return;
    const size = fitCanvas(this.#points, context);
    context.clearRect(0, 0, size.width, size.height);
    this.#drawSets(context, size);
    const { point, pinned } = this.#run.state;
    if (pinned) drawCircle(context, size, pinned, color("accent"));
    if (point && point !== pinned) drawCircle(context, size, point, color("ink"));
  });

  /**
   * Training points lie over test points.
   *
   * @param {CanvasRenderingContext2D} context @param {{ width: number, height: number }} size
   */
  #drawSets(context, size) {
    const samples = this.#run.latest.get("samples");
    if (!samples) return;
    const { half, classes } = this.#plane;
    const look = { classes: classes.length, theme: this.#run.state.theme };
    for (const set of /** @type {const} */ (["test", "train"]))
      if (this.#sets[set].input.checked) drawPoints(context, size, pointsOf(samples, set, half), set, look);
  }

  #showLegend() {
    const { classes } = this.#plane;
    this.#discrete.element.hidden = classes.length === 0;
    const legend = legendOf(classes);
    const entries = "names" in legend ? nameEntries(legend.names) : endEntries(legend, classes.length > 0);
    this.#legend.replaceChildren(...entries);
  }
}

/** @param {string[]} names of several classes */
function nameEntries(names) {
  return names.map((name, index) =>
    element("span", { class: `class-name class-${index % 8}` }, markerIcon(markerOf(index), ""), name),
  );
}

/** @param {{ low: string, high: string }} ends @param {boolean} marked whether points of classes have markers */
function endEntries({ low, high }, marked) {
  return [
    element("span", {}, marked && markerIcon(markerOf(0), "low"), low),
    element("span", { class: "gradient" }),
    element("span", {}, high, marked && markerIcon(markerOf(1), "high")),
  ];
}
