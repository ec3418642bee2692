/**
 * The lab of the three kinds of gradient descent: the same points, the same start, the gradient of all, some,
 * or one.
 */

/** @import { Pair } from "./kinds/points.js" */

import { onNextPaint } from "../core/paint_scheduler.js";
import { extent, scaleFor } from "../draw/ticks.js";
import { element } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { LineChart } from "../widgets/line_chart.js";
import { number, progressOf, segments } from "../widgets/study_form.js";
import { Passing } from "./kinds/passing.js";
import { somePoints } from "./kinds/points.js";
import { COLORS, curvesOf, fittedLines, KINDS, NAMES, reliefOf, tableOf } from "./kinds/readings.js";
import { Scatter } from "./kinds/scatter.js";
import { StartMap } from "./kinds/start_map.js";
import { openLab } from "./lab.js";
import { LabStudy } from "./lab_study.js";

const TEXTS = texts(import.meta.url, {
  threeKindsOfDescent: "Three kinds of descent",
  twoPointsTwo: "Two points at two places are the least",
  against: "Against",
  lossOfAllPoints: "Loss of all points",
  lossThreeKinds: "Loss of the three kinds",
  noiseDistanceEach: "Noise: distance of each gradient from the mean one",
  noiseGradientThreeKinds: "Noise of the gradient of the three kinds",
  clickAddPoint: "Click to add a point, click one to remove it. The lines are where each kind is now.",
  points: "Points",
  rate: "Rate η",
  decay: "Decay",
  decayEpochWithout: "η / (1 + decay · epoch): without it, noise never settles",
  miniBatch: "Mini-batch",
  epochs: "Epochs",
  anotherOrder: "Another order",
  firstPoints: "First points",
  fMB: "f(m, b) = 1/N Σ (y − (mx + b))²",
  dragStartBatch: [
    "Drag the start. Batch descent follows the slope of the whole surface; one sample knows only a",
    "valley of its own.",
  ],
});

const lab = openLab();
const study = new LabStudy(
  lab,
  "descent_kinds",
  {
    points: somePoints(),
    start: /** @type {Pair} */ ([-2.5, 3]),
    learning_rate: 0.05,
    decay: 0,
    batch_size: 8,
    epochs: 20,
    seed: 0,
  },
  { frame: ({ metadata }) => take(metadata["done"]), state: (state) => progress.show(state) },
);
const { settings } = study;
/** Whether the next result is shown from the beginning. */
let anew = true;
const TITLE = TEXTS.threeKindsOfDescent;
let by = /** @type {"epochs" | "updates"} */ ("epochs");

/** @param {Partial<typeof settings>} changed */
function set(changed) {
  anew = true;
  study.set(changed);
}

/** A frame has come. @param {string | undefined} done how much of the study it holds */
function take(done) {
  if (anew && Number(done ?? 1) === 1) passing.play();
  else paint();
}

// The page ------------------------------------------------------------------------------------------------

const scatter = new Scatter((points) => (points ? set({ points }) : lab.notify(TEXTS.twoPointsTwo, "error")));
const map = new StartMap(
  () => settings.start,
  (start, dragging) => {
    settings.start = start;
    if (!dragging) return set({ start });
    anew = false;
    passing.stop();
    study.ask();
  },
);
const passing = new Passing(
  () => settings.epochs,
  () => paint(),
);
const against = segments(
  TEXTS.against,
  [
    ["epochs", "epochs"],
    ["updates", "updates"],
  ],
  by,
  (value) => ((by = /** @type {typeof by} */ (value)), paint()),
);
const curve = new LineChart({
  name: TEXTS.lossOfAllPoints,
  term: "loss_of_all",
  title: () => TITLE,
  label: TEXTS.lossThreeKinds,
  className: "kinds-curve",
  beside: [against.element],
});
const noise = new LineChart({
  name: TEXTS.noiseDistanceEach,
  title: () => TITLE,
  label: TEXTS.noiseGradientThreeKinds,
  className: "kinds-curve",
});
const table = element("table", { class: "kinds-table" });
const progress = progressOf(() => lab.cancel());

lab.root.append(element("div", { class: "kinds" }, sideOfSettings(), middle(), sideOfCurves()));

function sideOfSettings() {
  const note = TEXTS.clickAddPoint;
  return element(
    "section",
    { class: "kinds-side" },
    element("h2", { class: "caption" }, TEXTS.points),
    scatter.canvas,
    element("p", { class: "note" }, note),
    number(TEXTS.rate, { value: settings.learning_rate, min: 0.0001, max: 10, step: "any" }, (value) =>
      set({ learning_rate: value }),
    ).element,
    number(
      TEXTS.decay,
      { value: settings.decay, min: 0, max: 10, step: "any" },
      (value) => set({ decay: value }),
      TEXTS.decayEpochWithout,
    ).element,
    number(TEXTS.miniBatch, { value: settings.batch_size, min: 1, max: 2000 }, (value) =>
      set({ batch_size: value }),
    ).element,
    number(TEXTS.epochs, { value: settings.epochs, min: 1, max: 500 }, (value) => set({ epochs: value }))
      .element,
    element(
      "div",
      { class: "relief-actions" },
      action(TEXTS.anotherOrder, () => set({ seed: settings.seed + 1 })),
      action(TEXTS.firstPoints, () => set({ points: somePoints() })),
    ),
    progress.element,
  );
}

/** @param {string} label @param {() => void} onclick */
function action(label, onclick) {
  return element("button", { type: "button", class: "button", onclick }, label);
}

function middle() {
  return element(
    "section",
    { class: "kinds-middle" },
    element("h2", { class: "caption", "data-term": "cost_surface" }, TEXTS.fMB, legend()),
    map.canvas,
    passing.element,
    element("p", { class: "note" }, TEXTS.dragStartBatch),
  );
}

function legend() {
  const keys = KINDS.map((kind) => {
    const key = element("span", {}, NAMES[kind]);
    key.style.setProperty("--series", COLORS[kind] ?? "");
    return key;
  });
  return element("span", { class: "kinds-legend" }, ...keys);
}

function sideOfCurves() {
  return element("section", { class: "kinds-side" }, curve.element, noise.element, table);
}

// Painting ------------------------------------------------------------------------------------------------

const data = (/** @type {string} */ name) => study.data(name);

const paint = onNextPaint(() => {
  if (!study.newest) return;
  map.paint(reliefOf(data, passing.shown), lab.theme);
  scatter.paint(settings.points, fittedLines(data, passing.shown));
  passing.paint();
  drawCurve(curve, "losses", true);
  drawCurve(noise, "noise", false);
  fillTable();
});

/** @param {LineChart} chart @param {"losses" | "noise"} name @param {boolean} log */
function drawCurve(chart, name, log) {
  const { lines, all, end } = curvesOf(data, name, by, passing.shown, settings.epochs);
  chart.show({
    lines,
    x: { low: 0, high: end, log: false },
    y: scaleFor(extent(all, log), log, true),
    xLabel: by === "epochs" ? "epoch" : "update",
    yLabel: name === "losses" ? "loss" : "noise",
  });
}

function fillTable() {
  const names = KINDS.map((kind) => element("th", { scope: "col" }, NAMES[kind]));
  const rows = tableOf(data, settings.epochs).map(([name, values]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, name),
      ...values.map((value) => element("td", {}, value)),
    ),
  );
  table.replaceChildren(
    element("thead", {}, element("tr", {}, element("td", {}), ...names)),
    element("tbody", {}, ...rows),
  );
}

for (const canvas of [scatter.canvas, map.canvas, curve.canvas, noise.canvas])
  new ResizeObserver(paint).observe(canvas);
lab.onTheme(paint);
study.ask();
