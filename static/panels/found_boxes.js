/** What a detector finds and misses in a few pictures, drawn over them while it trains. */

/** @import { JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { LegendMark } from "../widgets/class_legend.js" */
/** @import { FoundBox } from "./found_boxes/model.js" */

import { element, setText } from "../core/dom.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { category } from "../draw/colors.js";
import { picturePixels } from "../draw/signals.js";
import { plotFont } from "../draw/theme_colors.js";
import { classNames } from "../run/maps.js";
import { ClassLegend } from "../widgets/class_legend.js";
import { PicturePages } from "../widgets/picture_pages.js";
import { model } from "./found_boxes/model.js";

const TEXTS = texts(import.meta.url, {
  classes: "Classes, and what the outlines mean",
  missed: "missed",
  missedMeans: "An object that no right box finds",
  wrong: "wrong",
  wrongMeans: "A box that overlaps no object of its class by one half, or one that a better box has found",
  sure: "Sure from",
  starts: "Anchors",
});

/** The score from which a box is shown, at first. */
const SURE = 0.3;

/** The colour of what is missed: pictures are what they are in either theme. */
const MISSED = "#fff";

/** What outlines mean beside their class. @type {LegendMark[]} */
const OUTLINES = [
  { name: TEXTS.missed, look: "dashed", color: MISSED, title: TEXTS.missedMeans },
  { name: TEXTS.wrong, look: "cross", title: TEXTS.wrongMeans },
];

/** @param {RunControl} run @returns {{ element: HTMLElement, demand: () => JsonObject[] }} */
export function foundBoxesPanel(run) {
  return new FoundBoxesPanel(run);
}

class FoundBoxesPanel {
  #run;
  #sure = SURE;
  #starts = false;
  #legend = new ClassLegend({ label: TEXTS.classes });
  #pages;

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
    this.#pages = new PicturePages(run, "found_boxes", () => this.#paint());
    const bar = this.#pages.bar((sets) => [sets, this.#slider(), this.#anchors()]);
    this.element = element(
      "div",
      { class: "found-boxes-panel" },
      bar,
      this.#pages.element,
      this.#legend.element,
    );
  }

  /** @returns {JsonObject[]} */
  demand() {
    return [this.#pages.demand];
  }

  #slider() {
    const output = element("output", {}, SURE.toFixed(2));
    const input = element("input", { type: "range", min: 0.05, max: 0.95, step: 0.05, value: SURE });
    input.addEventListener("input", () => {
      this.#sure = Number(input.value);
      setText(output, this.#sure.toFixed(2));
      this.#paint();
    });
    return element(
      "label",
      { class: "found-boxes-sure", "data-term": "sure_from" },
      TEXTS.sure,
      input,
      output,
    );
  }

  #anchors() {
    const input = element("input", { type: "checkbox" });
    input.addEventListener("change", () => {
      this.#starts = input.checked;
      this.#paint();
    });
    return element("label", { class: "found-boxes-anchors", "data-term": "anchors" }, input, TEXTS.starts);
  }

  #paint = onNextPaint(() => {
    if (this.element.clientWidth === 0) return;
    this.#paintScenes();
    const classes = classNames(this.#run);
    const outlined = classes.map(
      (name, index) => /** @type {LegendMark} */ ({ name, look: "outlined", color: category(index) }),
    );
    this.#legend.paint(classes.length > 0 ? [...outlined, ...OUTLINES] : []);
  });

  #paintScenes() {
    const { kept } = this.#pages;
    const scenes = kept && model(kept.frame, kept.set, this.#sure);
    const [first] = scenes ?? [];
    if (!scenes || !first) return;
    const pictures = scenes.map((scene) => ({ ...scene, pixels: picturePixels(scene.picture) }));
    const classes = classNames(this.#run);
    this.#pages.show(kept.set, first.picture, pictures, (context, at, scale) => {
      const boxes = scenes[at]?.boxes ?? [];
      if (this.#starts) for (const box of boxes) paintStart(context, box, scale);
      for (const box of boxes) paintBox(context, box, scale, classes);
    });
  }
}

/**
 * An outline, with its class and score above it: its colour alone would not tell everybody which class.
 *
 * @param {CanvasRenderingContext2D} context @param {FoundBox} box
 * @param {{ across: number, down: number }} scale pixels of the screen to one of the picture
 * @param {string[]} classes
 */
function paintBox(context, { corners, class: kind, score, state }, { across, down }, classes) {
  const [left, top, right, bottom] = corners;
  const [x, y] = [left * across, top * down];
  const missed = state === "missed";
  context.strokeStyle = missed ? MISSED : category(kind);
  context.lineWidth = state === "right" ? 2 : 1.25;
  context.setLineDash(missed ? [4, 3] : []);
  context.strokeRect(x, y, (right - left) * across, (bottom - top) * down);
  context.setLineDash([]);
  if (missed) return;
  context.font = plotFont(9);
  const name = classes[kind] ?? "";
  const words = `${state === "wrong" ? "✗ " : ""}${name} ${score.toFixed(2).replace("0.", ".")}`.trim();
  const wide = context.measureText(words).width + 4;
  const from = Math.max(0, Math.min(x - 1, context.canvas.clientWidth - wide));
  const above = Math.max(0, y - 11);
  context.fillStyle = category(kind);
  context.fillRect(from, above, wide, 11);
  context.fillStyle = "#111";
  context.textBaseline = "middle";
  context.fillText(words, from + 2, above + 6);
}

/**
 * The cell or the anchor that an answer started from.
 *
 * @param {CanvasRenderingContext2D} context @param {FoundBox} box
 * @param {{ across: number, down: number }} scale pixels of the screen to one of the picture
 */
function paintStart(context, { start, class: kind }, { across, down }) {
  if (!start) return;
  const [left, top, right, bottom] = start;
  context.strokeStyle = category(kind);
  context.lineWidth = 1;
  context.setLineDash([1, 3]);
  context.strokeRect(left * across, top * down, (right - left) * across, (bottom - top) * down);
  context.setLineDash([]);
}
