/** The lab of boxes: how much two overlap, and which of many a detector keeps. */

/** @import { Box } from "./boxes/geometry.js" */
/** @import { View } from "./boxes/painting.js" */
/** @import { SceneName, Settings } from "./boxes/scenes.js" */

import { announceMove } from "../core/announce.js";
import { element, onNextFrame, setText } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { BoxBoard } from "../widgets/box_board.js";
import { check, choose } from "../widgets/study_form.js";
import { measured, SCENE } from "./boxes/geometry.js";
import { BoxList } from "./boxes/list.js";
import { paintScene } from "./boxes/painting.js";
import { Pair } from "./boxes/pair.js";
import { MOST, opened, read, written } from "./boxes/scenes.js";
import { slider } from "./boxes/slider.js";
import { ranked, standings, suppressed } from "./boxes/suppression.js";
import { History } from "./history.js";
import { openLab } from "./lab.js";

const TEXTS = texts(import.meta.url, {
  scene: "Scene",
  two: "Two boxes",
  crowd: "Ten answers to three things",
  thousand: "A thousand boxes",
  threshold: "Threshold",
  byClass: "Each class by itself",
  rounds: "Rounds",
  back: "Back",
  next: "Next",
  all: "All",
  addBox: "Add a box",
  removeBox: "Remove it",
  undo: "Undo",
  redo: "Redo",
  suppression: "Suppression",
  hint: [
    "Drag a box or its handles; drag on empty ground to draw one. Choose one box after another to compare them.",
    "Keys: arrows, Shift and arrows, N, P, A, Delete.",
  ],
  before: { one: "{count} box waits", other: "{count} boxes wait" },
  roundOf: "Round {round}: box {kept}, {score}, is kept; removed: {removed}",
  none: "none",
  left: "{kept} of {all} boxes are kept",
  refused: "In this link, {names} cannot be used; expected what the lab itself writes. The rest is shown.",
  most: "{most} boxes are the most",
  said: "Box {box}: left {left}, top {top}, {width} by {height}, IoU {iou}",
});

const lab = openLab();
const { settings: first, refused } = read(lab.remembered());
/** @type {Settings} */
let settings = first;
/** @type {History<Settings>} */
const versions = new History();
if (refused.length > 0) lab.notify(TEXTS.refused({ names: refused.join(", ") }), "error");

// The page ------------------------------------------------------------------------------------------------

let rounds = suppressed(settings.boxes, settings.threshold, settings.by_class);
let view = seen();

/** @type {BoxBoard<Box>} */
const board = new BoxBoard({
  scene: () => SCENE,
  boxes: () => view.boxes,
  chosen: () => view.pair[0],
  paint: (canvas, drawn) => paintScene(canvas, view, drawn),
  choose: pick,
  change: (index, box) => put(index, box),
  draw: add,
  remove,
  begin: () => versions.keep(settings),
  done: (byKey) => (keep(), byKey && announceMove("box", said)),
});
const pair = new Pair();
const list = new BoxList({
  choose: pick,
  change: (index, box) => (versions.keep(settings), put(index, box), keep()),
});
const threshold = slider(
  TEXTS.threshold,
  "suppression_threshold",
  { min: 0, max: 1, step: 0.01 },
  (value, done) => {
    begun("threshold", done);
    set({ threshold: value });
    if (done) keep();
  },
);
const steps = slider(TEXTS.rounds, "suppression_rounds", { min: 0, max: 1, step: 1 }, (value, done) => {
  set({ shown: value });
  if (done) keep();
});
const scene = choose(
  TEXTS.scene,
  [
    ["two", TEXTS.two],
    ["crowd", TEXTS.crowd],
    ["thousand", TEXTS.thousand],
  ],
  settings.scene,
  (name) => change({ ...opened(/** @type {SceneName} */ (name)) }),
);
const byClass = check(TEXTS.byClass, settings.by_class, (on) => change({ by_class: on }));
const told = element("p", { class: "boxes-told", role: "status" });
const undo = button(TEXTS.undo, () => travel(versions.undo(settings)));
const redo = button(TEXTS.redo, () => travel(versions.redo(settings)));

lab.root.append(
  element("div", { id: "announcer", class: "visually-hidden", role: "status" }),
  element(
    "div",
    { class: "boxes" },
    element(
      "section",
      { class: "boxes-side" },
      scene.element,
      row(
        button(TEXTS.addBox, () => add(middle())),
        button(TEXTS.removeBox, () => remove(settings.pair[0])),
      ),
      row(undo, redo),
      pair.element,
    ),
    element("section", { class: "boxes-middle" }, board.canvas, element("p", { class: "note" }, TEXTS.hint)),
    element(
      "section",
      { class: "boxes-side" },
      element("h2", { class: "caption", "data-term": "suppression" }, TEXTS.suppression),
      threshold.element,
      element("div", { class: "boxes-check" }, byClass.element),
      steps.element,
      row(
        button(TEXTS.back, () => step(-1)),
        button(TEXTS.next, () => step(1)),
        button(TEXTS.all, () => (set({ shown: null }), keep())),
      ),
      told,
      list.element,
    ),
  ),
);

/** @param {string} words @param {() => void} onclick */
function button(words, onclick) {
  return element("button", { type: "button", class: "button", onclick }, words);
}

/** @param {...HTMLElement} buttons */
function row(...buttons) {
  return element("div", { class: "relief-actions" }, ...buttons);
}

// What is set ---------------------------------------------------------------------------------------------

/** Change settings, as one step of undo. @param {Partial<Settings>} part */
function change(part) {
  versions.keep(settings);
  set(part);
  keep();
}

/** What a slider moves, from its first movement to its last one step of undo. @type {string | null} */
let moving = null;

/** @param {string} name @param {boolean} done */
function begun(name, done) {
  if (moving !== name) versions.keep(settings);
  moving = done ? null : name;
}

/** @param {Partial<Settings>} part */
function set(part) {
  settings = { ...settings, ...part };
  view = { ...view, boxes: settings.boxes, pair: settings.pair };
  paint();
}

/** @param {number} index @param {Box} box */
function put(index, box) {
  const boxes = [...settings.boxes];
  boxes[index] = box;
  set({ boxes });
}

/** Choose a box; the one before is what it is compared with. @param {number} index */
function pick(index) {
  if (index !== settings.pair[0]) set({ pair: [index, settings.pair[0]] });
  keep();
  if (document.activeElement === board.canvas) announceMove("box", said);
}

/** @param {Pick<Box, "left" | "top" | "right" | "bottom">} corners */
function add(corners) {
  const count = settings.boxes.length;
  if (count >= MOST) return lab.notify(TEXTS.most({ most: MOST }), "error");
  const kind = settings.boxes[settings.pair[0]]?.class ?? 0;
  change({
    boxes: [...settings.boxes, { ...corners, score: 0.5, class: kind }],
    pair: [count, settings.pair[0]],
  });
}

/** @param {number} index */
function remove(index) {
  if (!settings.boxes[index]) return;
  const boxes = settings.boxes.filter((_, each) => each !== index);
  const next = Math.min(settings.pair[1] > index ? settings.pair[1] - 1 : settings.pair[1], boxes.length - 1);
  change({ boxes, pair: [Math.max(0, next), Math.max(0, next === 0 ? Math.min(1, boxes.length - 1) : 0)] });
}

function middle() {
  return { left: 240, top: 140, right: 360, bottom: 260 };
}

/** @param {number} by */
function step(by) {
  const now = settings.shown ?? rounds.length;
  const next = Math.min(rounds.length, Math.max(0, now + by));
  set({ shown: next });
  keep();
}

/** @param {Settings | undefined} version */
function travel(version) {
  if (!version) return;
  set(version);
  keep();
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let keeping;

/** Keep the settings in the address, when the hand rests: browsers bear few changes of it a second. */
function keep() {
  clearTimeout(keeping);
  keeping = setTimeout(() => lab.remember(written(settings)), 200);
}

document.addEventListener("keydown", (event) => {
  const inText = event.target instanceof HTMLInputElement && event.target.type === "text";
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || inText) return;
  event.preventDefault();
  travel(event.shiftKey ? versions.redo(settings) : versions.undo(settings));
});

// Painting ------------------------------------------------------------------------------------------------

const shownRounds = () => Math.min(settings.shown ?? rounds.length, rounds.length);

/** What the scene shows. @returns {View} */
function seen() {
  const { boxes, pair: chosen, shown } = settings;
  const at = shown ?? rounds.length;
  const last = shown === null ? null : (rounds[Math.min(at, rounds.length) - 1] ?? null);
  return { boxes, pair: chosen, standings: standings(rounds, boxes.length, at), last };
}

/** The chosen box in words. */
function said() {
  const [index, against] = settings.pair;
  const [box, other] = [settings.boxes[index], settings.boxes[against]];
  if (!box) return null;
  const { left, top, right, bottom } = box;
  return TEXTS.said({
    ...{ box: index + 1, left, top, width: right - left, height: bottom - top },
    iou: other && other !== box ? measured(box, other).iou.toFixed(2) : "–",
  });
}

/** What the round that is shown did, or what is left. */
function course() {
  const count = settings.boxes.length;
  const at = shownRounds();
  if (settings.shown === null) return TEXTS.left({ kept: rounds.length, all: count });
  const round = rounds[at - 1];
  const box = round && settings.boxes[round.kept];
  if (!round || !box) return TEXTS.before({ count });
  const names = round.removed.slice(0, 8).map((each) => each.box + 1);
  if (round.removed.length > names.length) names.push(NaN);
  return TEXTS.roundOf({
    round: at,
    kept: round.kept + 1,
    score: box.score.toFixed(2),
    removed: names.map((name) => (Number.isNaN(name) ? "…" : name)).join(", ") || TEXTS.none,
  });
}

const paint = onNextFrame(() => {
  rounds = suppressed(settings.boxes, settings.threshold, settings.by_class);
  view = seen();
  const { boxes } = settings;
  board.paint();
  pair.show(boxes, settings.pair);
  list.show(boxes, ranked(boxes), view.standings, settings.pair[0]);
  threshold.show(settings.threshold, settings.threshold.toFixed(2));
  steps.show(shownRounds(), `${shownRounds()} / ${rounds.length}`, rounds.length);
  byClass.input.checked = settings.by_class;
  scene.select.value = settings.scene;
  setText(told, course());
});

new ResizeObserver(paint).observe(board.canvas);
lab.onTheme(paint);
