/** Loss and metric over the whole training, validation and test set: two plots with one cursor. */

/** @import { NamedLine } from "../draw/figure.js" */
/** @import { PlotMark } from "../draw/plot_marks.js" */
/** @import { Scale } from "../draw/ticks.js" */
/** @import { RunControl } from "../run/run.js" */
/** @import { Unit } from "../draw/curve_axis.js" */

import { storeChoice, storedChoice } from "../core/storage.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { element, picture, setText } from "../core/dom.js";
import { linesFigure } from "../draw/figure.js";
import { drawPlot, nearest, pixelOf, valueUnder } from "../draw/plot.js";
import { marksNear } from "../draw/plot_marks.js";
import { extent, scaleFor } from "../draw/ticks.js";
import { evenNumber, fullNumber, shareNumber, shortNumber } from "../core/format.js";
import { isShare, isSpelled, metricInText, metricName } from "../core/metric_names.js";
import { texts } from "../core/texts.js";
import { lossSoundButton } from "../widgets/loss_sound.js";
import { LargePlot, titleOf } from "../widgets/large_plot.js";
import { check } from "../widgets/study_form.js";
import { scrubber, scrubOn } from "../widgets/time_slider.js";
import { color, plotColors } from "../draw/theme_colors.js";
import { breaksOf, fromRow, unitOf } from "../draw/curve_axis.js";
import { firstRowOf, marksOf, metricOf, metricsOf } from "./evaluation/model.js";
import { lossParts } from "./evaluation/parts.js";
import { accuracyScale, smoothedExtent } from "./evaluation/scales.js";
import { edgesOf, noteOf, spreadOf, spreadWords, withSpread } from "./evaluation/spread.js";
import { batchLines } from "./progress.js";

const TEXTS = texts(import.meta.url, {
  epoch: "epoch",
  step: "step",
  logAxis: "log axis",
  loss: "Loss",
  metric: "Metric",
  samplesSeenNot: "Samples that are seen, not trained on: the best state is chosen by them",
  validation: "validation",
  train: "train",
  test: "test",
  testBeforeTheReset: "test, before the reset",
  untilTheStop: "{set}, until the stop",
  noValuesYet: "{name}: no values yet",
  validation2: ", validation {validation}",
  atPlaceTrainTest: "{name} at {unit} {place}: train {train}{validation2}, test {test}{changes}",
  standardisedUnits: "In standardised values; {errors} in the target's own units.",
});

/** Milliseconds between two paintings while training: people read curves, they do not watch them. */
const PAINT_EVERY = 100;
const DASH = [5, 3];
const DOTS = [1.5, 2.5];

/** Changes that the words of a plot name. */
const NAMED = 3;

const WORDS = {
  changes: (/** @type {PlotMark[]} */ marks) =>
    marks.length
      ? `. Changes: ${marks
          .slice(-NAMED)
          .map(({ long }) => long)
          .join("; ")}`
      : "",
};

/** @param {RunControl} run @returns {HTMLElement} */
export function evaluationPanel(run) {
  /** @type {{ cursor: number | null }} */
  const shared = { cursor: null };
  const log = check(TEXTS.logAxis, storedChoice("log") === "yes", (checked) => {
    storeChoice("log", checked ? "yes" : "no");
    paint();
  });
  const loss = plot(run, TEXTS.loss, log.element);
  const metric = plot(run, TEXTS.metric);
  const parts = lossParts(run);
  let shown = shownOf(run);
  let painted = 0;
  let waiting = false;

  const paintNow = onNextPaint(() => {
    painted = performance.now();
    const name = metricOf(run.state.catalog, run.state.experiment);
    shown = shownOf(run);
    const { scrubbed } = run.state;
    const cursor = shared.cursor ?? (scrubbed === null ? null : scrubbed / stepsOf(run, shown.unit));
    metric.element.hidden = name === null;
    drawOne(run, loss, "loss", shown, log.input.checked || exploded(run), cursor);
    parts.draw(shown, TEXTS[shown.unit], log.input.checked, cursor);
    if (name === null) return;
    const words = metricName(name);
    setText(metric.title, words);
    metric.title.classList.toggle("spelled", isSpelled(words));
    metric.large.rename(words);
    showUnits(run, metric, name, shown, cursor);
    drawOne(run, metric, name, { ...shown, behind: [] }, false, cursor);
  });
  const paint = () => {
    const wait = PAINT_EVERY - (performance.now() - painted);
    if (wait <= 0) paintNow();
    else if (!waiting) {
      waiting = true;
      setTimeout(() => ((waiting = false), paintNow()), wait);
    }
  };
  for (const each of [loss, metric]) {
    each.canvas.addEventListener("pointermove", (event) => {
      shared.cursor = valueUnder(each.canvas, shown.x, event.offsetX);
      each.told.show(event.offsetX);
      paintNow();
    });
    each.canvas.addEventListener("pointerleave", () => {
      shared.cursor = null;
      each.told.show(null);
      paintNow();
    });
    scrubOn(each.canvas, run, (x) => valueUnder(each.canvas, shown.x, x) * stepsOf(run, shown.unit));
    new ResizeObserver(paintNow).observe(each.canvas);
  }
  run.onRows(paint);
  run.store.watch((state) => state.theme, paintNow);
  run.store.watch((state) => state.scrubbed, paintNow);
  run.store.watch((state) => state.status?.state, paintNow);
  run.store.watch((state) => state.experiment?.task.kind, paintNow);
  const past = scrubber(run);
  past.append(lossSoundButton(run));
  loss.element.append(past);
  return element("div", { class: "evaluation-panel" }, loss.element, parts.element, metric.element);
}

/** @param {RunControl} run @param {string} title @param {...Node} beside */
function plot(run, title, ...beside) {
  const canvas = picture("plot");
  const heading = element("span", {}, title);
  const head = element(
    "div",
    { class: "plot-head" },
    element("h2", { class: "caption" }, heading),
    ...beside,
  );
  const train = element("b", {});
  const test = element("b", {});
  const validation = element("b", { hidden: true });
  const key = element(
    "span",
    {
      class: "key-validation",
      hidden: true,
      title: TEXTS.samplesSeenNot,
    },
    TEXTS.validation,
  );
  const legend = element(
    "p",
    { class: "plot-legend" },
    element("span", { class: "key-train" }, TEXTS.train),
    train,
    key,
    validation,
    element("span", { class: "key-test" }, TEXTS.test),
    test,
  );
  const large = new LargePlot({ name: title, title: () => titleOf(run), figure: linesFigure });
  head.append(legend, large.button);
  const units = element("p", { class: "note", hidden: true });
  const spread = element("p", { class: "note", hidden: true });
  const told = markHint(canvas);
  const frame = element("div", { class: "plot-frame" }, canvas, told.element);
  const whole = element("section", { class: "section plot-section" }, head, frame, units, spread);
  return { element: whole, canvas, units, spread, title: heading, train, validation, test, key, large, told };
}

/** What happened at the mark under the pointer. @param {HTMLCanvasElement} canvas */
function markHint(canvas) {
  /** @type {PlotMark[]} */
  let marks = [];
  /** @type {Scale | null} */
  let scale = null;
  const words = element("p", { class: "mark-hint", hidden: true });
  return {
    element: words,
    /** @param {PlotMark[]} shown @param {Scale} x */
    of: (shown, x) => ([marks, scale] = [shown, x]),
    /** @param {number | null} at pixel of the pointer */
    show: (at) => {
      const over = scale;
      const near = at === null || !over ? [] : marksNear(marks, (x) => pixelOf(canvas, over, x), at);
      words.hidden = near.length === 0;
      setText(words, near.map(({ long }) => long).join("; "));
    },
  };
}

/** @param {RunControl} run @param {Unit} unit @returns {Scale} */
function xScale(run, unit) {
  const { evaluation, progress } = run.series ?? {};
  const last = Math.max(1, evaluation?.values(unit).at(-1) ?? 0, progress?.values(unit).at(-1) ?? 0);
  const left = evaluation && isStopped(run) ? (rowsLeft(run)(unit).at(-1) ?? 0) : 0;
  return { low: 0, high: Math.max(last, left), log: false };
}

/** How many steps a unit of the axis has. @param {RunControl} run @param {Unit} unit */
function stepsOf(run, unit) {
  return unit === "step" ? 1 : Math.max(1, run.state.status?.steps_per_epoch ?? 1);
}

/** Whether the present life began where a stop went back. @param {RunControl} run */
function isStopped(run) {
  const life = run.state.status?.life ?? 0;
  return run.changes.leadingTo(life).some((mark) => mark.type === "stop" && mark.life === life);
}

/**
 * What the rows and the changes give to draw: those of the present task, which led to where the run stands.
 *
 * @typedef {object} Shown
 * @property {number} from the first row that counts
 * @property {Unit} unit of the axis
 * @property {Scale} x
 * @property {number[]} breaks of the rows from the first that counts on
 * @property {number[]} breaksLeft of those that were left
 * @property {NamedLine[]} behind
 * @property {PlotMark[]} marks
 */

/** @param {RunControl} run @returns {Shown} */
function shownOf(run) {
  const { catalog, experiment } = run.state;
  const evaluation = run.series?.evaluation;
  const nothing = { from: 0, behind: [], marks: [], breaks: [], breaksLeft: [] };
  if (!evaluation) return { ...nothing, unit: "epoch", x: xScale(run, "epoch") };
  const from = firstRowOf(evaluation, metricOf(catalog, experiment), metricsOf(catalog));
  const [steps, epochs] = [evaluation.values("step"), evaluation.values("epoch")];
  const start = from > 0 ? (steps[from] ?? Infinity) : 0;
  const progress = run.series?.progress;
  const trained = progress?.values("step") ?? new Float64Array();
  const trainedEpochs = progress?.values("epoch") ?? new Float64Array();
  const first = firstFrom(trained, start);
  const breaks = breaksOf(steps.subarray(from), epochs.subarray(from));
  const breaksBehind = breaksOf(trained, trainedEpochs);
  const left = rowsLeft(run);
  const breaksLeft = from === 0 ? breaksOf(left("step"), left("epoch")) : [];
  const unit = unitOf(
    breaks,
    breaksBehind.filter((row) => row > first),
    breaksLeft,
  );
  const behind = batchLines(run, unit, breaksBehind).map((line) => fromRow(line, first));
  const marks = run.changes.leadingTo(run.state.status?.life ?? 0).filter(({ step }) => step >= start);
  const [rows, places] = trained.length ? [trained, trainedEpochs] : [steps, epochs];
  const marked = marksOf(marks, rows, unit === "step" ? rows : places);
  return { from, behind, marks: marked, unit, x: xScale(run, unit), breaks, breaksLeft };
}

/** The first row of a step or a later one. @param {Float64Array} steps @param {number} start */
function firstFrom(steps, start) {
  const found = steps.findIndex((step) => step >= start);
  return found < 0 ? steps.length : found;
}

/**
 * @param {RunControl} run @param {ReturnType<typeof plot>} place @param {string} name @param {Shown} given
 * @param {boolean} log @param {number | null} cursor
 */
function drawOne(run, place, name, { from, behind, marks, unit, x: xAxis, breaks, breaksLeft }, log, cursor) {
  const evaluation = run.series?.evaluation;
  const column = (/** @type {string} */ of) => evaluation?.values(of).subarray(from) ?? new Float64Array();
  const x = column(unit);
  const [train, test] = [column(`train_${name}`), column(`test_${name}`)];
  const validation = column(`validation_${name}`);
  const kept = validation.some(Number.isFinite);
  place.key.hidden = place.validation.hidden = !kept;
  const before = from === 0 ? linesLeft(run, name, unit, breaksLeft) : [];
  const spreads = ["train", "validation", "test"].map((set) => spreadOf(column, `${set}_${name}`));
  const [ofTrain = null, ofValidation = null, ofTest = null] = spreads;
  const own = { x, width: 1.5, breaks };
  const lines = [
    ...behind,
    ...before,
    ...withSpread({ ...own, name: TEXTS.train, y: train, color: color("train") }, ofTrain),
    ...(kept
      ? withSpread(
          { ...own, name: TEXTS.validation, y: validation, color: color("validation"), dash: DOTS },
          ofValidation,
        )
      : []),
    ...withSpread({ ...own, name: TEXTS.test, y: test, color: color("test"), dash: DASH }, ofTest),
  ];
  const range = extent(
    [
      train,
      test,
      ...(kept ? [validation] : []),
      ...edgesOf(spreads),
      ...(isStopped(run) ? before.map(({ y }) => y) : []),
      ...(exploded(run) ? behind.map(({ y }) => y) : log ? [] : behind.map(({ y }) => smoothedExtent(y))),
    ],
    log,
  );
  const y = isShare(name) ? accuracyScale(range) : scaleFor(range, log, true);
  const yLabel = metricInText(name);
  const shown = { lines, x: xAxis, y, xLabel: TEXTS[unit], yLabel, marks };
  place.told.of(marks, shown.x);
  drawPlot(place.canvas, { ...shown, cursor, labelsBelow: isShare(name) }, plotColors());
  place.large.show(x.length > 0 || behind.length > 0 ? shown : null);
  const row = cursor === null ? x.length - 1 : nearest(x, cursor);
  const replicas = ofTest ? Number(run.state.experiment?.training["replicas"]) : 1;
  setText(place.spread, noteOf(replicas));
  place.spread.hidden = !(replicas > 1) || name !== "loss";
  const sets = run.state.description?.data.sets;
  const format = (/** @type {number | undefined} */ samples) => (/** @type {number} */ value) =>
    name === "accuracy" && samples ? shareNumber(value, samples) : evenNumber(value);
  show(place.train, train[row], format(sets?.train));
  show(place.validation, validation[row], format(sets?.validation));
  show(place.test, test[row], format(sets?.test));
  place.canvas.setAttribute(
    "aria-label",
    row < 0
      ? TEXTS.noValuesYet({ name: yLabel })
      : TEXTS.atPlaceTrainTest({
          name: yLabel,
          unit: TEXTS[unit],
          place: shortNumber(x[row] ?? 0),
          train: shortNumber(train[row] ?? NaN),
          validation2: kept ? TEXTS.validation2({ validation: shortNumber(validation[row] ?? NaN) }) : "",
          test: shortNumber(test[row] ?? NaN),
          changes: spreadWords(ofTest, row, TEXTS.test, replicas) + WORDS.changes(marks),
        }),
  );
}

/**
 * What was measured and did not lead to where the run stands: all sets where a stop went back, else the test set
 * of a life that has been trained.
 *
 * @param {RunControl} run @param {string} name @param {Unit} unit @param {number[]} breaks
 * @returns {NamedLine[]}
 */
function linesLeft(run, name, unit, breaks) {
  const rows = rowsLeft(run);
  const x = rows(unit);
  if (x.length === 0) return [];
  const left = { x, width: 1, dash: [1, 2], breaks };
  const column = (/** @type {string} */ set) => rows(`${set}_${name}`);
  if (!isStopped(run) && rows("step").at(-1) === 0) return [];
  if (!isStopped(run))
    return [{ ...left, name: TEXTS.testBeforeTheReset, y: column("test"), color: color("line-strong") }];
  return /** @type {const} */ (["train", "validation", "test"])
    .map((set) => ({ ...left, name: TEXTS.untilTheStop({ set }), y: column(set), color: color(set) }))
    .filter(({ y }) => y.some(Number.isFinite));
}

/**
 * Of values that are trained on standardised: what the errors are in the target's own units.
 *
 * @param {RunControl} run @param {ReturnType<typeof plot>} place @param {string} name @param {Shown} given
 * @param {number | null} cursor
 */
function showUnits(run, place, name, { from, unit }, cursor) {
  const evaluation = run.series?.evaluation;
  const column = (/** @type {string} */ of) => evaluation?.values(of).subarray(from) ?? new Float64Array();
  const x = column(unit);
  const row = cursor === null ? x.length - 1 : nearest(x, cursor);
  const errors = ["train", "validation", "test"]
    .map((set) => /** @type {const} */ ([set, column(`${set}_${name}_original`)[row] ?? NaN]))
    .filter(([, value]) => Number.isFinite(value));
  place.units.hidden = errors.length === 0;
  setText(
    place.units,
    TEXTS.standardisedUnits({
      errors: errors.map(([set, value]) => `${set} ${shortNumber(value)}`).join(", "),
    }),
  );
}

/** Whether the last losses are beyond all the others, and what is to be seen. @param {RunControl} run */
function exploded(run) {
  const { status } = run.state;
  return status?.state === "failed" && Boolean(status.reason?.node);
}

/**
 * Columns of the life just before: of what was measured and did not lead to where the run stands.
 *
 * @param {RunControl} run @returns {(name: string) => Float64Array}
 */
function rowsLeft(run) {
  const evaluation = run.series?.evaluation;
  const steps = evaluation?.earlier("step") ?? new Float64Array();
  let start = Math.max(0, steps.length - 1);
  while (start > 0 && (steps[start - 1] ?? 0) <= (steps[start] ?? 0)) start--;
  return (name) => evaluation?.earlier(name).subarray(start) ?? new Float64Array();
}

/** @param {HTMLElement} place @param {number | undefined} value @param {(value: number) => string} format */
function show(place, value, format) {
  setText(place, value === undefined ? "–" : format(value));
  place.title = value === undefined ? "" : fullNumber(value);
}
