/** What a detector finds and misses in a few pictures, drawn over them while it trains. */

/** @import { JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { FoundBox, Scene } from "./found_boxes/model.js" */

import { element, iconButton, setAttribute, setText } from "../core/dom.js";
import { setName } from "../core/metric_names.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { category, greyTable } from "../draw/colors.js";
import { Strip } from "../draw/heatmap.js";
import { colorPicture } from "../draw/maps.js";
import { fitCanvas } from "../draw/plot.js";
import { color, plotFont } from "../draw/theme_colors.js";
import { classNames } from "../run/maps.js";
import { demandChanged } from "../widgets/lazy_panel.js";
import { model } from "./found_boxes/model.js";

const TEXTS = texts(import.meta.url, {
  whichSet: "Which set the pictures are from",
  earlierPictures: "Earlier pictures",
  furtherPictures: "Further pictures",
  chooseIt: "{label}. Choose it",
  classes: "Classes; a dashed outline is an object that was missed",
  sure: "Sure from",
});

/** Pictures at a time, how often they come, and the side beyond which they look better smoothed. */
const COUNT = 6;
const HZ = 5;
const SMOOTH_FROM = 40;
/** The score from which a box is shown, at first. */
const SURE = 0.3;

/** @param {RunControl} run @returns {{ element: HTMLElement, demand: () => JsonObject[] }} */
export function foundBoxesPanel(run) {
  return new FoundBoxesPanel(run);
}

/** @typedef {{ button: HTMLButtonElement, canvas: HTMLCanvasElement, caption: HTMLElement }} Tile */

class FoundBoxesPanel {
  #run;
  #set = "test";
  #first = 0;
  #sure = SURE;
  #strip = new Strip();
  /** @type {Tile[]} */
  #tiles = [];
  #sets = element("span", { class: "marks", role: "group", "aria-label": TEXTS.whichSet });
  #pictures = element("div", { class: "examples found-boxes" });
  #legend = element("ul", { class: "found-boxes-legend", "aria-label": TEXTS.classes });

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
    const turned = (/** @type {number} */ by, /** @type {string} */ label) =>
      iconButton("up", label, () => this.#turn(by), { class: `icon-button turned${by > 0 ? " back" : ""}` });
    const pages = [turned(-1, TEXTS.earlierPictures), turned(1, TEXTS.furtherPictures)];
    const bar = element("div", { class: "chosen-row found-boxes-bar" }, this.#sets, this.#slider(), ...pages);
    this.element = element("div", { class: "found-boxes-panel" }, bar, this.#pictures, this.#legend);
    run.onFrame("found_boxes", this.#paint);
    run.store.watch((state) => state.theme, this.#paint);
    run.store.watch(
      (state) => state.description?.data?.sets,
      () => this.#showSets(),
    );
    new ResizeObserver(this.#paint).observe(this.#pictures);
  }

  /** @returns {JsonObject[]} */
  demand() {
    const count = Math.min(COUNT, this.#size());
    const samples = Array.from({ length: count }, (_, at) => (this.#first + at) % this.#size());
    return [{ kind: "found_boxes", set: this.#set, samples, sure: this.#sure, hz: HZ }];
  }

  #slider() {
    const output = element("output", {}, SURE.toFixed(2));
    const input = element("input", { type: "range", min: 0.05, max: 0.95, step: 0.05, value: SURE });
    input.addEventListener("input", () => {
      this.#sure = Number(input.value);
      setText(output, this.#sure.toFixed(2));
      this.#paint();
    });
    input.addEventListener("change", demandChanged);
    return element(
      "label",
      { class: "found-boxes-sure", "data-term": "sure_from" },
      TEXTS.sure,
      input,
      output,
    );
  }

  #size() {
    const sets = /** @type {Record<string, number>} */ (this.#run.state.description?.data?.sets ?? {});
    return sets[this.#set] ?? COUNT;
  }

  /** @param {number} by pages */
  #turn(by) {
    const size = this.#size();
    this.#first = (((this.#first + by * COUNT) % size) + size) % size;
    demandChanged();
  }

  #showSets() {
    const sets = Object.keys(this.#run.state.description?.data?.sets ?? {});
    if (sets.length > 0 && !sets.includes(this.#set)) this.#set = "test";
    this.#first = Math.min(this.#first, Math.max(0, this.#size() - 1));
    const buttons = sets.map((set) =>
      element(
        "button",
        {
          type: "button",
          class: "mark",
          "aria-pressed": String(set === this.#set),
          onclick: () => {
            [this.#set, this.#first] = [set, 0];
            this.#showSets();
            demandChanged();
          },
        },
        setName(set),
      ),
    );
    this.#sets.replaceChildren(...buttons);
  }

  #paint = onNextPaint(() => {
    if (this.element.clientWidth === 0) return;
    const frame = this.#run.latest.get("found_boxes");
    const asked = frame && this.#run.demandOf(frame)["set"];
    const scenes = frame && asked === this.#set ? model(frame, this.#set, this.#sure) : null;
    if (scenes) this.#paintScenes(scenes);
    paintLegend(this.#legend, classNames(this.#run));
  });

  /** @param {Scene[]} scenes */
  #paintScenes(scenes) {
    while (this.#tiles.length < scenes.length) this.#add();
    for (const { button } of this.#tiles.splice(scenes.length)) button.remove();
    const [first] = scenes;
    if (!first) return;
    this.#strip.resize(scenes.length, first.picture.width, first.picture.height);
    scenes.forEach(({ picture: { levels, channels, width, height } }, at) => {
      if (channels === 3) this.#strip.paint(at, colorPicture(levels, width * height));
      else this.#strip.color(at, levels.subarray(0, width * height), greyTable());
    });
    this.#strip.put();
    scenes.forEach((scene, at) => this.#paintTile(scene, at));
  }

  #add() {
    const canvas = element("canvas", { "aria-hidden": true });
    const caption = element("span", {});
    const button = element("button", { type: "button", class: "example" }, canvas, caption);
    this.#pictures.append(button);
    this.#tiles.push({ button, canvas, caption });
  }

  /** @param {Scene} scene @param {number} at */
  #paintTile({ index, picture, boxes, caption, label }, at) {
    const tile = this.#tiles[at];
    const context = tile?.canvas.getContext("2d");
    if (!tile || !context) return;
    tile.button.onclick = () => this.#run.store.set({ input: { kind: "sample", set: this.#set, index } });
    setAttribute(tile.button, "aria-label", label);
    setAttribute(tile.button, "title", TEXTS.chooseIt({ label }));
    setText(tile.caption, caption);
    const { width, height } = fitCanvas(tile.canvas, context);
    context.imageSmoothingEnabled = picture.width > SMOOTH_FROM;
    this.#strip.draw(context, at, 0, 0, width, height);
    for (const box of boxes) paintBox(context, box, width / picture.width, height / picture.height);
  }
}

/**
 * @param {CanvasRenderingContext2D} context @param {FoundBox} box @param {number} across pixels of the screen to one
 * of the picture @param {number} down
 */
function paintBox(context, { corners: [left, top, right, bottom], class: kind, score, state }, across, down) {
  const [x, y] = [left * across, top * down];
  const missed = state === "missed";
  context.strokeStyle = missed ? color("paper") : category(kind);
  context.lineWidth = state === "right" ? 2 : 1.25;
  context.setLineDash(missed ? [4, 3] : []);
  context.strokeRect(x, y, (right - left) * across, (bottom - top) * down);
  context.setLineDash([]);
  if (missed) return;
  context.font = plotFont(9);
  const words = `${state === "wrong" ? "✗ " : ""}${score.toFixed(2).replace("0.", ".")}`;
  const wide = context.measureText(words).width + 4;
  const above = Math.max(0, y - 11);
  context.fillStyle = category(kind);
  context.fillRect(x - 1, above, wide, 11);
  context.fillStyle = "#111";
  context.textBaseline = "middle";
  context.fillText(words, x + 1, above + 6);
}

/** @param {HTMLElement} list @param {string[]} classes */
function paintLegend(list, classes) {
  if (list.childElementCount === classes.length) return;
  list.replaceChildren(
    ...classes.map((name, index) => {
      const swatch = element("i", { "aria-hidden": true });
      swatch.style.setProperty("--series", category(index));
      return element("li", {}, swatch, element("span", {}, name));
    }),
  );
}
