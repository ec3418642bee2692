/** Histograms: how activations and gradients of each node are spread, as ridges through training. */

/** @import { RunControl } from "../run/run.js" */
/** @import { NodeSpread, Quantity } from "./histograms/model.js" */

import { element, setAttribute, setText } from "../core/dom.js";
import { shortNumber } from "../core/format.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { drawRidges } from "../draw/ridges.js";
import { color } from "../draw/theme_colors.js";
import { demandChanged } from "../widgets/lazy_panel.js";
import { smallChoice } from "../widgets/small_choice.js";
import { model } from "./histograms/model.js";

const TEXTS = texts(import.meta.url, {
  of: "Count of",
  activations: "Activations",
  gradients: "Gradients",
  mode: "Mode",
  evaluation: "Evaluation",
  training: "Training",
  waiting: "Histograms: they come with the next step",
  note: "One ridge a step, the newest in front, each as high as its highest bin; of the first training samples.",
});

/** @param {RunControl} run */
export function histogramsPanel(run) {
  const quantity = smallChoice(TEXTS.of, QUANTITIES, () => paint());
  const mode = smallChoice(TEXTS.mode, MODES, demandChanged);
  /** @type {NodeCard[]} */
  const cards = [];
  const list = element("div", { class: "ridge-cards" });
  const panel = element(
    "div",
    { class: "histograms-panel" },
    element("div", { class: "map-bar" }, quantity.label, mode.label),
    element("p", { class: "note" }, TEXTS.note),
    list,
  );
  const paint = onNextPaint(() => {
    const frame = run.latest.get("histograms");
    const chosen = /** @type {Quantity} */ (quantity.value());
    const spreads = frame && model(frame, run.state.description?.nodes ?? [], chosen);
    if (!spreads) return;
    while (cards.length < spreads.length) cards.push(new NodeCard());
    cards.length = spreads.length;
    if (list.children.length !== cards.length) list.replaceChildren(...cards.map((card) => card.element));
    spreads.forEach((spread, index) => cards[index]?.show(spread, chosen));
  });
  run.onFrame("histograms", paint);
  run.store.watch((state) => state.theme, paint);
  new ResizeObserver(paint).observe(list);
  return { element: panel, demand: () => [{ kind: "histograms", mode: mode.value(), hz: 2 }] };
}

/** @type {[Quantity, string][]} */
const QUANTITIES = [
  ["activation", TEXTS.activations],
  ["gradient", TEXTS.gradients],
];

/** @type {["evaluation" | "training", string][]} */
const MODES = [
  ["evaluation", TEXTS.evaluation],
  ["training", TEXTS.training],
];

/** The ridges of a node, with its axis below. */
class NodeCard {
  #name = element("h3", {});
  #canvas = element("canvas", { class: "ridges", role: "img", "aria-label": TEXTS.waiting });
  #low = element("span");
  #high = element("span");
  #summary = element("p", { class: "note" });
  element = element(
    "figure",
    { class: "ridge-card" },
    this.#name,
    this.#canvas,
    element("div", { class: "ridge-axis" }, this.#low, this.#high),
    this.#summary,
  );

  /** @param {NodeSpread} spread @param {Quantity} quantity */
  show(spread, quantity) {
    setText(this.#name, spread.name);
    setAttribute(this.#canvas, "aria-label", spread.label);
    setText(this.#low, shortNumber(spread.low));
    setText(this.#high, shortNumber(spread.high));
    setText(this.#summary, spread.summary);
    const line = color(quantity === "activation" ? "positive" : "negative");
    drawRidges(this.#canvas, spread, { paper: color("panel"), old: line, newest: color("ink") });
  }
}
