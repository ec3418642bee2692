/**
 * The lab of first layers: AlexNet's filters and stride beside ZFNet's, while both train on the same
 * pictures.
 */

/** @import { NamedArray } from "../types.d.ts" */

import { at } from "../core/address.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { category } from "../draw/colors.js";
import { element, setText } from "../core/dom.js";
import { shortNumber } from "../core/format.js";
import { choose, number, progressOf } from "../widgets/study_form.js";
import { filterScale, filterWall } from "../widgets/filter_wall.js";
import { keepButtons } from "../widgets/save_picture.js";
import { toFragment } from "../core/share_link.js";
import { texts } from "../core/texts.js";
import { markOwnLink } from "../widgets/link_question.js";
import { openLab } from "./lab.js";
import { LabStudy } from "./lab_study.js";
import { LineChart } from "../widgets/line_chart.js";
import { lossPlot } from "./loss_chart.js";

const TEXTS = texts(import.meta.url, {
  asTheyAre: "as they are",
  fromFiltersStart: [
    "From 0 to 255, filters that start at 0.01 as in the papers. Pixels without a sign push a",
    "filter's weights all the same way, the more pixels the harder: filters die, and of 11 × 11 many",
    "more than of 7 × 7.",
  ],
  centred: "centred",
  papersMeanTaken: [
    "As in the papers: the mean taken off, filters that start at 0.01. None dies, but a few outgrow",
    "the others, which are grey on one scale. The papers' cure is a limit on a filter's root mean",
    "square: try 0.1.",
  ],
  standardised: "standardised",
  todaysPractice: [
    "As today: mean 0 and deviation 1, filters that start as He has it. None dies in either; what the",
    "coarser stride cannot carry still aliases.",
  ],
  trainingLoss: "Training loss",
  firstLayers: "First layers",
  trainingLossOfBoth: "Training loss of both",
  rate: "Rate η",
  largerRateKills: "A larger rate kills more filters",
  pixels: "Pixels",
  inputAndStart: "How pictures are fed to the first layer, and how its filters start",
  optimizer: "Optimizer",
  sgdMomentum: "SGD, momentum 0.9",
  adam: "Adam",
  filters: "Filters",
  growAsTheyWill: "grow as they will",
  rmsAtMost: "RMS at most 0.1",
  rmsAtMost2: "RMS at most 0.05",
  renormalisedAfterEach: "Renormalised after each step, in all convolutions: Zeiler and Fergus, section 3.1",
  steps: "Steps",
  ofPicturesEach: "Of 32 pictures each",
  width: "Width",
  sharePapersFiltersUnits: "Share of the papers' filters and units",
  anotherStart: "Another start",
  zeilerFergusSaw: [
    "Zeiler and Fergus (2014) saw “dead” features and aliasing in AlexNet's first layer, and made it",
    "7 × 7 with stride 2. A filter is dead here if no picture excites it, and faint if it is under a",
    "fifth as strong as the strongest. A stride of s keeps every sth number: what is finer than 2s",
    "pixels folds onto patterns that are not there. Beside each filter stands its spectrum, zero in",
    "the middle; below it, the share of its response that aliases.",
  ],
  bothPapersLayers: [
    "Both have the papers' layers at a fraction of their width, the same generated pictures of 64 ×",
    "64, the same seed and the same batches.",
  ],
  trainOnePlayground: "Train this one on the playground, with everything one can look at",
  openAsARun: "Open as a run",
  divergedStepTry: "Diverged at step {diverged}: try a smaller rate.",
  step: "Step {step}",
  trainingLoss2: "training loss {loss}",
  testAccuracy: "test accuracy {accuracy} %",
});

const NETWORKS = /** @type {const} */ (["alexnet", "zfnet"]);
const NAMES = { alexnet: "AlexNet: 11 × 11, stride 4", zfnet: "ZFNet: 7 × 7, stride 2" };
const LINES = {
  alexnet: { name: "AlexNet", color: category(5) },
  zfnet: { name: "ZFNet", color: category(1) },
};

const lab = openLab();

/** What the first layers start from and are fed, each with the rate that it bears. */
const CONDITIONS = {
  raw: {
    label: TEXTS.asTheyAre,
    normalize: "none",
    std: 0.01,
    learning_rate: 0.001,
    says: TEXTS.fromFiltersStart,
  },
  center: {
    label: TEXTS.centred,
    normalize: "center",
    std: 0.01,
    learning_rate: 0.01,
    says: TEXTS.papersMeanTaken,
  },
  standard: {
    label: TEXTS.standardised,
    normalize: "standardize",
    std: null,
    learning_rate: 0.01,
    says: TEXTS.todaysPractice,
  },
};
const study = new LabStudy(
  lab,
  "first_layers",
  {
    .../** @type {{ normalize: string, std: number | null }} */ (taken(CONDITIONS.raw)),
    optimizer: "sgd",
    learning_rate: 0.001,
    weight_decay: 0.0005,
    radius: /** @type {number | null} */ (null),
    steps: 300,
    width: 0.17,
    seed: 0,
  },
  { frame: () => paint(), state: (state) => progress.show(state) },
);
const { settings } = study;

/** @param {typeof CONDITIONS[keyof typeof CONDITIONS]} condition */
function taken({ normalize, std, learning_rate }) {
  return { normalize, std, learning_rate };
}

const sides = { alexnet: side("alexnet"), zfnet: side("zfnet") };
const curve = new LineChart({
  name: TEXTS.trainingLoss,
  title: () => TEXTS.firstLayers,
  label: TEXTS.trainingLossOfBoth,
  className: "first-curve",
});
const progress = progressOf(() => lab.cancel());
const keep = keepButtons(
  () => walls,
  () => study.newest,
  () => "first-layers",
);
const rate = number(
  TEXTS.rate,
  { value: settings.learning_rate, min: 0.00001, max: 10, step: "any" },
  (value) => set({ learning_rate: value }),
  TEXTS.largerRateKills,
);
const about = element("p", { class: "note" });
const conditions = choose(
  TEXTS.pixels,
  Object.entries(CONDITIONS).map(([key, { label }]) => [key, label]),
  condition(),
  (key) => {
    const chosen = taken(CONDITIONS[/** @type {keyof typeof CONDITIONS} */ (key)]);
    rate.input.value = String(chosen.learning_rate);
    set(chosen);
  },
  TEXTS.inputAndStart,
);
let together = true;
const scale = filterScale((value) => {
  together = value;
  paint();
});
const walls = element("div", { class: "first-walls" }, ...NETWORKS.map((network) => sides[network].element));

lab.root.append(
  element(
    "div",
    { class: "first-lab" },
    element(
      "section",
      { class: "first-side" },
      conditions.element,
      about,
      choose(
        TEXTS.optimizer,
        [
          ["sgd", TEXTS.sgdMomentum],
          ["adam", TEXTS.adam],
        ],
        settings.optimizer,
        (value) => set({ optimizer: value }),
      ).element,
      rate.element,
      choose(
        TEXTS.filters,
        [
          ["", TEXTS.growAsTheyWill],
          ["0.1", TEXTS.rmsAtMost],
          ["0.05", TEXTS.rmsAtMost2],
        ],
        settings.radius === null ? "" : String(settings.radius),
        (value) => set({ radius: value === "" ? null : Number(value) }),
        TEXTS.renormalisedAfterEach,
      ).element,
      number(
        TEXTS.steps,
        { value: settings.steps, min: 0, max: 5000 },
        (value) => set({ steps: value }),
        TEXTS.ofPicturesEach,
      ).element,
      number(
        TEXTS.width,
        { value: settings.width, min: 0.05, max: 0.4, step: "any" },
        (value) => set({ width: value }),
        TEXTS.sharePapersFiltersUnits,
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
      scale,
      progress.element,
      curve.element,
      element("p", { class: "note" }, TEXTS.zeilerFergusSaw),
      element("p", { class: "note" }, TEXTS.bothPapersLayers),
      keep,
    ),
    walls,
  ),
);

/** @param {typeof NETWORKS[number]} network */
function side(network) {
  const wall = filterWall();
  const note = element("p", { class: "note", role: "status" });
  const open = element(
    "button",
    {
      type: "button",
      class: "button quiet",
      title: TEXTS.trainOnePlayground,
      onclick: () => void openRun(network),
    },
    TEXTS.openAsARun,
  );
  return {
    wall,
    note,
    element: element(
      "section",
      { class: "first-network" },
      element(
        "div",
        { class: "panel-head" },
        element("h2", { "data-label": "" }, NAMES[network]),
        element("span", { class: "grow" }),
        open,
      ),
      note,
      wall.facts,
      wall.picture,
    ),
  };
}

/** The very experiment that trains here, on the playground. @param {typeof NETWORKS[number]} network */
async function openRun(network) {
  const document = study.newest?.arrays.get(`${network}/experiment`);
  if (!document) return;
  const fragment = await toFragment(
    JSON.parse(new TextDecoder().decode(/** @type {Uint8Array} */ (document.data))),
  );
  markOwnLink(fragment);
  location.assign(at(`/${fragment}`));
}

/** Which of the conditions the settings are. @returns {keyof typeof CONDITIONS} */
function condition() {
  const found = Object.entries(CONDITIONS).find(([, { normalize }]) => normalize === settings.normalize);
  return /** @type {keyof typeof CONDITIONS} */ (found?.[0] ?? "raw");
}

/** @param {Partial<typeof settings>} changed */
function set(changed) {
  study.set(changed);
  setText(about, CONDITIONS[condition()].says);
}

/** @param {string} name */
const data = (name) => study.data(name);

const paint = onNextPaint(() => {
  if (!study.newest) return;
  for (const network of NETWORKS) {
    const { wall, note } = sides[network];
    /** @type {Map<string, NamedArray>} */
    const own = new Map(
      [...study.newest.arrays]
        .filter(([name]) => name.startsWith(`${network}/`))
        .map(([name, array]) => [name.slice(network.length + 1), array]),
    );
    if (own.has("filters")) wall.paint(own, lab.theme, together);
    const accuracy = data(`${network}/accuracy`)[0];
    const diverged = Number(data(`${network}/diverged`)[0] ?? -1);
    const step = Array.from(data(`${network}/steps`)).at(-1) ?? 0;
    const loss = Array.from(data(`${network}/curve`)).at(-1);
    setText(
      note,
      diverged >= 0
        ? TEXTS.divergedStepTry({ diverged })
        : [
            TEXTS.step({ step }),
            loss !== undefined && TEXTS.trainingLoss2({ loss: shortNumber(loss) }),
            accuracy !== undefined && TEXTS.testAccuracy({ accuracy: (100 * accuracy).toFixed(1) }),
          ]
            .filter(Boolean)
            .join(", "),
    );
  }
  curve.show(lossPlot(data, LINES, settings.steps));
});

new ResizeObserver(paint).observe(curve.canvas);
lab.onTheme(paint);
setText(about, CONDITIONS[condition()].says);
study.ask();
