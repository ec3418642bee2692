/** Loss and metric over the whole training, validation and test set: two plots with one cursor. */

/** @import { NamedLine } from "../draw/figure.js" */
/** @import { PlotMark } from "../draw/plot_marks.js" */
/** @import { Scale } from "../draw/ticks.js" */
/** @import { RunControl } from "../run/run.js" */

import { storeChoice, storedChoice } from "../core/storage.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { element, picture, setText } from "../core/dom.js";
import { linesFigure } from "../draw/figure.js";
import { drawPlot, nearest, pixelOf, valueUnder } from "../draw/plot.js";
import { marksNear } from "../draw/plot_marks.js";
import { extent, scaleFor } from "../draw/ticks.js";
import { fullNumber, shareNumber, shortNumber, steadyNumber } from "../core/format.js";
import { metricName } from "../core/metric_names.js";
import { texts } from "../core/texts.js";
import { lossSoundButton } from "../widgets/loss_sound.js";
import { LargePlot, titleOf } from "../widgets/large_plot.js";
import { check } from "../widgets/study_form.js";
import { scrubber, scrubbedEpoch, scrubOn } from "../widgets/time_slider.js";
import { color, plotColors } from "../draw/theme_colors.js";
import { firstRowOf, marksOf, metricOf, metricsOf } from "./evaluation/model.js";
import { batchLines } from "./progress.js";

const TEXTS = texts(import.meta.url, {
  epoch: "epoch",
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
  atEpochTrainTest: "{name} at epoch {epoch}: train {train}{validation2}, test {test}{changes}",
  standardisedValuesTargets: "In standardised values; {errors} in the target's own units.",
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
  let painted = 0;
  let waiting = false;

  const paintNow = onNextPaint(() => {
    painted = performance.now();
    const name = metricOf(run.state.catalog, run.state.experiment);
    const shown = shownOf(run);
    const cursor = shared.cursor ?? scrubbedEpoch(run);
    metric.element.hidden = name === null;
    drawOne(run, loss, "loss", shown, log.input.checked || exploded(run), cursor);
    if (name === null) return;
    setText(metric.title, metricName(name));
    metric.large.rename(metricName(name));
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
      shared.cursor = valueUnder(each.canvas, xScale(run), event.offsetX);
      each.told.show(event.offsetX);
      paintNow();
    });
    each.canvas.addEventListener("pointerleave", () => {
      shared.cursor = null;
      each.told.show(null);
      paintNow();
    });
    scrubOn(each.canvas, run, (x) => valueUnder(each.canvas, xScale(run), x));
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
  return element("div", { class: "evaluation-panel" }, loss.element, metric.element);
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
  const told = markHint(canvas);
  const frame = element("div", { class: "plot-frame" }, canvas, told.element);
  const whole = element("section", { class: "section plot-section" }, head, frame, units);
  return { element: whole, canvas, units, title: heading, train, validation, test, key, large, told };
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

/** @param {RunControl} run @returns {Scale} */
function xScale(run) {
  const { evaluation, progress } = run.series ?? {};
  const last = Math.max(1, evaluation?.values("epoch").at(-1) ?? 0, progress?.values("epoch").at(-1) ?? 0);
  const left = evaluation && isStopped(run) ? (lastLife(evaluation.earlier("epoch")).at(-1) ?? 0) : 0;
  return { low: 0, high: Math.max(last, left), log: false };
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
 * @property {NamedLine[]} behind
 * @property {PlotMark[]} marks
 */

/** @param {RunControl} run @returns {Shown} */
function shownOf(run) {
  const { catalog, experiment } = run.state;
  const evaluation = run.series?.evaluation;
  if (!evaluation) return { from: 0, behind: [], marks: [] };
  const from = firstRowOf(evaluation, metricOf(catalog, experiment), metricsOf(catalog));
  const [steps, epochs] = [evaluation.values("step"), evaluation.values("epoch")];
  const start = from > 0 ? (epochs[from] ?? Infinity) : 0;
  const behind = batchLines(run).map((line) => since(line, start));
  const marks = run.changes
    .leadingTo(run.state.status?.life ?? 0)
    .filter(({ step }) => step >= (from > 0 ? (steps[from] ?? Infinity) : 0));
  const progress = run.series?.progress;
  const [x, y] = progress?.length ? [progress.values("step"), progress.values("epoch")] : [steps, epochs];
  return { from, behind, marks: marksOf(marks, x, y) };
}

/** A line from a place of its axis on. @param {NamedLine} line @param {number} start @returns {NamedLine} */
function since(line, start) {
  const from = line.x.findIndex((value) => value >= start);
  if (from <= 0) return from < 0 ? { ...line, x: line.x.subarray(0, 0), y: line.y.subarray(0, 0) } : line;
  return { ...line, x: line.x.subarray(from), y: line.y.subarray(from) };
}

/**
 * @param {RunControl} run @param {ReturnType<typeof plot>} place @param {string} name @param {Shown} given
 * @param {boolean} log @param {number | null} cursor
 */
function drawOne(run, place, name, { from, behind, marks }, log, cursor) {
  const evaluation = run.series?.evaluation;
  const column = (/** @type {string} */ of) => evaluation?.values(of).subarray(from) ?? new Float64Array();
  const x = column("epoch");
  const [train, test] = [column(`train_${name}`), column(`test_${name}`)];
  const validation = column(`validation_${name}`);
  const kept = validation.some(Number.isFinite);
  place.key.hidden = place.validation.hidden = !kept;
  const before = from === 0 ? linesLeft(run, name) : [];
  const lines = [
    ...behind,
    ...before,
    { name: TEXTS.train, x, y: train, color: color("train"), width: 1.5 },
    ...(kept
      ? [{ name: "validation", x, y: validation, color: color("validation"), width: 1.5, dash: DOTS }]
      : []),
    { name: TEXTS.test, x, y: test, color: color("test"), width: 1.5, dash: DASH },
  ];
  const range = extent(
    [
      train,
      test,
      ...(kept ? [validation] : []),
      ...(isStopped(run) ? before.map(({ y }) => y) : []),
      ...(exploded(run) ? behind.map(({ y }) => y) : log ? [] : behind.map(({ y }) => smoothedExtent(y))),
    ],
    log,
  );
  const y = name === "accuracy" ? accuracyScale(range) : scaleFor(range, log, true);
  const yLabel = metricName(name).toLowerCase();
  const shown = { lines, x: xScale(run), y, xLabel: TEXTS.epoch, yLabel, marks };
  place.told.of(marks, shown.x);
  drawPlot(place.canvas, { ...shown, cursor, labelsBelow: name === "accuracy" }, plotColors());
  place.large.show(x.length > 0 || behind.length > 0 ? shown : null);
  const row = cursor === null ? x.length - 1 : nearest(x, cursor);
  const sets = run.state.description?.data.sets;
  const format = (/** @type {number | undefined} */ samples) => (/** @type {number} */ value) =>
    name === "accuracy" && samples ? shareNumber(value, samples) : steadyNumber(value, 3);
  show(place.train, train[row], format(sets?.train));
  show(place.validation, validation[row], format(sets?.validation));
  show(place.test, test[row], format(sets?.test));
  const epoch = x[row];
  place.canvas.setAttribute(
    "aria-label",
    row < 0
      ? TEXTS.noValuesYet({ name: yLabel })
      : TEXTS.atEpochTrainTest({
          name: yLabel,
          epoch: shortNumber(epoch ?? 0),
          train: shortNumber(train[row] ?? NaN),
          validation2: kept ? TEXTS.validation2({ validation: shortNumber(validation[row] ?? NaN) }) : "",
          test: shortNumber(test[row] ?? NaN),
          changes: WORDS.changes(marks),
        }),
  );
}

/**
 * What was measured and did not lead to where the run stands: all sets where a stop went back, else the test set.
 *
 * @param {RunControl} run @param {string} name @returns {NamedLine[]}
 */
function linesLeft(run, name) {
  const evaluation = run.series?.evaluation;
  const x = lastLife(evaluation?.earlier("epoch") ?? new Float64Array());
  if (!evaluation || x.length === 0) return [];
  const left = { x, width: 1, dash: [1, 2] };
  const column = (/** @type {string} */ set) => evaluation.earlier(`${set}_${name}`).subarray(-x.length);
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
function showUnits(run, place, name, { from }, cursor) {
  const evaluation = run.series?.evaluation;
  const column = (/** @type {string} */ of) => evaluation?.values(of).subarray(from) ?? new Float64Array();
  const x = column("epoch");
  const row = cursor === null ? x.length - 1 : nearest(x, cursor);
  const errors = ["train", "validation", "test"]
    .map((set) => /** @type {const} */ ([set, column(`${set}_${name}_original`)[row] ?? NaN]))
    .filter(([, value]) => Number.isFinite(value));
  place.units.hidden = errors.length === 0;
  setText(
    place.units,
    TEXTS.standardisedValuesTargets({
      errors: errors.map(([set, value]) => `${set} ${shortNumber(value)}`).join(", "),
    }),
  );
}

/** Whether the last losses are beyond all the others, and what is to be seen. @param {RunControl} run */
function exploded(run) {
  const { status } = run.state;
  return status?.state === "failed" && Boolean(status.reason?.node);
}

/** Rows of the life just before. @param {Float64Array} epochs */
function lastLife(epochs) {
  let start = epochs.length - 1;
  while (start > 0 && (epochs[start - 1] ?? 0) <= (epochs[start] ?? 0)) start--;
  return epochs.subarray(Math.max(0, start));
}

/**
 * A single wild batch shall not squash the curves: its highest tenth is left to the clip.
 *
 * @param {Float64Array} values
 */
function smoothedExtent(values) {
  if (values.length < 20) return values;
  const sorted = values.slice(-2000).filter(Number.isFinite).sort();
  return sorted.subarray(0, Math.ceil(sorted.length * 0.97));
}

/** @param {[number, number] | null} range @returns {Scale} */
function accuracyScale(range) {
  const low = range?.[0] ?? 0.5;
  return { low: low > 0.9 ? 0.88 : Math.min(0.45, Math.floor(low * 10) / 10), high: 1.01, log: false };
}

/** @param {HTMLElement} place @param {number | undefined} value @param {(value: number) => string} format */
function show(place, value, format) {
  setText(place, value === undefined ? "–" : format(value));
  place.title = value === undefined ? "" : fullNumber(value);
}
