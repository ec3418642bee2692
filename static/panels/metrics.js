/**
 * How good the answers are: numbers, the confusion matrix and its examples, curves, calibration; always of a
 * named set.
 */

/** @import { Frame, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { Cell } from "./confusion_matrix.js" */

import { onNextBeat } from "../core/paint_scheduler.js";
import { element, iconButton, setAttribute, setText } from "../core/dom.js";
import { drawPlot } from "../draw/plot.js";
import { fullNumber, percent, shareNumber, shortNumber, steadyNumber, wholeNumber } from "../core/format.js";
import { color, plotInk } from "../draw/theme_colors.js";
import { demandChanged } from "../widgets/lazy_panel.js";
import { classNames } from "../run/maps.js";
import { confusionTable, MOST_CLASSES } from "./confusion_matrix.js";
import { examplesList } from "./examples.js";

/** Words for each set, and what it means that a number is from it. @type {Record<string, string>} */
const MEANING = {
  train: "what it learns from",
  validation: "held out, for choices",
  test: "held out, never learned from",
};

/** Pictures a second: judging a whole set costs a pass over it. */
const HZ = 2;

/**
 * @param {RunControl} run
 * @returns {{ element: HTMLElement, demand: () => JsonObject[] }}
 */
export function metricsPanel(run) {
  let set = "test";
  /** @type {Cell} */
  let cell = { truth: null, said: null };
  const sets = element("div", { class: "marks", role: "group", "aria-label": "Which set is judged" });
  const source = element("p", { class: "note metrics-source" });
  const numbers = element("dl", { class: "metric-numbers" });
  const units = element("p", { class: "note", hidden: true });
  const table = confusionTable((opened) =>
    openCell(same(opened, cell) ? { truth: null, said: null } : opened),
  );
  const matrixNote = element("p", { class: "note" });
  const matrix = element(
    "div",
    { class: "confusion-panel", tabindex: 0, role: "group", "aria-label": "Confusion matrix" },
    table.element,
  );
  const examplesTitle = element("h3", { class: "caption" });
  const examplesClose = iconButton("remove", "Show the surest mistakes again", () =>
    openCell({ truth: null, said: null }),
  );
  const examples = examplesList(run);
  const examplesPlace = element(
    "section",
    { class: "metric-part" },
    element("div", { class: "metric-head" }, examplesTitle, examplesClose),
    examples.element,
  );
  const eachTable = element("table", { class: "each-class" });
  const each = part("Each class", element("div", { class: "scrolling" }, eachTable));
  const reliability = element("canvas", { class: "metric-plot", role: "img" });
  const reliabilityNote = element("p", { class: "note" });
  const calibration = part("Calibration", reliability, reliabilityNote);
  const [roc, curve] = [
    element("canvas", { class: "metric-plot", role: "img" }),
    element("canvas", { class: "metric-plot", role: "img" }),
  ];
  const [rocWords, curveWords] = [element("p", { class: "note" }), element("p", { class: "note" })];
  const curves = part(
    "ROC and precision–recall",
    element(
      "div",
      { class: "two-plots" },
      element("figure", {}, roc, rocWords),
      element("figure", {}, curve, curveWords),
    ),
  );
  const whole = element(
    "div",
    { class: "metrics-panel" },
    element("div", { class: "metric-head" }, sets, source),
    numbers,
    units,
    matrix,
    matrixNote,
    examplesPlace,
    each,
    calibration,
    curves,
  );

  /** @param {Cell} opened */
  function openCell(opened) {
    cell = opened;
    demandChanged();
    paint();
  }

  function showSets() {
    const counts = run.state.description?.data?.sets ?? { train: 0, test: 0 };
    if (!(set in counts)) set = "test";
    const buttons = Object.keys(counts).map((name) =>
      element(
        "button",
        { type: "button", class: "mark", "aria-pressed": String(name === set), onclick: () => turnTo(name) },
        name,
      ),
    );
    sets.replaceChildren(...buttons);
    const count = /** @type {Record<string, number>} */ (counts)[set] ?? 0;
    setText(source, `${wholeNumber(count)} samples, ${MEANING[set] ?? ""}`);
  }

  /** @param {string} name */
  function turnTo(name) {
    set = name;
    showSets();
    demandChanged();
  }

  const paint = onNextBeat(() => {
    const frame = run.latest.get("metrics");
    if (whole.clientWidth === 0) return;
    const classes = classNames(run);
    if (frame && run.demandOf(frame)["set"] === set) paintMetrics(frame, classes);
    paintExamples(classes);
  });

  /** @param {Frame} frame @param {string[]} classes */
  function paintMetrics(frame, classes) {
    const values = (/** @type {string} */ name) => frame.arrays.get(name)?.data;
    const one = (/** @type {string} */ name) => values(name)?.[0] ?? NaN;
    const confusion = values("confusion");
    const judged = confusion !== undefined && confusion.length === classes.length ** 2;
    showNumbers(
      numbers,
      confusion
        ? [
            ["accuracy", one("accuracy")],
            ["precision", values("macro")?.[0] ?? NaN],
            ["recall", values("macro")?.[1] ?? NaN],
            ["F1", values("macro")?.[2] ?? NaN],
          ]
        : [
            ["RMSE", one("rmse.original")],
            ["MAE", one("mae.original")],
            ["R²", one("r2")],
          ],
      confusion ? (value) => shareNumber(value, one("samples")) : shortNumber,
    );
    const errors = confusion ? "" : errorUnits({ mse: one("mse"), mae: one("mae"), unit: one("unit") });
    units.hidden = errors === "";
    setText(units, errors);
    numbers.title = confusion ? "Precision, recall and F1 are means over the classes (macro)" : "";
    matrix.hidden = !judged || classes.length > MOST_CLASSES;
    matrixNote.hidden = !judged;
    setText(
      matrixNote,
      classes.length > MOST_CLASSES
        ? `${classes.length} classes are too many for a table of them.`
        : "Rows: the true class. Columns: what the network says. A cell opens its examples.",
    );
    if (judged && classes.length <= MOST_CLASSES) table.show(confusion, classes, cell);
    each.hidden = calibration.hidden = !judged;
    curves.hidden = !frame.arrays.has("roc/area");
    if (each.open && judged) showEach(eachTable, frame, classes);
    if (calibration.open && judged) {
      drawReliability(reliability, frame);
      setText(
        reliabilityNote,
        "Of answers that are so sure, how many are right: on the diagonal it knows what it knows. " +
          `Expected calibration error ${steadyNumber(one("calibration/error"), 3)} on the ${set} set.`,
      );
    }
    if (curves.open && !curves.hidden) {
      const name = classes[1] ?? "the second class";
      drawCurve(roc, frame, "roc", "false positives", true);
      drawCurve(curve, frame, "recall_precision", "recall", false);
      setText(rocWords, `True against false positives for ${name}. Area ${steadyNumber(one("roc/area"), 3)}`);
      setText(
        curveWords,
        `Precision against recall for ${name}. Average precision ${steadyNumber(one("recall_precision/area"), 3)}`,
      );
    }
  }

  /** @param {string[]} classes */
  function paintExamples(classes) {
    const frame = run.latest.get("examples");
    const asked = frame ? run.demandOf(frame) : {};
    examplesClose.hidden = cell.truth === null && cell.said === null;
    const current =
      frame &&
      asked["set"] === set &&
      (asked["truth"] ?? null) === cell.truth &&
      (asked["said"] ?? null) === cell.said;
    if (!frame || !current) return;
    const count = frame.arrays.get("count")?.data[0] ?? 0;
    setText(examplesTitle, titleOf(cell, classes, count));
    examples.show(frame, set, classes);
  }

  for (const details of [each, calibration, curves]) details.addEventListener("toggle", paint);
  run.onFrame("metrics", paint);
  run.onFrame("examples", paint);
  run.store.watch((state) => state.description?.data, showSets);
  run.store.watch(
    (state) => state.experiment?.data.kind,
    () => openCell({ truth: null, said: null }),
  );
  run.store.watch((state) => state.theme, paint);
  new ResizeObserver(paint).observe(whole);
  return {
    element: whole,
    demand: () => {
      /** @type {JsonObject} */
      const numbersOf = { kind: "metrics", set, hz: HZ };
      return [
        numbersOf,
        { kind: "examples", set, truth: cell.truth, said: cell.said, most: 18, side: 64, hz: HZ },
      ];
    },
  };
}

/** @param {Cell} one @param {Cell} other */
function same(one, other) {
  return one.truth === other.truth && one.said === other.said;
}

/** @param {Cell} cell @param {string[]} classes @param {number} count */
function titleOf({ truth, said }, classes, count) {
  const number = `${wholeNumber(count)} ${count === 1 ? "sample" : "samples"}`;
  if (classes.length === 0) return "Largest errors";
  if (truth === null && said === null)
    return count === 0 ? "No mistakes" : `Surest mistakes, of ${wholeNumber(count)}`;
  if (truth !== null && said !== null) return `${classes[truth]} taken for ${classes[said]}: ${number}`;
  return truth !== null
    ? `Class ${classes[truth]}: ${number}`
    : `Wrongly taken for ${classes[said ?? 0]}: ${number}`;
}

/**
 * In which units errors are, and what they are as trained on.
 *
 * @param {{ mse: number, mae: number, unit: number }} errors as trained on, and how much of the target's own
 * units 1 is there
 */
export function errorUnits({ mse, mae, unit }) {
  const trained = `MSE ${shortNumber(mse)}, MAE ${shortNumber(mae)}`;
  if (unit === 1) return `In the target's own units, which are trained on as they are: ${trained}.`;
  return (
    `In the target's own units. As trained on, in standardised values, where 1 is ${shortNumber(unit)} ` +
    `of them: ${trained}.`
  );
}

/** @param {string} words @param {...HTMLElement} content */
function part(words, ...content) {
  return element("details", { class: "more metric-part" }, element("summary", {}, words), ...content);
}

/** @param {HTMLElement} list @param {[string, number][]} pairs @param {(value: number) => string} said */
function showNumbers(list, pairs, said) {
  if (list.childElementCount !== pairs.length)
    list.replaceChildren(...pairs.map(() => element("div", {}, element("dt", {}), element("dd", {}))));
  pairs.forEach(([name, value], index) => {
    const [dt, dd] = [...(list.children[index]?.children ?? [])];
    if (dt) setText(dt, name);
    if (!(dd instanceof HTMLElement)) return;
    setText(dd, said(value));
    dd.title = fullNumber(value);
  });
}

/** @param {HTMLTableElement} table @param {Frame} frame @param {string[]} classes */
function showEach(table, frame, classes) {
  const scores = ["precision", "recall", "f1"].map((name) => frame.arrays.get(name)?.data);
  const support = frame.arrays.get("support")?.data;
  const macro = frame.arrays.get("macro")?.data;
  const head = element(
    "tr",
    {},
    element("td", {}),
    ...["precision", "recall", "F1", "samples"].map((name) => element("th", { scope: "col" }, name)),
  );
  const rows = classes.map((name, index) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", title: name }, name),
      ...scores.map((score) => element("td", {}, shareNumber(score?.[index] ?? NaN, support?.[index] ?? 1))),
      element("td", {}, wholeNumber(support?.[index] ?? 0)),
    ),
  );
  const mean = element(
    "tr",
    { class: "mean" },
    element("th", { scope: "row" }, "macro"),
    ...[0, 1, 2].map((index) =>
      element("td", {}, shareNumber(macro?.[index] ?? NaN, frame.arrays.get("samples")?.data[0] ?? 1)),
    ),
    element("td", {}, wholeNumber(frame.arrays.get("samples")?.data[0] ?? 0)),
  );
  table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...rows, mean));
}

/**
 * Bars of accuracy by confidence, and the diagonal they should reach. @param {HTMLCanvasElement} canvas
 * @param {Frame} frame
 */
function drawReliability(canvas, frame) {
  const context = canvas.getContext("2d");
  const [accuracy, counts] = [
    frame.arrays.get("calibration/accuracy")?.data,
    frame.arrays.get("calibration/count")?.data,
  ];
  if (!context || !accuracy || !counts) return;
  const unit = { low: 0, high: 1, log: false };
  drawPlot(canvas, { lines: [], x: unit, y: unit, cursor: null, xLabel: "sure" }, plotInk());
  const { clientWidth: width, clientHeight: height } = canvas;
  const [left, right, top, bottom] = [46, width - 10, 8, height - 20];
  const bins = accuracy.length;
  const most = Math.max(1, ...counts);
  for (let bin = 0; bin < bins; bin++) {
    const value = accuracy[bin] ?? NaN;
    if (Number.isNaN(value)) continue;
    context.globalAlpha = 0.25 + 0.75 * Math.sqrt((counts[bin] ?? 0) / most);
    context.fillStyle = color("positive");
    const x = left + ((right - left) * bin) / bins;
    context.fillRect(
      x + 1,
      bottom - (bottom - top) * value,
      (right - left) / bins - 2,
      (bottom - top) * value,
    );
  }
  context.globalAlpha = 1;
  context.strokeStyle = color("ink-3");
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(left, bottom);
  context.lineTo(right, top);
  context.stroke();
  context.setLineDash([]);
  canvas.setAttribute(
    "aria-label",
    Array.from(accuracy, (value, bin) =>
      Number.isNaN(value)
        ? ""
        : `sure ${Math.round((100 * (bin + 0.5)) / bins)} %: right ${percent(value)} of ${counts[bin]}`,
    )
      .filter(Boolean)
      .join("; "),
  );
}

/**
 * @param {HTMLCanvasElement} canvas @param {Frame} frame @param {string} name @param {string} xLabel @param
 * {boolean} diagonal
 */
function drawCurve(canvas, frame, name, xLabel, diagonal) {
  const [x, y] = [frame.arrays.get(`${name}/x`)?.data, frame.arrays.get(`${name}/y`)?.data];
  if (!x || !y) return;
  const unit = { low: 0, high: 1.01, log: false };
  const chance = {
    x: Float64Array.of(0, 1),
    y: Float64Array.of(0, 1),
    color: color("line-strong"),
    width: 1,
    dash: [3, 3],
  };
  const line = { x: Float64Array.from(x), y: Float64Array.from(y), color: color("accent"), width: 1.75 };
  drawPlot(
    canvas,
    { lines: diagonal ? [chance, line] : [line], x: unit, y: unit, cursor: null, xLabel: "" },
    plotInk(),
  );
  setAttribute(
    canvas,
    "aria-label",
    `${name === "roc" ? "True against" : "Precision against"} ${xLabel}: area ` +
      `${shortNumber(frame.arrays.get(`${name}/area`)?.data[0] ?? NaN)}`,
  );
}
