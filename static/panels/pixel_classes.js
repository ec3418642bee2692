/** What the network says of each pixel, drawn over a few pictures while it trains. */

/** @import { JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { LegendEntry, Marked, PixelClasses, View } from "./pixel_classes/model.js" */

import { element, iconButton, setAttribute, setText } from "../core/dom.js";
import { setName } from "../core/metric_names.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { rgb } from "../draw/colors.js";
import { Strip } from "../draw/heatmap.js";
import { mistaken, tinted } from "../draw/masks.js";
import { fitCanvas } from "../draw/plot.js";
import { color } from "../draw/theme_colors.js";
import { classNames } from "../run/maps.js";
import { demandChanged } from "../widgets/lazy_panel.js";
import { legendOf, model } from "./pixel_classes/model.js";

const TEXTS = texts(import.meta.url, {
  answer: "Answer",
  truth: "Truth",
  mistakes: "Mistakes",
  whatIsDrawn: "What is drawn over the pictures",
  whichSet: "Which set the pictures are from",
  earlierPictures: "Earlier pictures",
  furtherPictures: "Further pictures",
  chooseIt: "{label}. Choose it",
  classes: "Classes, and how much the answer overlaps each (IoU, whole set)",
  plain: "Stays as the picture is",
});

/** @type {[View, string][]} */
const VIEWS = [
  ["answer", TEXTS.answer],
  ["truth", TEXTS.truth],
  ["mistakes", TEXTS.mistakes],
];

/** Pictures at a time, how often they come, and the side beyond which they look better smoothed. */
const COUNT = 6;
const HZ = 5;
const SMOOTH_FROM = 40;

/** @param {RunControl} run @returns {{ element: HTMLElement, demand: () => JsonObject[] }} */
export function pixelClassesPanel(run) {
  return new PixelClassesPanel(run);
}

/** @typedef {{ button: HTMLButtonElement, canvas: HTMLCanvasElement, caption: HTMLElement }} Tile */

class PixelClassesPanel {
  #run;
  #set = "test";
  #first = 0;
  /** @type {View} */
  #view = "answer";
  #strip = new Strip();
  /** @type {Tile[]} */
  #tiles = [];
  #views = VIEWS.map(([view, title]) => markButton(title, () => this.#show(view)));
  #sets = element("span", { class: "marks", role: "group", "aria-label": TEXTS.whichSet });
  #pictures = element("div", { class: "examples pixel-classes" });
  #legend = element("ul", { class: "class-legend", "aria-label": TEXTS.classes });

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
    const views = element(
      "span",
      { class: "marks", role: "group", "aria-label": TEXTS.whatIsDrawn },
      ...this.#views,
    );
    const turned = (/** @type {number} */ by, /** @type {string} */ label) =>
      iconButton("up", label, () => this.#turn(by), { class: `icon-button turned${by > 0 ? " back" : ""}` });
    const pages = [turned(-1, TEXTS.earlierPictures), turned(1, TEXTS.furtherPictures)];
    const bar = element("div", { class: "chosen-row pixel-classes-bar" }, views, this.#sets, ...pages);
    this.element = element("div", { class: "pixel-classes-panel" }, bar, this.#pictures, this.#legend);
    run.onFrame("pixel_classes", this.#paint);
    run.onRows(this.#paint);
    run.store.watch((state) => state.theme, this.#paint);
    run.store.watch(
      (state) => state.description?.data?.sets,
      () => this.#showSets(),
    );
    new ResizeObserver(this.#paint).observe(this.#pictures);
    this.#show("answer");
  }

  /** @returns {JsonObject[]} */
  demand() {
    return [{ kind: "pixel_classes", set: this.#set, samples: this.#places(), hz: HZ }];
  }

  /** The positions of the pictures that are shown. */
  #places() {
    const count = Math.min(COUNT, this.#size());
    return Array.from({ length: count }, (_, at) => (this.#first + at) % this.#size());
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

  /** @param {View} view */
  #show(view) {
    this.#view = view;
    this.#views.forEach((button, at) =>
      setAttribute(button, "aria-pressed", String(VIEWS[at]?.[0] === view)),
    );
    this.#paint();
  }

  #showSets() {
    const sets = Object.keys(this.#run.state.description?.data?.sets ?? {});
    if (sets.length > 0 && !sets.includes(this.#set)) this.#set = "test";
    this.#first = Math.min(this.#first, Math.max(0, this.#size() - 1));
    const buttons = sets.map((set) => {
      const button = markButton(setName(set), () => {
        [this.#set, this.#first] = [set, 0];
        this.#showSets();
        demandChanged();
      });
      setAttribute(button, "aria-pressed", String(set === this.#set));
      return button;
    });
    this.#sets.replaceChildren(...buttons);
  }

  #paint = onNextPaint(() => {
    if (this.element.clientWidth === 0) return;
    const frame = this.#run.latest.get("pixel_classes");
    const asked = frame && this.#run.demandOf(frame)["set"];
    const shown = frame && asked === this.#set ? model(frame, this.#set) : null;
    if (shown) this.#paintPictures(shown);
    const rows = this.#run.series?.evaluation;
    const values = (/** @type {string} */ name) => (rows?.columns.has(name) ? rows.values(name) : []);
    paintLegend(this.#legend, legendOf(classNames(this.#run), values, this.#set));
  });

  /** @param {PixelClasses} shown */
  #paintPictures({ width, height, pictures }) {
    while (this.#tiles.length < pictures.length) this.#add();
    for (const { button } of this.#tiles.splice(pictures.length)) button.remove();
    this.#strip.resize(pictures.length, width, height);
    pictures.forEach((picture, at) => this.#strip.paint(at, this.#pixels(picture)));
    this.#strip.put();
    pictures.forEach((picture, at) => this.#paintTile(picture, at, width > SMOOTH_FROM));
  }

  /** @param {Marked} picture */
  #pixels({ levels, mask, truth, certainty }) {
    if (this.#view === "mistakes") return mistaken(levels, mask, truth, rgb(color("negative")));
    return this.#view === "truth" ? tinted(levels, truth, null) : tinted(levels, mask, certainty);
  }

  #add() {
    const canvas = element("canvas", { "aria-hidden": true });
    const caption = element("span", {});
    const button = element("button", { type: "button", class: "example" }, canvas, caption);
    this.#pictures.append(button);
    this.#tiles.push({ button, canvas, caption });
  }

  /** @param {Marked} picture @param {number} at @param {boolean} smooth */
  #paintTile({ index, caption, label }, at, smooth) {
    const tile = this.#tiles[at];
    const context = tile?.canvas.getContext("2d");
    if (!tile || !context) return;
    tile.button.onclick = () => this.#run.store.set({ input: { kind: "sample", set: this.#set, index } });
    setAttribute(tile.button, "aria-label", label);
    setAttribute(tile.button, "title", TEXTS.chooseIt({ label }));
    setText(tile.caption, caption);
    const { width, height } = fitCanvas(tile.canvas, context);
    context.imageSmoothingEnabled = smooth;
    this.#strip.draw(context, at, 0, 0, width, height);
  }
}

/** @param {string} title @param {() => void} onclick */
function markButton(title, onclick) {
  return element("button", { type: "button", class: "mark", "aria-pressed": "false", onclick }, title);
}

/** @param {HTMLElement} list @param {LegendEntry[]} entries */
function paintLegend(list, entries) {
  if (list.childElementCount !== entries.length)
    list.replaceChildren(
      ...entries.map(() =>
        element("li", {}, element("i", { "aria-hidden": true }), element("span", {}), element("output", {})),
      ),
    );
  entries.forEach((entry, index) => {
    const [swatch, name, overlap] = [...(list.children[index]?.children ?? [])];
    if (!(swatch instanceof HTMLElement) || !name || !overlap) return;
    swatch.style.setProperty("background", entry.color ?? "transparent");
    swatch.classList.toggle("plain", entry.color === null);
    setAttribute(name, "title", entry.color === null ? TEXTS.plain : "");
    setText(name, entry.name);
    setText(overlap, entry.overlap);
  });
}
