/** The figure of an item: its parts, each drawn by its painter, updated in place while sliders move. */

/** @import { FigurePart, ItemFigure } from "../../types.d.ts" */

import { element, setText } from "../../core/dom.js";
import { onTheme } from "../../core/theme.js";
import { BarsView } from "./bars.js";
import { ChartView } from "./chart.js";
import { PicturesView } from "./pictures.js";
import { PlaneView } from "./plane.js";

/** @typedef {{ element: HTMLElement, show: (part: any, names: string[]) => void }} PartView */

/** @type {Record<FigurePart["type"], (title: string, of: string) => PartView>} */
const VIEWS = {
  chart: (title, of) => new ChartView(title, of),
  plane: (title, of) => new PlaneView(title, of),
  pictures: (title) => new PicturesView(title),
  bars: (title) => new BarsView(title),
};

export class FigureView {
  #of;
  /** @type {ItemFigure | null} */
  #shown = null;
  /** The parts that are laid out, by type and title. */
  #laid = "";
  /** @type {PartView[]} */
  #views = [];
  #parts = element("div", { class: "figure-parts" });
  #note = element("p", { class: "note" });
  element = element("div", { class: "item-figure" }, this.#parts, this.#note);

  /** @param {string} of what it is a figure of */
  constructor(of) {
    this.#of = of;
    onTheme(() => this.#paint());
    new ResizeObserver(() => this.#paint()).observe(this.#parts);
  }

  /** @param {ItemFigure} figure */
  show(figure) {
    this.#shown = figure;
    const laid = JSON.stringify(figure.parts.map(({ type, title }) => [type, title]));
    if (laid !== this.#laid) {
      this.#laid = laid;
      this.#views = figure.parts.map(({ type, title }) => VIEWS[type](title, this.#of));
      this.#parts.replaceChildren(...this.#views.map((view) => view.element));
    }
    setText(this.#note, figure.note);
    this.#paint();
  }

  #paint() {
    const figure = this.#shown;
    if (!figure) return;
    const names = namesOf(figure);
    figure.parts.forEach((part, index) => this.#views[index]?.show(part, names));
  }
}

/** The names of all lines: one of the same name looks the same in each part. @param {ItemFigure} figure */
function namesOf({ parts }) {
  const lines = parts.flatMap((part) => {
    if (part.type === "chart") return part.lines;
    return part.type === "plane" ? [...part.points, ...part.paths] : [];
  });
  return [...new Set(lines.map(({ name }) => name))];
}
