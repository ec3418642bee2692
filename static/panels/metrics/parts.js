/** The parts of the metrics that unfold: each class, the calibration, two curves; only open ones are painted. */

/** @import { Calibration, Curve, EachClass, Metrics } from "./model.js" */
/** @import { Source } from "../../widgets/large_plot.js" */

import { element, picture, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { color } from "../../draw/theme_colors.js";
import { LargePlot } from "../../widgets/large_plot.js";
import { precisionFigure, reliabilityFigure, rocFigure } from "./figures.js";
import { drawCurve, drawReliability } from "./plots.js";

const TEXTS = texts(import.meta.url, {
  eachClass: "Each class",
  calibration: "Calibration",
  precisionAndRecall: "Precision and recall",
  rocAndPrecisionRecall: "ROC and precision–recall",
});

export class MetricParts {
  #table = element("table", { class: "each-class" });
  #each = part(TEXTS.eachClass, element("div", { class: "scrolling" }, this.#table));
  #title;
  #titled = () => this.#title();
  #reliability = plot({ name: TEXTS.calibration, title: this.#titled, figure: reliabilityFigure });
  #calibration = part(TEXTS.calibration, this.#reliability.canvas, this.#reliability.foot);
  #roc = plot({ name: "ROC", title: this.#titled, figure: rocFigure });
  #precision = plot({ name: TEXTS.precisionAndRecall, title: this.#titled, figure: precisionFigure });
  #curves = part(
    TEXTS.rocAndPrecisionRecall,
    element(
      "div",
      { class: "two-plots" },
      element("figure", {}, this.#roc.canvas, this.#roc.foot),
      element("figure", {}, this.#precision.canvas, this.#precision.foot),
    ),
  );
  elements = [this.#each, this.#calibration, this.#curves];

  /**
   * @param {() => void} unfolded called when a part is opened or closed @param {() => string} title of the run
   */
  constructor(unfolded, title) {
    this.#title = title;
    for (const each of this.elements) each.addEventListener("toggle", unfolded);
  }

  /** @param {Metrics} metrics */
  paint({ each, calibration, curves }) {
    this.#each.hidden = each === null;
    this.#calibration.hidden = calibration === null;
    this.#curves.hidden = curves === null;
    if (each && this.#each.open) paintTable(this.#table, each);
    if (calibration && this.#calibration.open) this.#paintCalibration(calibration);
    if (curves && this.#curves.open) this.#paintCurves(curves);
  }

  /** @param {Calibration} calibration */
  #paintCalibration(calibration) {
    drawReliability(this.#reliability.canvas, calibration);
    this.#reliability.large.show({ calibration, color: color("positive"), lineColor: color("ink-3") });
    setText(this.#reliability.note, calibration.summary);
  }

  /** @param {NonNullable<Metrics["curves"]>} curves */
  #paintCurves({ roc, precision }) {
    drawCurve(this.#roc.canvas, roc);
    drawCurve(this.#precision.canvas, precision);
    this.#roc.large.show(colored(roc));
    this.#precision.large.show(colored(precision));
    setText(this.#roc.note, roc.summary);
    setText(this.#precision.note, precision.summary);
  }
}

/** @template Shown @param {Source<Shown>} source of the large one */
function plot(source) {
  const canvas = picture("metric-plot");
  const note = element("p", { class: "note" });
  const large = new LargePlot(source);
  return { canvas, note, large, foot: element("div", { class: "plot-foot" }, note, large.button) };
}

/** A curve with the colours it is drawn in. @param {Curve} curve */
function colored(curve) {
  return { curve, color: color("accent"), chance: color("line-strong") };
}

/** @param {string} title @param {...HTMLElement} content */
function part(title, ...content) {
  return element("details", { class: "more metric-part" }, element("summary", {}, title), ...content);
}

/** @param {HTMLTableElement} table @param {EachClass} each */
function paintTable(table, { columns, rows, mean }) {
  const heads = columns.map((name) => element("th", { scope: "col" }, name));
  const body = rows.map((cells) => rowOf(cells, { title: cells[0] ?? "" }));
  const last = rowOf(mean);
  last.className = "mean";
  table.replaceChildren(
    element("thead", {}, element("tr", {}, element("td", {}), ...heads)),
    element("tbody", {}, ...body, last),
  );
}

/** @param {string[]} cells the first is the head of the row @param {{ title?: string }} [attributes] of it */
function rowOf([head = "", ...cells], attributes = {}) {
  return element(
    "tr",
    {},
    element("th", { scope: "row", ...attributes }, head),
    ...cells.map((text) => element("td", {}, text)),
  );
}
