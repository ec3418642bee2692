/** Precision against recall of each class of a detector, and what they are under the pointer. */

/** @import { Detections } from "./detections.js" */

import { element, onNextFrame, setAttribute } from "../../core/dom.js";
import { onNextPaint } from "../../core/paint_scheduler.js";
import { setName } from "../../core/metric_names.js";
import { texts } from "../../core/texts.js";
import { linesFigure } from "../../draw/figure.js";
import { drawPlot, valueUnder } from "../../draw/plot.js";
import { plotColors } from "../../draw/theme_colors.js";
import { ClassLegend } from "../../widgets/class_legend.js";
import { LargePlot } from "../../widgets/large_plot.js";
import { legendOf, plotOf } from "./detections.js";

const TEXTS = texts(import.meta.url, {
  title: "Precision and recall",
  classes: "Classes, and the area below the curve of each",
});

/** How far a key moves the cursor. */
const KEYS = { ArrowLeft: -0.02, ArrowRight: 0.02 };

export class PrecisionRecall {
  /** @type {{ found: Detections, set: string } | null} */
  #shown = null;
  /** The recall under the pointer. @type {number | null} */
  #cursor = null;
  #canvas = element("canvas", {
    class: "metric-plot tall-plot",
    role: "img",
    tabindex: 0,
    "aria-label": TEXTS.title,
  });
  #legend = new ClassLegend({ label: TEXTS.classes, term: "average_precision" });
  #large;
  element;

  /** @param {() => string} title of the run */
  constructor(title) {
    this.#large = new LargePlot({ name: TEXTS.title, title, figure: linesFigure });
    const heading = element("h3", { class: "caption", "data-term": "precision_recall" }, TEXTS.title);
    const head = element("div", { class: "plot-head" }, heading, this.#large.button);
    this.element = element(
      "section",
      { class: "precision-recall", hidden: true },
      head,
      this.#canvas,
      this.#legend.element,
    );
    new ResizeObserver(onNextPaint(() => this.#draw())).observe(this.#canvas);
    this.#watchPointer();
  }

  #watchPointer() {
    const move = (/** @type {number | null} */ cursor) => ((this.#cursor = cursor), this.#follow());
    this.#canvas.addEventListener("pointermove", ({ offsetX }) => {
      const plot = this.#shown && plotOf(this.#shown.found);
      if (plot) move(valueUnder(this.#canvas, plot.x, offsetX));
    });
    this.#canvas.addEventListener("pointerleave", () => move(null));
    this.#canvas.addEventListener("blur", () => move(null));
    this.#canvas.addEventListener("keydown", (event) => {
      const by = KEYS[/** @type {keyof typeof KEYS} */ (event.key)];
      if (by === undefined) return;
      event.preventDefault();
      move(Math.min(1, Math.max(0, (this.#cursor ?? 0.5) + by)));
    });
  }

  /** The cursor does not wait for the next frame of the run. */
  #follow = onNextFrame(() => this.#draw());

  /** @param {Detections | null} found @param {string} set */
  paint(found, set) {
    this.element.hidden = found === null;
    this.#shown = found && { found, set };
    this.#draw();
  }

  #draw() {
    if (!this.#shown) return this.#large.show(null);
    const { found, set } = this.#shown;
    const plot = plotOf(found);
    drawPlot(this.#canvas, { ...plot, cursor: this.#cursor }, plotColors());
    this.#large.show(plot);
    setAttribute(this.#canvas, "aria-label", found.label);
    const { caption, marks } = legendOf(found, setName(set), this.#cursor);
    this.#legend.paint(marks, caption);
  }
}
