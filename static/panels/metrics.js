/**
 * How good the answers are: numbers, the confusion matrix and its examples, curves, calibration; always of a
 * named set.
 */

/** @import { Frame, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { Cell } from "./confusion_matrix/model.js" */
/** @import { Figure, Metrics } from "./metrics/model.js" */

import { element, setText } from "../core/dom.js";
import { wholeNumber } from "../core/format.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { setName } from "../core/metric_names.js";
import { texts } from "../core/texts.js";
import { targetsOf } from "../catalog/catalog.js";
import { classNames } from "../run/maps.js";
import { titleOf } from "../widgets/large_plot.js";
import { demandChanged } from "../widgets/lazy_panel.js";
import { ConfusionTable } from "./confusion_matrix.js";
import { isSameCell } from "./confusion_matrix/model.js";
import { ANY } from "./metrics/cell.js";
import { detectionsOf, metricsOf } from "./metrics/detections.js";
import { CellExamples } from "./metrics/examples.js";
import { model } from "./metrics/model.js";
import { MetricParts } from "./metrics/parts.js";
import { PrecisionRecall } from "./metrics/precision_recall.js";

const TEXTS = texts(import.meta.url, {
  whichSetIsJudged: "Which set is judged",
  confusionMatrix: "Confusion matrix",
  samples: "{count} samples, {set}",
});

/** Words for each set, and what it means that a number is from it. @type {Record<string, string>} */
/** @type {Record<string, string>} */
const MEANING = texts(import.meta.url, {
  train: "what it learns from",
  validation: "held out, for choices",
  test: "held out, never learned from",
});

/** Pictures a second: judging a whole set costs a pass over it. */
const HZ = 2;

/** @param {RunControl} run @returns {{ element: HTMLElement, demand: () => JsonObject[] }} */
export function metricsPanel(run) {
  return new MetricsPanel(run);
}

class MetricsPanel {
  #run;
  #set = "test";
  /** Whose examples are shown. @type {Cell} */
  #cell = ANY;
  #sets = element("div", { class: "marks", role: "group", "aria-label": TEXTS.whichSetIsJudged });
  #source = element("p", { class: "note metrics-source" });
  #figures = element("dl", { class: "metric-numbers" });
  #units = element("p", { class: "note", hidden: true });
  #table = new ConfusionTable((cell) => this.#open(isSameCell(cell, this.#cell) ? ANY : cell));
  #matrix = element(
    "div",
    { class: "confusion-panel", tabindex: 0, role: "group", "aria-label": TEXTS.confusionMatrix },
    this.#table.element,
  );
  #matrixNote = element("p", { class: "note" });
  #found = new PrecisionRecall(() => titleOf(this.#run));
  #examples;
  #parts = new MetricParts(
    () => this.#paint(),
    () => titleOf(this.#run),
  );

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
    this.#examples = new CellExamples(run, () => this.#open(ANY));
    this.element = element(
      "div",
      { class: "metrics-panel" },
      element("div", { class: "metric-head" }, this.#sets, this.#source),
      this.#figures,
      this.#units,
      this.#matrix,
      this.#matrixNote,
      this.#found.element,
      this.#examples.element,
      ...this.#parts.elements,
    );
    this.#watch();
  }

  /** @returns {JsonObject[]} */
  demand() {
    const set = this.#set;
    if (!this.#hasExamples) return [{ kind: "metrics", set, hz: HZ }];
    return [
      { kind: "metrics", set, hz: HZ },
      { kind: "examples", set, ...this.#cell, most: 18, side: 64, hz: HZ },
    ];
  }

  /** Whether an answer is about a sample, not about each of its pixels or objects. */
  get #hasExamples() {
    return !["masks", "boxes"].includes(targetsOf(this.#run.state) ?? "");
  }

  #watch() {
    const { store } = this.#run;
    this.#run.onFrame("metrics", this.#paint);
    this.#run.onFrame("examples", this.#paint);
    store.watch(
      (state) => state.description?.data,
      () => this.#showSets(),
    );
    store.watch(
      (state) => state.experiment?.data.kind,
      () => this.#open(ANY),
    );
    store.watch((state) => state.theme, this.#paint);
    new ResizeObserver(this.#paint).observe(this.element);
  }

  /** @param {Cell} cell */
  #open(cell) {
    this.#cell = cell;
    demandChanged();
    this.#paint();
  }

  /** @param {string} set */
  #turnTo(set) {
    this.#set = set;
    this.#showSets();
    demandChanged();
  }

  #showSets() {
    /** @type {Record<string, number>} */
    const counts = { ...(this.#run.state.description?.data?.sets ?? { train: 0, test: 0 }) };
    if (!(this.#set in counts)) this.#set = "test";
    this.#sets.replaceChildren(...Object.keys(counts).map((set) => this.#setButton(set)));
    const count = wholeNumber(counts[this.#set] ?? 0);
    setText(this.#source, TEXTS.samples({ count, set: MEANING[this.#set] ?? "" }));
  }

  /** @param {string} set */
  #setButton(set) {
    const pressed = String(set === this.#set);
    return element(
      "button",
      { type: "button", class: "mark", "aria-pressed": pressed, onclick: () => this.#turnTo(set) },
      setName(set),
    );
  }

  #paint = onNextPaint(() => {
    if (this.element.clientWidth === 0) return;
    const [set, classes] = [this.#set, classNames(this.#run)];
    const judged = this.#newest("metrics");
    if (judged?.asked["set"] === set) {
      const found = detectionsOf(judged.frame, classes);
      this.#paintMetrics(found ? metricsOf(found) : model(judged.frame, { set, classes }), classes);
      this.#found.paint(found, set);
    }
    this.#examples.element.hidden = !this.#hasExamples;
    if (this.#hasExamples) this.#examples.paint(this.#newest("examples"), { set, classes, cell: this.#cell });
  });

  /** The newest frame of a probe and what it answers. @param {string} probe */
  #newest(probe) {
    const frame = this.#run.latest.get(probe);
    return frame ? { frame, asked: this.#run.demandOf(frame) } : null;
  }

  /** @param {Metrics} metrics @param {string[]} classes */
  #paintMetrics(metrics, classes) {
    paintFigures(this.#figures, metrics.figures);
    this.#figures.title = metrics.meaning;
    this.#units.hidden = metrics.units === "";
    setText(this.#units, metrics.units);
    this.#paintMatrix(metrics.matrix, classes);
    this.#parts.paint(metrics);
  }

  /** @param {Metrics["matrix"]} matrix @param {string[]} classes */
  #paintMatrix(matrix, classes) {
    this.#matrix.hidden = !matrix?.readable;
    this.#matrixNote.hidden = matrix === null;
    setText(this.#matrixNote, matrix?.note ?? "");
    if (matrix?.readable) this.#table.show(matrix.counts, classes, this.#cell);
  }
}

/** @param {HTMLElement} list @param {Figure[]} figures */
function paintFigures(list, figures) {
  if (list.childElementCount !== figures.length)
    list.replaceChildren(...figures.map(() => element("div", {}, element("dt", {}), element("dd", {}))));
  figures.forEach(({ name, text, full }, index) => {
    const [dt, dd] = [...(list.children[index]?.children ?? [])];
    if (dt) setText(dt, name);
    if (!(dd instanceof HTMLElement)) return;
    setText(dd, text);
    dd.title = full;
  });
}
