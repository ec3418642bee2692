/**
 * One number of a feature map, or of a unit, followed through: window, products, sum, bias, activation,
 * softmax.
 */

/** @import { Frame } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */
/** @import { StageView } from "../network/layout.js" */
/** @import { Panel } from "../widgets/lazy_panel.js" */
/** @import { Arithmetic } from "../network/window_arithmetic.js" */
/** @import { Reading } from "./arithmetic/model.js" */
/** @import { Place } from "./arithmetic/place.js" */

import { readArithmetic } from "../network/window_arithmetic.js";
import { element, setText } from "../core/dom.js";
import { isEqual } from "../core/json.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { texts } from "../core/texts.js";
import { inputNames } from "../catalog/catalog.js";
import { unitName } from "../network/names.js";
import { arithmeticDemand, classNames } from "../run/maps.js";
import { ChannelButtons } from "./arithmetic/channel_buttons.js";
import { MapPicture } from "./arithmetic/map_picture.js";
import { model } from "./arithmetic/model.js";
import { middleOf, placeAfter, placeReading, placeWithin } from "./arithmetic/place.js";
import { paintProducts } from "./arithmetic/products_table.js";
import { SlideControls } from "./arithmetic/slide_controls.js";
import { paintSoftmax } from "./arithmetic/softmax_table.js";
import { SumsList } from "./arithmetic/sums_list.js";
import { TwoWays } from "./arithmetic/two_ways.js";

const TEXTS = texts(import.meta.url, {
  inputMap: "What arrives; the window is framed",
  outputMap: "The map that comes of it; arrow keys move the place",
  input: "Input",
  sum: "Sum",
  output: "Output",
  softmax: "Softmax",
});

/** How far each arrow key moves the place, down and to the right. @type {Record<string, [number, number]>} */
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** @param {RunControl} run @param {StageView} stage @returns {Panel} */
export function arithmeticPanel(run, stage) {
  return new TwoWays(run, stage, new ArithmeticPanel(run, stage));
}

class ArithmeticPanel {
  #run;
  #stage;
  /** @type {Arithmetic | null} */
  #arithmetic = null;
  /** Null until a place is chosen; see `#shownPlace`. @type {Place | null} */
  #place = null;
  #channel = 0;

  #title = element("b", {});
  #settings = element("span", { class: "note" });
  #result = element("p", { class: "arithmetic-result", role: "status" });
  #controls = new SlideControls(
    (by) => this.#move(by),
    () => this.#isSeen,
  );
  #input = new MapPicture(TEXTS.inputMap, (pixel) => this.#center(pixel));
  #output = new MapPicture(TEXTS.outputMap, (place) => this.#goTo(place));
  #channels = new ChannelButtons((index) => this.#chooseChannel(index));
  #productsTitle = element("h3", { class: "caption" });
  #products = element("table", { class: "products" });
  #sums = new SumsList();
  #body = element(
    "div",
    { class: "arithmetic-body" },
    figure(TEXTS.input, this.#input.canvas, this.#channels.element),
    element("div", { class: "products-place" }, this.#productsTitle, this.#products),
    element(
      "div",
      { class: "sums-place" },
      element("h3", { class: "caption" }, TEXTS.sum),
      this.#sums.element,
    ),
    figure(TEXTS.output, this.#output.canvas),
  );
  #softmax = element("table", { class: "softmax" });
  #softmaxPlace = element(
    "section",
    { class: "softmax-place" },
    element("h3", { class: "caption" }, TEXTS.softmax),
    this.#softmax,
  );
  element = element(
    "div",
    { class: "arithmetic-panel" },
    element(
      "div",
      { class: "arithmetic-head" },
      this.#title,
      this.#settings,
      this.#controls.element,
      this.#result,
    ),
    this.#body,
    this.#softmaxPlace,
  );

  /** @param {RunControl} run @param {StageView} stage */
  constructor(run, stage) {
    this.#run = run;
    this.#stage = stage;
    this.#output.canvas.tabIndex = 0;
    this.#output.canvas.addEventListener("keydown", (event) => this.#key(event));
    run.onFrame("arithmetic", (frame) => this.#take(frame));
    run.store.watch(
      (state) => `${state.selected} ${state.unit}`,
      () => {
        this.#arithmetic = null;
        this.#paint();
      },
    );
    run.store.watch((state) => state.theme, this.#paint);
    new ResizeObserver(this.#paint).observe(this.element);
  }

  demand() {
    return arithmeticDemand(this.#run, this.#stage);
  }

  /** Frames of the unit that was selected before may still be on their way. @param {Frame} frame */
  #take(frame) {
    const [wanted] = this.demand();
    const asked = this.#run.demandOf(frame);
    const same = wanted && ["node", "map", "input"].every((name) => isEqual(asked[name], wanted[name]));
    if (!same) return;
    this.#arithmetic = readArithmetic(frame);
    this.#paint();
  }

  get #isSeen() {
    return this.element.clientWidth > 0;
  }

  /** The middle of the map unless another was chosen: its corner is all padding. @param {Arithmetic} arithmetic */
  #shownPlace({ output }) {
    return placeWithin(output, this.#place ?? middleOf(output));
  }

  // Moving --------------------------------------------------------------------------------------------

  /** @param {Place} place the nearest that is on the map is taken */
  #goTo(place) {
    this.#controls.stop();
    this.#place = this.#arithmetic ? placeWithin(this.#arithmetic.output, place) : place;
    this.#paint();
  }

  /** @param {number} by */
  #move(by) {
    if (!this.#arithmetic) return;
    this.#place = placeAfter(this.#arithmetic.output, this.#shownPlace(this.#arithmetic), by);
    this.#paint();
  }

  /** The window onto a pixel of the input. @param {Place} pixel */
  #center(pixel) {
    if (this.#arithmetic) this.#goTo(placeReading(this.#arithmetic, pixel));
  }

  /** @param {number} index */
  #chooseChannel(index) {
    this.#channel = index;
    this.#paint();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const by = ARROWS[event.key];
    if (!by || !this.#arithmetic) return;
    event.preventDefault();
    event.stopPropagation();
    const { y, x } = this.#shownPlace(this.#arithmetic);
    this.#goTo({ y: y + by[0], x: x + by[1] });
  }

  // Painting ------------------------------------------------------------------------------------------

  #paint = onNextPaint(() => {
    const arithmetic = this.#arithmetic;
    this.#body.hidden = arithmetic === null;
    this.#softmaxPlace.hidden = !arithmetic?.softmax;
    this.#controls.element.hidden = arithmetic === null;
    if (!arithmetic || !this.#isSeen) return;
    const place = this.#shownPlace(arithmetic);
    this.#channel = Math.min(this.#channel, arithmetic.input.length - 1);
    const { selected, unit } = this.#run.state;
    const column = this.#stage.layout?.columns.find(({ name }) => name === selected);
    const [channel, node] = [this.#channel, column?.head ?? null];
    const picture = column?.members[0]?.inputs[0] === this.#run.state.description?.input.name;
    const names = namesRead(this.#run, this.#stage, column?.members[0]?.inputs[0]);
    const classes = classNames(this.#run);
    this.#show(model(arithmetic, { place, channel, node, unit, classes, picture, names }));
  });

  /** @param {Reading} reading */
  #show(reading) {
    const { theme } = this.#run.state;
    this.element.classList.toggle("dense", reading.dense);
    this.#controls.element.hidden = !reading.movable;
    setText(this.#title, reading.title);
    setText(this.#settings, reading.settings);
    this.#result.dataset["output"] = String(reading.result.output);
    this.#result.dataset["shown"] = String(reading.result.shown);
    setText(this.#result, reading.result.text);
    this.#input.paint(reading.input, theme);
    this.#output.paint(reading.output, theme);
    this.#channels.paint(reading.channels);
    setText(this.#productsTitle, reading.productsTitle);
    paintProducts(this.#products, reading.products, this.element.clientWidth);
    this.#sums.paint(reading.sums);
    if (reading.softmax) paintSoftmax(this.#softmax, reading.softmax);
  }
}

/** @param {string} caption @param {...HTMLElement} content */
function figure(caption, ...content) {
  return element(
    "figure",
    { class: "arithmetic-figure" },
    element("figcaption", { class: "caption" }, caption),
    ...content,
  );
}

/**
 * What the numbers are called that a dense unit reads, as everywhere on the page: x₁, or "tanh 1, unit 3".
 *
 * @param {RunControl} run @param {StageView} stage @param {string | undefined} from the node that it reads
 * @returns {string[]} none where it reads what is not drawn unit by unit
 */
function namesRead({ state: { catalog, experiment } }, stage, from) {
  const source = stage.layout?.columns.find(({ name }) => name === from);
  if (!experiment || !source?.tiled || source.maps) return [];
  const inputs = inputNames(catalog, experiment);
  return Array.from({ length: source.units }, (_, unit) => unitName(source, unit, inputs));
}
