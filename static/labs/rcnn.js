/** The lab of regions: R-CNN and Fast R-CNN stage by stage, on one scene, with their times. */

/** @import { StudyState } from "../core/studies.js" */
/** @import { Outline } from "./rcnn/painting.js" */
/** @import { Arrays, Corners, Method, Proposal, Stage } from "./rcnn/model.js" */

import { overlap } from "../core/boxes.js";
import { element, setAttribute, setText } from "../core/dom.js";
import { percent, shortNumber } from "../core/format.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { category } from "../draw/colors.js";
import { ClassLegend } from "../widgets/class_legend.js";
import { LineChart } from "../widgets/line_chart.js";
import { progressOf, segments } from "../widgets/study_form.js";
import { openLab } from "./lab.js";
import { LabStudy } from "./lab_study.js";
import { lossPlot } from "./loss_chart.js";
import { Detail } from "./rcnn/detail.js";
import {
  bestOf,
  classesOf,
  foundOf,
  objectsOf,
  part,
  proposalAt,
  proposalsOf,
  STAGES,
  timesOf,
} from "./rcnn/model.js";
import { paintScene } from "./rcnn/painting.js";

const TEXTS = texts(import.meta.url, {
  method: "Detector",
  scene: "Scene",
  sceneNumber: "Scene {number}",
  stages: "Stages",
  back: "Back",
  next: "Next",
  hint: "Press a place of the scene to look at the smallest proposal there; arrow keys go through all of them.",
  pictureOf: "Scene {scene}, {stage}: {proposals} proposals, proposal {region} chosen",
  waits: "This stage is not computed yet: it comes.",
  counts:
    "{proposals} proposals; of {objects} objects {met} are met by an overlap of one half, {well} by 0.7",
  chosen: "Proposal {region} of {proposals}: it overlaps the nearest object by {overlap}",
  found: "{right} of {objects} objects found, {wrong} wrong; mAP@0.5 over 20 scenes: {map}",
  times: "Time for one scene",
  ms: "{value} ms",
  saved: [
    "For its network R-CNN takes {slow} ms, once for each proposal; Fast R-CNN's convolutions take {fast} ms, once for",
    "the picture. With networks as small as these, pooling costs as much as is saved; with VGG-16 a picture took 47 s",
    "and 0.32 s, without proposals (Girshick 2015, table 4).",
  ],
  loss: "Training loss",
  classes: "Classes, and what outlines mean",
  rcnn: "R-CNN",
  fast: "Fast R-CNN",
  object: "object",
  objectMeans: "A true box",
});

/** Colours of what has no class: seen on any picture. */
const [TRUE, CHOSEN, OTHER] = ["#fff", "#ffd60a", "rgba(255, 255, 255, 0.35)"];

const lab = openLab();
const study = new LabStudy(
  lab,
  "rcnn",
  { scenes: 120, steps: 200, seed: 0 },
  { frame: () => paint(), state: (state) => showState(state) },
);

/** @type {{ method: Method, scene: number, chosen: boolean, at: number, region: number | null }} */
const view = { method: "rcnn", scene: 0, chosen: false, at: 0, region: null };

const progress = progressOf(() => lab.cancel());
const about = element("p", { class: "rcnn-about" });
const title = element("h2", {});
const numbers = element("p", { class: "rcnn-numbers", role: "status" });
const canvas = element("canvas", {
  class: "rcnn-scene",
  role: "img",
  tabindex: 0,
  "aria-label": TEXTS.scene,
});
const legend = new ClassLegend({ label: TEXTS.classes });
const detail = new Detail((region) => choose(region));
const steps = element("ol", { class: "rcnn-stages", "aria-label": TEXTS.stages });
const back = button(TEXTS.back, () => go(view.at - 1));
const next = button(TEXTS.next, () => go(view.at + 1));
const times = element("table", { class: "rcnn-times" });
const timesNote = element("p", { class: "note" });
const chart = new LineChart({ name: TEXTS.loss, title: () => TEXTS.loss, className: "rcnn-curve" });

const methods = segments(
  TEXTS.method,
  [
    ["rcnn", TEXTS.rcnn],
    ["fast", TEXTS.fast],
  ],
  view.method,
  (method) => {
    view.method = /** @type {Method} */ (method);
    paint();
  },
);
const scenes = segments(
  TEXTS.scene,
  Array.from({ length: 6 }, (_, index) => [String(index), String(index + 1)]),
  "0",
  (scene) => {
    view.scene = Number(scene);
    view.chosen = true;
    view.region = null;
    paint();
  },
);

lab.root.append(
  element(
    "div",
    { class: "rcnn" },
    element(
      "div",
      { class: "rcnn-bar" },
      methods.element,
      element("span", { class: "rcnn-scenes" }, element("span", {}, TEXTS.scene), scenes.element),
      element("span", { class: "grow" }),
      progress.element,
    ),
    element("div", { class: "rcnn-walk" }, back, steps, next),
    element(
      "section",
      { class: "rcnn-left" },
      canvas,
      element("p", { class: "note" }, TEXTS.hint),
      legend.element,
    ),
    element("section", { class: "rcnn-right" }, title, about, numbers, detail.element),
    element(
      "section",
      { class: "rcnn-below" },
      element(
        "div",
        {},
        element("h2", { class: "caption", "data-term": "region_times" }, TEXTS.times),
        times,
        timesNote,
      ),
      chart.element,
    ),
  ),
);

/** @param {string} words @param {() => void} onclick */
function button(words, onclick) {
  return element("button", { type: "button", class: "button", onclick }, words);
}

/** @param {StudyState} state */
function showState(state) {
  progress.show(state);
  paint();
}

/** @param {number} at of a stage */
function go(at) {
  view.at = Math.min(STAGES[view.method].length - 1, Math.max(0, at));
  paint();
}

/** @param {number} region */
function choose(region) {
  view.region = region;
  paint();
}

canvas.addEventListener("click", ({ offsetX, offsetY }) => {
  const pictures = study.newest?.arrays.get("pictures");
  if (!pictures || !study.newest) return;
  const [, , height = 1, width = 1] = pictures.shape;
  const proposals = proposalsOf(study.newest.arrays, view.scene);
  const [x, y] = [(offsetX / canvas.clientWidth) * width, (offsetY / canvas.clientHeight) * height];
  const found = proposalAt(proposals, x, y);
  if (found !== null) choose(found);
});
canvas.addEventListener("keydown", (event) => {
  const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
  if (!by || !study.newest) return;
  event.preventDefault();
  const proposals = proposalsOf(study.newest.arrays, view.scene);
  const now = view.region ?? bestOf(proposals);
  choose((now + by + proposals.length) % proposals.length);
});

// Painting ------------------------------------------------------------------------------------------------

const paint = onNextPaint(() => {
  const stages = STAGES[view.method];
  const stage = /** @type {Stage} */ (stages[view.at]);
  paintStages(stages);
  setText(title, stage.title);
  setText(about, stage.about);
  const arrays = study.newest?.arrays;
  if (!arrays?.has("pictures")) return;
  if (!view.chosen) showFullest(arrays);
  const proposals = proposalsOf(arrays, view.scene);
  const region = view.region ?? bestOf(proposals);
  const there = arrays.has(stage.needs);
  paintScene(canvas, arrays, view.scene, {
    segments: stage.name === "segments",
    outlines: outlinesOf(stage, proposals, region),
  });
  const { scene } = view;
  setAttribute(
    canvas,
    "aria-label",
    TEXTS.pictureOf({
      scene: scene + 1,
      stage: stage.title,
      proposals: proposals.length,
      region: region + 1,
    }),
  );
  setText(numbers, there ? numbersOf(stage, proposals, region) : TEXTS.waits);
  detail.paint(there ? arrays : null, { stage: stage.name, scene, region, proposals: proposals.length });
  paintTimes();
  chart.show(
    lossPlot(
      (name) => study.data(name),
      {
        rcnn: { name: TEXTS.rcnn, color: category(5) },
        fast: { name: TEXTS.fast, color: category(1) },
      },
      study.settings.steps,
    ),
  );
  legend.paint([
    ...classesOf(arrays).map((name, index) => ({
      name,
      look: /** @type {const} */ ("outlined"),
      color: category(index),
    })),
    { name: TEXTS.object, look: "dashed", color: TRUE, title: TEXTS.objectMeans },
  ]);
});

/** Begin with the scene in which there is most to find. @param {Arrays} arrays */
function showFullest(arrays) {
  const counts = Array.from({ length: 6 }, (_, scene) => objectsOf(arrays, scene).length);
  view.scene = counts.indexOf(Math.max(...counts));
  view.chosen = true;
  scenes.mark(String(view.scene));
}

/** @param {Stage[]} stages */
function paintStages(stages) {
  back.disabled = view.at === 0;
  next.disabled = view.at === stages.length - 1;
  steps.replaceChildren(
    ...stages.map((each, index) => {
      const attributes = { type: "button", class: "segment", onclick: () => go(index) };
      const current = index === view.at ? "step" : null;
      return element(
        "li",
        {},
        element("button", { ...attributes, "aria-current": current }, `${index + 1} ${each.title}`),
      );
    }),
  );
}

/** @param {Stage} stage @param {Proposal[]} proposals @param {number} region @returns {Outline[]} */
function outlinesOf({ name }, proposals, region) {
  const arrays = /** @type {NonNullable<typeof study.newest>} */ (study.newest).arrays;
  if (name === "segments") return [];
  const objects = objectsOf(arrays, view.scene);
  const truth = objects.map(({ corners }) => ({ corners, color: TRUE, dash: [4, 3], width: 1.5 }));
  if (name === "result") {
    const found = foundOf(arrays, view.scene, view.method).reverse();
    const names = classesOf(arrays);
    const boxes = found.map(({ corners, score, class: kind, right }) => ({
      corners,
      color: category(kind),
      width: right ? 2.5 : 1.5,
      words: `${right ? "" : "✗ "}${names[kind]} ${score.toFixed(2)}`,
    }));
    return [...truth, ...boxes];
  }
  const chosen = proposals[region];
  const all = proposals.map(({ corners }) => ({ corners, color: OTHER }));
  const own = chosen ? [{ corners: chosen.corners, color: CHOSEN, width: 2.5 }] : [];
  return [...(name === "proposals" ? all : []), ...truth, ...own];
}

/** @param {Stage} stage @param {Proposal[]} proposals @param {number} region */
function numbersOf({ name }, proposals, region) {
  const arrays = /** @type {NonNullable<typeof study.newest>} */ (study.newest).arrays;
  const objects = objectsOf(arrays, view.scene);
  if (name === "segments") return "";
  if (name === "result") {
    const found = foundOf(arrays, view.scene, view.method);
    const right = found.filter((each) => each.right).length;
    const map = part(arrays.get(`${view.method}/map_50`))[0] ?? NaN;
    return TEXTS.found({
      right,
      wrong: found.length - right,
      objects: objects.length,
      map: percent(map),
    });
  }
  if (name === "proposals") {
    const best = objects.map(({ corners }) =>
      Math.max(...proposals.map((each) => overlap(box(each.corners), box(corners)))),
    );
    const met = (/** @type {number} */ least) => best.filter((share) => share >= least).length;
    return TEXTS.counts({
      proposals: proposals.length,
      objects: objects.length,
      met: met(0.5),
      well: met(0.7),
    });
  }
  const shared = (proposals[region]?.overlap ?? NaN).toFixed(2);
  return TEXTS.chosen({ region: region + 1, proposals: proposals.length, overlap: shared });
}

/** @param {Corners} corners */
const box = ([left, top, right, bottom]) => ({ left, top, right, bottom });

function paintTimes() {
  const arrays = study.newest?.arrays;
  if (!arrays) return;
  const columns = /** @type {const} */ (["rcnn", "fast"]).map((method) => timesOf(arrays, method));
  const count = Math.max(...columns.map((rows) => rows.length));
  const rows = Array.from({ length: count }, (_, row) =>
    element(
      "tr",
      {},
      ...columns.flatMap((column) => {
        // The sums stand in one line.
        const last = row === count - 1;
        const [name, value] = (last ? column.at(-1) : column.slice(0, -1)[row]) ?? ["", NaN];
        return [
          element("th", { scope: "row" }, name),
          element("td", {}, Number.isNaN(value) ? "" : TEXTS.ms({ value: shortNumber(value, 2) })),
        ];
      }),
    ),
  );
  const heads = [TEXTS.rcnn, TEXTS.fast].map((name) => element("th", { scope: "col", colspan: 2 }, name));
  times.replaceChildren(element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows));
  const [slow, fast] = [columns[0]?.[2]?.[1], columns[1]?.[1]?.[1]];
  const known = slow !== undefined && fast !== undefined;
  setText(timesNote, known ? TEXTS.saved({ slow: shortNumber(slow, 2), fast: shortNumber(fast, 2) }) : "");
}

new ResizeObserver(paint).observe(canvas);
lab.onTheme(paint);
study.ask();
