/** The chosen sample, drawn as what it is: a picture, or a signal's channels as lines below each other. */

/** @import { Frame, NamedArray } from "../../types.d.ts" */
/** @import { State } from "../../run/state.js" */
/** @import { Limb } from "./figure.js" */

import { element, setAttribute, setText } from "../../core/dom.js";
import { shortNumber, wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { dataset } from "../../catalog/catalog.js";
import { greyTable } from "../../draw/colors.js";
import { Strip } from "../../draw/heatmap.js";
import { colorPicture } from "../../draw/maps.js";
import { tinted } from "../../draw/masks.js";
import { fitCanvas } from "../../draw/plot.js";
import { sampleOf } from "../../draw/surface.js";
import { color, plotFont } from "../../draw/theme_colors.js";
import { bodyOf, HEAD } from "./figure.js";
import { PlayButton } from "../../widgets/play_button.js";
import { lanesOf } from "./lanes.js";

const TEXTS = texts(import.meta.url, {
  pictureNetworkShown: "The sample that the network is shown",
  transform: [
    "Each column below is the Fourier transform of {window} numbers of it, in decibels; pitch grows upward to",
    "{top} Hz.",
  ],
  body: "A body that moves as the sample says",
  seconds: "{seconds} s",
  numbers: "{numbers} numbers",
});

/** Room for the axis of a signal. */
const FOOT = 16;

export class SampleView {
  #strip = new Strip();
  /** A body in motion, where samples are the angles of its joints. */
  figure = element("canvas", { class: "sample-figure", role: "img", "aria-label": TEXTS.body, hidden: true });
  wave = element("canvas", {
    class: "sample-wave",
    role: "img",
    "aria-label": TEXTS.pictureNetworkShown,
    hidden: true,
  });
  picture = element("canvas", {
    class: "sample-picture",
    role: "img",
    "aria-label": TEXTS.pictureNetworkShown, // until a frame says more
  });

  #transform = element("p", { class: "sample-transform", hidden: true });
  #play = new PlayButton();
  element = element(
    "div",
    { class: "sample" },
    this.figure,
    this.wave,
    this.#play.element,
    this.#transform,
    this.picture,
  );

  /** @param {Frame} frame @param {State} state */
  paint(frame, state) {
    const item = state.experiment ? dataset(state.catalog, state.experiment) : undefined;
    const isSignal = item?.form === "signal" || item?.form === "figure";
    const [sample, source] = [frame.arrays.get("sample"), frame.arrays.get("source")];
    const signal = isSignal ? sample : source;
    this.wave.hidden = !signal;
    this.#transform.hidden = !source;
    this.picture.hidden = isSignal || sample?.data instanceof Float32Array;
    if (signal) this.#paintSignal(signal, state);
    this.#play.offer(item?.form === "figure" ? null : soundOf(signal, state));
    if (source) setText(this.#transform, transformText(state));
    this.#paintFigure(frame, item?.limbs, state.depth);
    if (!this.picture.hidden) this.#paintPicture(frame, state.depth);
  }

  /** What it shows, in words. @param {string} text */
  say(text) {
    for (const each of [this.figure, this.wave, this.picture]) setAttribute(each, "aria-label", text);
  }

  /** @param {Frame} frame @param {number} slice */
  #paintPicture(frame, slice) {
    const sample = sampleOf(frame, slice);
    const context = this.picture.getContext("2d");
    if (!sample || !context) return;
    const { levels, count, width, height } = sample;
    this.#strip.resize(1, width, height);
    const mask = frame.arrays.get("mask")?.data;
    if (mask instanceof Uint8Array) this.#strip.paint(0, tinted(levels, mask, null));
    else if (count === 3) this.#strip.paint(0, colorPicture(levels, width * height));
    else this.#strip.color(0, levels.subarray(0, width * height), greyTable());
    this.#strip.put();
    if (this.picture.width !== width || this.picture.height !== height)
      Object.assign(this.picture, { width, height });
    context.clearRect(0, 0, width, height);
    this.#strip.draw(context, 0, 0, 0, width, height);
  }

  /**
   * A body that moves as its joints do, as far back as it has come.
   *
   * @param {Frame} frame @param {Limb[] | undefined} limbs @param {number} moment as a share of its length
   */
  #paintFigure(frame, limbs, moment) {
    const sample = frame.arrays.get("sample");
    this.figure.hidden = !limbs;
    const context = this.figure.getContext("2d");
    if (!limbs || !sample || !context) return;
    const { width, height } = fitCanvas(this.figure, context);
    const [, length = 1] = sample.shape;
    const at = Math.min(length - 1, Math.floor(moment * length));
    const body = bodyOf((channel) => Number(sample.data[channel * length + at]), limbs);
    const unit = height / 4.6;
    context.clearRect(0, 0, width, height);
    context.save();
    context.translate(width / 2, height * 0.5);
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = 4;
    const stroke = (/** @type {[number, number][]} */ points, /** @type {string} */ name) => {
      context.strokeStyle = color(name);
      const way = points.map(([x, y]) => `${x * unit} ${y * unit}`).join("L");
      context.stroke(new Path2D(`M${way}`));
    };
    // The far side first and fainter.
    body.limbs.forEach((points, index) => stroke(points, index % 2 ? "ink-2" : "ink-3"));
    stroke(body.back, "ink-2");
    const [x, y] = body.head;
    context.beginPath();
    context.arc(x * unit, y * unit, HEAD * unit, 0, 2 * Math.PI);
    context.fillStyle = color("ink-2");
    context.fill();
    context.restore();
  }

  /** @param {NamedArray} sample @param {State} state */
  #paintSignal(sample, { experiment }) {
    const context = this.wave.getContext("2d");
    if (!context) return;
    const { width, height } = fitCanvas(this.wave, context);
    context.clearRect(0, 0, width, height);
    const [channels = 1, length = 1] = sample.shape;
    const room = { width, height: height - FOOT };
    context.strokeStyle = color("line");
    context.lineWidth = 1;
    const lanes = lanesOf(sample.data, channels, length, room);
    context.stroke(new Path2D(lanes.map(({ zero }) => `M0 ${zero}H${width}`).join("")));
    context.strokeStyle = color("ink-2");
    context.lineJoin = "round";
    for (const { points } of lanes)
      context.stroke(new Path2D(`M${points.map((each) => each.join(" ")).join("L")}`));
    context.fillStyle = color("ink-3");
    context.font = plotFont(10.5);
    context.textBaseline = "bottom";
    context.fillText("0", 0, height);
    context.textAlign = "right";
    const rate = Number(experiment?.data["rate"]);
    const end = rate
      ? TEXTS.seconds({ seconds: shortNumber(length / rate) })
      : TEXTS.numbers({ numbers: length });
    context.fillText(end, width, height);
    context.textAlign = "left";
  }
}

/** A signal of one channel that has a rate is a sound. @param {NamedArray | undefined} signal @param {State} state */
function soundOf(signal, { experiment }) {
  const rate = Number(experiment?.data["rate"]);
  if (!rate || signal?.shape[0] !== 1 || !(signal.data instanceof Float32Array)) return null;
  return { values: signal.data, rate };
}

/** How a spectrogram comes of the signal above it. @param {State} state */
function transformText({ experiment }) {
  const { window, rate } = /** @type {Record<string, unknown>} */ (experiment?.data ?? {});
  return TEXTS.transform({ window: Number(window), top: wholeNumber(Number(rate) / 2) });
}
