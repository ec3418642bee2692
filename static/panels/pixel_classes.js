/** What the network says of each pixel, drawn over a few pictures while it trains. */

/** @import { JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { Marked, View } from "./pixel_classes/model.js" */

import { element, setAttribute } from "../core/dom.js";
import { setName } from "../core/metric_names.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { mistaken, namedPlaces, tinted } from "../draw/masks.js";
import { writeOn } from "../draw/picture_words.js";
import { classNames } from "../run/maps.js";
import { ClassLegend } from "../widgets/class_legend.js";
import { markButton, PicturePages } from "../widgets/picture_pages.js";
import { legendOf, model } from "./pixel_classes/model.js";

const TEXTS = texts(import.meta.url, {
  answer: "Answer",
  truth: "Truth",
  mistakes: "Mistakes",
  whatIsDrawn: "What is drawn over the pictures",
  classes: "Classes, and how much the answer overlaps each",
  overlap: "IoU of each class, whole {set} set",
  plain: "Stays as the picture is",
});

/** @type {[View, string][]} */
const VIEWS = [
  ["answer", TEXTS.answer],
  ["truth", TEXTS.truth],
  ["mistakes", TEXTS.mistakes],
];

/** @param {RunControl} run @returns {{ element: HTMLElement, demand: () => JsonObject[] }} */
export function pixelClassesPanel(run) {
  return new PixelClassesPanel(run);
}

class PixelClassesPanel {
  #run;
  /** @type {View} */
  #view = "answer";
  #views = VIEWS.map(([view, title]) => markButton(title, () => this.#show(view)));
  #legend = new ClassLegend({ label: TEXTS.classes, term: "iou" });
  #pages;

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
    this.#pages = new PicturePages(run, "pixel_classes", () => this.#paint());
    const views = element(
      "span",
      { class: "marks", role: "group", "aria-label": TEXTS.whatIsDrawn },
      ...this.#views,
    );
    const bar = this.#pages.bar((sets) => [views, sets]);
    this.element = element(
      "div",
      { class: "pixel-classes-panel" },
      bar,
      this.#pages.element,
      this.#legend.element,
    );
    run.onRows(this.#paint);
    run.store.watch((state) => state.scrubbed, this.#paint);
    this.#show("answer");
  }

  /** @returns {JsonObject[]} */
  demand() {
    return [this.#pages.demand];
  }

  /** @param {View} view */
  #show(view) {
    this.#view = view;
    this.#views.forEach((button, at) =>
      setAttribute(button, "aria-pressed", String(VIEWS[at]?.[0] === view)),
    );
    this.#paint();
  }

  #paint = onNextPaint(() => {
    if (this.element.clientWidth === 0) return;
    this.#paintPictures();
    this.#paintLegend();
  });

  #paintPictures() {
    const { kept } = this.#pages;
    const shown = kept && model(kept.frame, kept.set);
    if (!shown) return;
    const pictures = shown.pictures.map((picture) => ({ ...picture, pixels: this.#pixels(picture) }));
    this.#pages.show(kept.set, shown, pictures, (context, at, scale) => {
      const picture = pictures[at];
      if (picture) this.#name(context, picture, shown, scale);
    });
  }

  /**
   * The classes, by name too: not everybody tells the tints apart.
   *
   * @param {CanvasRenderingContext2D} context @param {Marked} picture
   * @param {{ width: number, height: number }} size @param {{ across: number, down: number }} scale
   */
  #name(context, { mask, truth }, { width, height }, { across, down }) {
    if (this.#view === "mistakes") return;
    const classes = classNames(this.#run);
    const seen = { width: width * across, height: height * down };
    for (const { name, x, y } of namedPlaces(this.#view === "truth" ? truth : mask, width))
      writeOn(context, classes[name] ?? String(name), x * across, y * down, seen);
  }

  /** @param {Marked} picture */
  #pixels({ levels, mask, truth, certainty }) {
    if (this.#view === "mistakes") return mistaken(levels, mask, truth);
    return this.#view === "truth" ? tinted(levels, truth, null) : tinted(levels, mask, certainty);
  }

  #paintLegend() {
    const rows = this.#run.series?.evaluation;
    const values = (/** @type {string} */ name) => (rows?.columns.has(name) ? rows.values(name) : []);
    const { set } = this.#pages;
    const entries = legendOf(classNames(this.#run), values, set, this.#run.state.scrubbed);
    this.#legend.paint(
      entries.map(({ name, color: tint, overlap: number }) =>
        tint === null
          ? { name, look: "plain", title: TEXTS.plain, number }
          : { name, look: "filled", color: tint, number },
      ),
      entries.length > 0 ? TEXTS.overlap({ set: setName(set) }) : "",
    );
  }
}
