/** The numbers of a walk over the drawing of the network, and the frame around what the phase is about. */

/** @import { Layout } from "../../network/layout.js" */
/** @import { Label } from "./labels.js" */
/** @import { View } from "./model.js" */

import { element, place, setAttribute, setText } from "../../core/dom.js";
import { fullNumber } from "../../core/format.js";
import { drawEdge } from "../../draw/edges.js";
import { fitCanvas } from "../../draw/plot.js";
import { color } from "../../draw/theme_colors.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  onTheDrawing: "The numbers of this phase on the drawing",
  describes: "{phase}: {count} numbers on the drawing",
});

/** What is kept free between a column and the frame around it. */
const AROUND = 9;

export class WalkLayer {
  element = element("div", { class: "walk-layer", role: "img", "aria-label": TEXTS.onTheDrawing });
  #edges = element("canvas", { class: "walk-edges", "aria-hidden": true });
  #frames = element("div", { class: "walk-frames" });
  #numbers = element("div", { class: "walk-numbers" });
  /** @type {Map<string, HTMLElement>} */
  #shown = new Map();

  constructor() {
    this.element.append(this.#edges, this.#frames, this.#numbers);
  }

  /** @param {Layout} layout @param {View} view */
  paint(layout, { phase, labels }) {
    setAttribute(this.element, "aria-label", TEXTS.describes({ phase: phase.name, count: labels.length }));
    this.#frames.replaceChildren(...framesOf(layout, phase).map(frameElement));
    this.#drawEdges(labels);
    const left = new Set(this.#shown.keys());
    for (const label of labels) {
      left.delete(label.key);
      this.#put(label);
    }
    for (const key of left) {
      this.#shown.get(key)?.remove();
      this.#shown.delete(key);
    }
  }

  /** The edges whose numbers are shown, where not all are. @param {Label[]} labels */
  #drawEdges(labels) {
    const context = this.#edges.getContext("2d");
    if (!context) return;
    const { width, height } = fitCanvas(this.#edges, context);
    context.clearRect(0, 0, width, height);
    context.globalAlpha = 0.5;
    for (const { edge } of labels) if (edge) drawEdge(context, edge, color("accent"));
    context.globalAlpha = 1;
  }

  /** @param {Label} label */
  #put({ key, text, value, what, x, y, active }) {
    let found = this.#shown.get(key);
    if (!found) {
      found = element("span", {});
      this.#shown.set(key, found);
      this.#numbers.append(found);
    }
    found.className = `walk-number ${what}${active ? "" : " passed"}`;
    found.dataset["value"] = fullNumber(value);
    setText(found, text);
    place(found, x, y, 0, 0);
  }
}

/** @param {Layout} layout @param {View["phase"]} phase */
function framesOf({ columns }, { kind, rank }) {
  return kind === "update" ? [] : columns.filter((column) => column.rank === rank);
}

/** @param {Layout["columns"][number]} column */
function frameElement({ x, size, top, bottom }) {
  const frame = element("div", { class: "walk-frame" });
  place(frame, x - size / 2 - AROUND, top - AROUND, size + 2 * AROUND, bottom - top + 2 * AROUND);
  return frame;
}
