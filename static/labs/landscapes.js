/**
 * The lab of shortcuts: the loss around a deep network without them, and around one with them, side by side.
 */

/** @import { Look, View } from "../draw/ground_figure.js" */
/** @import { Relief } from "../draw/relief.js" */

import { category } from "../draw/colors.js";
import { camera, turnable } from "../draw/heightfield.js";
import { drawRelief } from "../draw/relief.js";
import { drawRelief3d } from "../draw/relief3d.js";
import { VIEWS } from "../draw/ground_figure.js";
import { reliefFigure } from "../draw/relief_figure.js";
import { groundColors } from "../draw/theme_colors.js";
import { element, setText } from "../core/dom.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { shortNumber } from "../core/format.js";
import { texts } from "../core/texts.js";
import { choose, number, progressOf, segments } from "../widgets/study_form.js";
import { openLab } from "./lab.js";
import { LabStudy } from "./lab_study.js";
import { LargePlot } from "../widgets/large_plot.js";
import { LineChart } from "../widgets/line_chart.js";
import { lossPlot } from "./loss_chart.js";

const TEXTS = texts(import.meta.url, {
  trainingLoss: "Training loss",
  title: "Shortcuts",
  trainingLossOfBoth: "Training loss of both",
  seenAs: "Seen as",
  surface: "Surface",
  contours: "Contours",
  depth: "Depth",
  denseLayersOfEach: "Dense layers of each",
  width: "Width",
  activation: "Activation",
  steps: "Steps",
  reach: "Reach",
  lengthsWeights: "In lengths of the weights",
  grid: "Grid",
  anotherStart: "Another start",
  bothReadHandwritten: [
    "Both read the handwritten digits, with the same depth, width, start and batches. Directions are",
    "random, each filter as long as the network's own (Li et al. 2018). Colours and heights are of",
    "one logarithmic scale.",
  ],
  training: "This network is being trained; the loss around it follows.",
  computing: "{told}; the loss around it is being computed",
  lossAroundNetwork: "{name}: the loss around the network",
  testAccuracyTrainingLoss: "test accuracy {accuracy} %, training loss {array}",
  dragArrowKeysTurn: "drag or arrow keys turn it",
  asContours: "as contours",
  lossAroundNetwork2: "{name}: the loss around the network, {dragArrowKeysTurn}",
});

const KINDS = /** @type {const} */ (["plain", "shortcuts"]);
const NAMES = texts(import.meta.url, {
  plain: "Without shortcuts",
  shortcuts: "With shortcuts",
});
const NETWORKS = {
  plain: { name: NAMES.plain, color: category(5) },
  shortcuts: { name: NAMES.shortcuts, color: category(1) },
};

const lab = openLab();

const study = new LabStudy(
  lab,
  "shortcut_landscapes",
  { depth: 20, width: 24, activation: "relu", steps: 400, span: 1, resolution: 31, seed: 0 },
  { frame: () => paint(), state: (state) => progress.show(state) },
);
const { settings } = study;
let view = "surface";
const from = camera();

const canvases = { plain: picture("plain"), shortcuts: picture("shortcuts") };
const curve = new LineChart({
  name: TEXTS.trainingLoss,
  title: () => TEXTS.title,
  label: TEXTS.trainingLossOfBoth,
  className: "shortcut-curve",
});
const progress = progressOf(() => lab.cancel());

lab.root.append(
  element(
    "div",
    { class: "shortcut-lab" },
    element(
      "section",
      { class: "shortcut-side" },
      segments(
        TEXTS.seenAs,
        [
          ["surface", TEXTS.surface],
          ["contours", TEXTS.contours],
        ],
        view,
        (value) => ((view = value), paint()),
      ).element,
      number(
        TEXTS.depth,
        { value: settings.depth, min: 2, max: 60 },
        (value) => set({ depth: value }),
        TEXTS.denseLayersOfEach,
      ).element,
      number(TEXTS.width, { value: settings.width, min: 4, max: 128 }, (value) => set({ width: value }))
        .element,
      choose(
        TEXTS.activation,
        [
          ["relu", "ReLU"],
          ["tanh", "tanh"],
        ],
        settings.activation,
        (value) => set({ activation: value }),
      ).element,
      number(TEXTS.steps, { value: settings.steps, min: 0, max: 10000 }, (value) => set({ steps: value }))
        .element,
      number(
        TEXTS.reach,
        { value: settings.span, min: 0.05, max: 10, step: "any" },
        (value) => set({ span: value }),
        TEXTS.lengthsWeights,
      ).element,
      choose(
        TEXTS.grid,
        [
          ["21", "21 × 21"],
          ["31", "31 × 31"],
          ["51", "51 × 51"],
        ],
        String(settings.resolution),
        (value) => set({ resolution: Number(value) }),
      ).element,
      element(
        "div",
        { class: "relief-actions" },
        element(
          "button",
          { type: "button", class: "button", onclick: () => set({ seed: settings.seed + 1 }) },
          TEXTS.anotherStart,
        ),
      ),
      progress.element,
      curve.element,
      element("p", { class: "note" }, TEXTS.bothReadHandwritten),
    ),
    ...KINDS.map((kind) => canvases[kind].element),
  ),
);

/** @param {typeof KINDS[number]} kind */
function picture(kind) {
  const canvas = element("canvas", {
    class: "shortcut-picture",
    tabindex: 0,
    role: "img",
    "aria-label": TEXTS.lossAroundNetwork({ name: NAMES[kind] }),
  });
  const note = element("span", { class: "note" }, TEXTS.training);
  turnable(canvas, from, () => view === "surface" && paint());
  const large = new LargePlot({
    name: NAMES[kind],
    title: () => TEXTS.title,
    figure: largeFigure,
    views: VIEWS,
  });
  const head = element("header", {}, element("h2", {}, NAMES[kind]), large.button);
  return {
    canvas,
    note,
    large,
    element: element("section", { class: "shortcut-figure" }, head, note, canvas),
  };
}

/** @param {{ relief: Relief } & Look} shown @param {string} seen */
function largeFigure({ relief, ...look }, seen) {
  return reliefFigure(relief, /** @type {View} */ (seen), look);
}

/** @param {Partial<typeof settings>} changed */
const set = (changed) => study.set(changed);

/** @param {string} name */
const data = (name) => study.data(name);

/**
 * How far a network is: being trained, trained and looked around from, or done.
 *
 * @param {typeof KINDS[number]} kind @param {boolean} isDrawn
 */
function told(kind, isDrawn) {
  const accuracy = data(`${kind}/accuracy`)[0];
  if (accuracy === undefined) return TEXTS.training;
  const found = TEXTS.testAccuracyTrainingLoss({
    accuracy: (100 * accuracy).toFixed(1),
    array: shortNumber(Array.from(data(`${kind}/curve`)).at(-1) ?? NaN),
  });
  return isDrawn ? found : TEXTS.computing({ told: found });
}

const paint = onNextPaint(() => {
  if (!study.newest) return;
  const losses = KINDS.map((kind) => Array.from(data(`${kind}/losses`)));
  KINDS.forEach((kind, index) => {
    const { canvas, note, large } = canvases[kind];
    setText(note, told(kind, (losses[index] ?? []).length > 0));
    // A path of no points carries the other's losses, so that both have one scale.
    /** @type {Relief} */
    const relief = {
      x: data(`${kind}/x`),
      y: data(`${kind}/y`),
      losses: losses[index] ?? [],
      paths: [{ places: [], losses: losses[1 - index] ?? [] }],
      axes: ["α", "β"],
    };
    const marked = { ...relief, marks: [{ x: 0, y: 0, text: "" }] };
    large.show(
      relief.losses.length > 0 ? { relief: marked, theme: lab.theme, colors: groundColors() } : null,
    );
    if (relief.losses.length === 0)
      return canvas.getContext("2d")?.clearRect(0, 0, canvas.width, canvas.height);
    if (view === "surface") drawRelief3d(canvas, relief, from, lab.theme);
    else drawRelief(canvas, marked, lab.theme);
    canvas.setAttribute(
      "aria-label",
      TEXTS.lossAroundNetwork2({
        name: NAMES[kind],
        dragArrowKeysTurn: view === "surface" ? TEXTS.dragArrowKeysTurn : TEXTS.asContours,
      }),
    );
    canvas.classList.toggle("turnable", view === "surface");
  });
  curve.show(lossPlot(data, NETWORKS, settings.steps));
});

for (const canvas of [curve.canvas, canvases.plain.canvas, canvases.shortcuts.canvas])
  new ResizeObserver(paint).observe(canvas);
lab.onTheme(paint);
study.ask();
