/** Backward arithmetic: the gradients of a convolution or a pooling followed number by number. */

/** @import { Frame, JsonObject } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { StageView } from "../network/layout.js" */
/** @import { Panel } from "../widgets/lazy_panel.js" */
/** @import { Part, Reading } from "./backward_arithmetic/model.js" */
/** @import { Backward, Place } from "./backward_arithmetic/sums.js" */

import { element, rebuild, setAttribute, setText } from "../core/dom.js";
import { isEqual } from "../core/json.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { sheet } from "../core/sheet.js";
import { texts } from "../core/texts.js";
import { demandChanged } from "../widgets/lazy_panel.js";
import { ChannelButtons } from "./arithmetic/channel_buttons.js";
import { MapPicture } from "./arithmetic/map_picture.js";
import { paintProducts } from "./arithmetic/products_table.js";
import { SumsList } from "./arithmetic/sums_list.js";
import { kernelTable } from "./backward_arithmetic/kernel_table.js";
import { model } from "./backward_arithmetic/model.js";
import { readBackward } from "./backward_arithmetic/sums.js";

const TEXTS = texts(import.meta.url, {
  whose: "Gradient of",
  pixel: "the input",
  kernel: "the kernel",
  bias: "the bias",
  inputPicture: "What the node reads; what takes part is framed",
  gradientPicture: "The gradient of the map; what takes part is framed",
  backPicture: "The gradient of the input; arrow keys move the place",
  inputTitle: "Input",
  gradientTitle: "Gradient of the map",
  backTitle: "Gradient of the input",
  kernelTitle: "Kernel, and its gradient",
  sum: "Sum",
  noTarget: "The loss needs a target: choose a sample of the data, not a picture of your own.",
});

/** How far each arrow key moves the place. @type {Record<string, Place>} */
const ARROWS = {
  ArrowUp: { y: -1, x: 0 },
  ArrowDown: { y: 1, x: 0 },
  ArrowLeft: { y: 0, x: -1 },
  ArrowRight: { y: 0, x: 1 },
};

/** @type {Part[]} */
const PARTS = ["pixel", "kernel", "bias"];

/** @param {RunControl} run @param {StageView} stage @returns {Panel} */
export function backwardPanel(run, stage) {
  sheet(new URL("../styles/backward.css", import.meta.url));
  const made = new BackwardPanel(run, stage);
  return { element: made.element, demand: () => made.demand() };
}

class BackwardPanel {
  #run;
  #stage;
  /** @type {Backward | null} */
  #backward = null;
  /** @type {Part} */
  #part = "pixel";
  #channel = 0;
  /** Null until one is chosen. @type {Place | null} */
  #pixel = null;
  #cell = { row: 0, column: 0 };
  /** @type {Reading | null} */
  #shown = null;

  #title = element("b", {});
  #about = element("span", { class: "note" });
  #result = element("p", { class: "arithmetic-result", role: "status" });
  #says = element("p", { class: "note" });
  #note = element("p", { class: "note", role: "status", hidden: true });
  #parts = PARTS.map((part) =>
    element("button", { type: "button", class: "mark", onclick: () => this.#turn(part) }, TEXTS[part]),
  );
  #input = new MapPicture(TEXTS.inputPicture, (pixel) => this.#choose(pixel));
  #gradient = new MapPicture(TEXTS.gradientPicture, () => {});
  #back = new MapPicture(TEXTS.backPicture, (pixel) => this.#choose(pixel));
  #channels = new ChannelButtons((channel) => this.#read(channel));
  #kernel = element("div", { class: "backward-kernel" });
  #kernelPlace = figure(TEXTS.kernelTitle, this.#kernel);
  #productsTitle = element("h3", { class: "backward-title" });
  #products = element("table", { class: "products" });
  #sums = new SumsList();
  #body = element(
    "div",
    { class: "backward-body", hidden: true },
    element(
      "div",
      { class: "backward-pictures" },
      figure(TEXTS.gradientTitle, this.#gradient.canvas),
      figure(TEXTS.inputTitle, this.#input.canvas, this.#channels.element),
      figure(TEXTS.backTitle, this.#back.canvas),
      this.#kernelPlace,
    ),
    element(
      "div",
      { class: "backward-sums" },
      element("div", { class: "products-place" }, this.#productsTitle, this.#products),
      element("div", {}, element("h3", { class: "backward-title" }, TEXTS.sum), this.#sums.element),
    ),
  );
  element = element(
    "div",
    { class: "backward-panel" },
    element(
      "div",
      { class: "arithmetic-head" },
      this.#title,
      element("span", { class: "note", "aria-hidden": true }, TEXTS.whose),
      element("div", { class: "marks", role: "group", "aria-label": TEXTS.whose }, ...this.#parts),
      this.#about,
      this.#result,
    ),
    this.#says,
    this.#note,
    this.#body,
  );

  /** @param {RunControl} run @param {StageView} stage */
  constructor(run, stage) {
    this.#run = run;
    this.#stage = stage;
    this.#back.canvas.tabIndex = 0;
    this.#back.canvas.addEventListener("keydown", (event) => this.#key(event));
    run.onFrame("backward_arithmetic", (frame) => this.#take(frame));
    run.mayRefuse("backward_arithmetic", (refusal) => this.#refuse(refusal));
    run.store.watch(
      ({ selected, unit, input }) => JSON.stringify([selected, unit, input]),
      () => this.#begin(),
    );
    run.store.watch((state) => state.theme, this.#paint);
    new ResizeObserver(this.#paint).observe(this.element);
  }

  /** @returns {JsonObject[]} */
  demand() {
    const { input, unit } = this.#run.state;
    const column = this.#column;
    const units = column?.members[0]?.shape[0] ?? 1;
    if (!column || input["kind"] !== "sample") return [];
    return [{ kind: "backward_arithmetic", input, node: column.head, map: Math.min(unit, units - 1), hz: 2 }];
  }

  get #column() {
    return this.#stage.layout?.columns.find(({ name }) => name === this.#run.state.selected) ?? null;
  }

  /** @param {Frame} frame */
  #take(frame) {
    const [wanted] = this.demand();
    const asked = this.#run.demandOf(frame);
    if (!wanted || !["node", "map", "input"].every((name) => isEqual(asked[name], wanted[name]))) return;
    this.#backward = readBackward(frame);
    this.#paint();
  }

  /** @param {string | null} refusal */
  #refuse(refusal) {
    this.#note.hidden = refusal === null;
    setText(this.#note, refusal ?? "");
  }

  /** Another unit or sample: nothing is shown until its numbers come. */
  #begin() {
    this.#backward = null;
    this.#refuse(this.#run.state.input["kind"] === "sample" ? null : TEXTS.noTarget);
    demandChanged();
    this.#paint();
  }

  /** @param {Part} part */
  #turn(part) {
    this.#part = part;
    this.#paint();
  }

  /** @param {Place} pixel of the input, whose gradient is written out */
  #choose(pixel) {
    [this.#part, this.#pixel] = ["pixel", pixel];
    this.#paint();
  }

  /** @param {number} channel */
  #read(channel) {
    this.#channel = channel;
    this.#paint();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const by = ARROWS[event.key];
    const place = this.#shown?.back.window[0] ?? this.#pixel;
    if (!by || !place) return;
    event.preventDefault();
    event.stopPropagation();
    const map = this.#shown?.back.map;
    const within = (/** @type {number} */ value, /** @type {number} */ size) =>
      Math.max(0, Math.min(size - 1, value));
    this.#choose({ y: within(place.y + by.y, map?.height ?? 1), x: within(place.x + by.x, map?.width ?? 1) });
  }

  #paint = onNextPaint(() => {
    this.#body.hidden = this.#backward === null;
    const column = this.#column;
    if (!this.#backward || !column || this.element.clientWidth === 0) return;
    const picture = column.members[0]?.inputs[0] === this.#run.state.description?.input.name;
    const context = {
      part: this.#part,
      channel: this.#channel,
      pixel: this.#pixel,
      cell: this.#cell,
      picture,
    };
    this.#show(model(this.#backward, { ...context, map: this.#run.state.unit, node: column.head }));
  });

  /** @param {Reading} reading */
  #show(reading) {
    this.#shown = reading;
    const { theme } = this.#run.state;
    setText(this.#title, reading.title);
    setText(this.#about, reading.about);
    setText(this.#says, reading.says);
    setText(this.#result, reading.result.text);
    this.#result.dataset["sum"] = String(reading.result.sum);
    this.#result.dataset["autograd"] = String(reading.result.autograd);
    this.#parts.forEach((button, index) => {
      const part = /** @type {Part} */ (PARTS[index]);
      button.hidden = !reading.parts.includes(part);
      setAttribute(button, "aria-pressed", String(part === reading.part));
    });
    this.#input.paint(reading.input, theme);
    this.#gradient.paint(reading.gradient, theme);
    this.#back.paint(reading.back, theme);
    this.#channels.paint(reading.channels);
    this.#showKernel(reading);
    setText(this.#productsTitle, reading.productsTitle);
    paintProducts(this.#products, reading.products, this.element.clientWidth);
    this.#sums.paint(reading.sums);
  }

  /** @param {Reading} reading */
  #showKernel({ kernel }) {
    this.#kernelPlace.hidden = kernel.length === 0;
    const choose = (/** @type {number} */ row, /** @type {number} */ column) => {
      [this.#part, this.#cell] = ["kernel", { row, column }];
      this.#paint();
    };
    rebuild(this.#kernel, () => this.#kernel.replaceChildren(kernelTable(kernel, choose)));
  }
}

/** @param {string} caption @param {...HTMLElement} content */
function figure(caption, ...content) {
  return element(
    "figure",
    { class: "arithmetic-figure" },
    element("figcaption", { class: "backward-title" }, caption),
    ...content,
  );
}
