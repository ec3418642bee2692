/** The maps of an occlusion, and the picture with the square that a pointer at a map moves. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { Readings, Square } from "./model.js" */

import { onNextPaint } from "../../core/paint_scheduler.js";
import { element, picture, setAttribute, setText } from "../../core/dom.js";
import { category, divergingTable, magnitudeTable, pixel, rgb } from "../../draw/colors.js";
import { axesOf } from "../../catalog/applicability.js";
import { BAND, isSignal, levelLines } from "../../draw/bands.js";
import { asPictures } from "../../draw/places.js";
import { picturePixels, planeAt, putPixels, putPlane, rampPixels } from "../../draw/signals.js";
import { percent, shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { scaleBar } from "../../widgets/color_bar.js";
import { placeUnder, model, squareOn } from "./model.js";

const TEXTS = texts(import.meta.url, {
  theSample: "The sample",
  squareWhereHurts: "the square where it hurts most; point at a map to move it",
  probability: "Probability",
  classWhilePlaceCovered: "of the class, while the place is covered",
  strongestMap: "Strongest map",
  sumOverFeature: "the sum over the feature map that is strongest",
  likeliestClass: "Likeliest class",
  whilePlaceCovered: "while the place is covered",
  meanDrop: "Mean drop",
  scoreOverAll: "of the score, over all squares that cover a pixel",
  whereItHurtsMost: "where it hurts most",
  coveredHere: "covered here",
  takenFor: "{where}: {share}, taken for {names}",
});

export class OcclusionMaps {
  #run;
  #input = card(TEXTS.theSample, TEXTS.squareWhereHurts);
  #probability = card(TEXTS.probability, TEXTS.classWhilePlaceCovered, true);
  #activation = card(TEXTS.strongestMap, TEXTS.sumOverFeature, true);
  #likeliest = card(TEXTS.likeliestClass, TEXTS.whilePlaceCovered);
  #drop = card(TEXTS.meanDrop, TEXTS.scoreOverAll, true);
  #classes = element("ul", { class: "class-key" });
  #grid;
  /** As it came, of all slices. @type {Frame | null} */
  #newest = null;
  /** As pictures. @type {Frame | null} */
  #frame = null;
  /** @type {Square} of the frame */
  #square = { size: 1, stride: 1 };
  /** The place that is pointed at. @type {number | null} */
  #pointed = null;

  /** @param {RunControl} run */
  constructor(run) {
    this.#run = run;
    const cards = [this.#input, this.#probability, this.#activation, this.#likeliest, this.#drop];
    const figures = cards.map(({ figure }) => figure);
    this.#grid = element("div", { class: "method-cards" }, ...figures);
    this.element = element("div", { hidden: true }, this.#grid, this.#classes);
    for (const { canvas } of [this.#probability, this.#activation, this.#likeliest]) {
      canvas.addEventListener("pointermove", (event) => this.#point(event, canvas));
      canvas.addEventListener("pointerleave", () => this.#moveTo(null));
    }
  }

  /** @param {Frame} frame @param {Square} square it was asked with */
  show(frame, square) {
    this.#newest = frame;
    this.#square = square;
    this.paint();
  }

  paint = onNextPaint(() => {
    if (!this.#newest) return;
    const { description, depth } = this.#run.state;
    this.#frame = asPictures(this.#newest, axesOf(description), depth);
    const readings = model(this.#frame.arrays, this.#names);
    if (!readings) return;
    this.element.hidden = false;
    this.#paintSquare();
    this.#paintMaps(readings);
    this.#nameClasses(readings.seen);
  });

  get #names() {
    return this.#run.state.description?.data.classes ?? [];
  }

  /** @param {Readings} readings */
  #paintMaps({ probability, activation, likeliest, drop, most, span, notes }) {
    const magnitude = magnitudeTable();
    const diverging = divergingTable(this.#run.state.theme);
    const [rows = 1, columns = 1] = probability.shape;
    const size = { width: columns, height: rows };
    putPlane(this.#probability.canvas, size, rampPixels(probability.data, magnitude, 0, 1));
    this.#probability.scale?.paint(magnitude, "0", "1");
    putPlane(this.#activation.canvas, size, rampPixels(activation.data, magnitude, 0, most));
    this.#activation.scale?.paint(magnitude, "0", shortNumber(most));
    putPlane(this.#likeliest.canvas, size, Uint32Array.from(likeliest.data, classPixel));
    const [height = 1, width = 1] = drop.shape;
    const pixels = rampPixels(drop.data, diverging, -span, span);
    putPlane(this.#drop.canvas, { width, height }, pixels, this.#lines);
    this.#drop.scale?.paint(diverging, shortNumber(-span), shortNumber(span));
    setText(this.#probability.note, notes.probability);
    setText(this.#activation.note, notes.activation);
    setText(this.#drop.note, notes.drop);
  }

  /** @param {number[]} seen */
  #nameClasses(seen) {
    const entries = seen.map((index) => {
      const swatch = element("canvas", { class: "pixels", "aria-hidden": true });
      putPixels(swatch, Uint32Array.of(classPixel(index)), 1, 1);
      const name = this.#names[index] ?? String(index);
      return element("li", {}, swatch, element("span", { "data-label": "" }, name));
    });
    this.#classes.replaceChildren(...entries);
  }

  /** The picture, and the square on it where a hand points, or else where the probability falls most. */
  #paintSquare() {
    const { canvas, note } = this.#input;
    const input = this.#frame?.arrays.get("input");
    const context = canvas.getContext("2d");
    if (!this.#frame || !input || !context) return;
    const plane = planeAt(input, 0, input.shape[0] ?? 1);
    const signal = isSignal(plane);
    this.#grid.classList.toggle("signals", signal);
    putPlane(canvas, plane, signal ? new Uint32Array(plane.width) : picturePixels(plane), this.#lines);
    const square = squareOn(this.#frame.arrays, this.#square, this.#pointed);
    if (!square) return;
    const { left, top, size, level, share, answer } = square;
    context.fillStyle = `rgb(${level} ${level} ${level})`;
    if (signal)
      context.fillRect((left * BAND.width) / plane.width, 0, (size * BAND.width) / plane.width, BAND.height);
    else context.fillRect(left, top, size, size);
    const where = this.#pointed === null ? TEXTS.whereItHurtsMost : TEXTS.coveredHere;
    setText(note, TEXTS.takenFor({ where, share: percent(share), names: this.#names[answer] ?? answer }));
  }

  /** The signal itself as lines; none of a picture. */
  get #lines() {
    const input = this.#frame?.arrays.get("input");
    const plane = input && planeAt(input, 0, input.shape[0] ?? 1);
    const [low = 0, high = 1] = this.#frame?.arrays.get("input.range")?.data ?? [];
    return plane && isSignal(plane) ? levelLines(plane, { low, high }, this.#run.state.theme) : [];
  }

  /** @param {PointerEvent} event @param {HTMLCanvasElement} canvas */
  #point({ clientX, clientY }, canvas) {
    const probability = this.#frame?.arrays.get("probability");
    if (!probability) return;
    const { left, top, width, height } = canvas.getBoundingClientRect();
    this.#moveTo(placeUnder(probability.shape, (clientX - left) / width, (clientY - top) / height));
  }

  /** @param {number | null} place */
  #moveTo(place) {
    this.#pointed = place;
    this.#paintSquare();
  }
}

/** @param {number} index −1 for none */
function classPixel(index) {
  return index < 0 ? 0 : pixel(rgb(category(index)));
}

/** @param {string} title @param {string} description @param {boolean} [scaled] whether a scale stands below it */
function card(title, description, scaled = false) {
  const canvas = picture("pixels");
  setAttribute(canvas, "aria-label", `${title}: ${description}`);
  const note = element("span", { class: "note", "data-label": "" }, description);
  const scale = scaled ? scaleBar() : null;
  const caption = element(
    "figcaption",
    {},
    element("span", { "data-label": "" }, title),
    scale?.element,
    note,
  );
  return { canvas, note, scale, figure: element("figure", { class: "method-card" }, canvas, caption) };
}
