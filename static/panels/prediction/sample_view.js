/** The chosen sample, drawn as what it is: a picture, or a signal's channels as lines below each other. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { State } from "../../run/state.js" */

import { element } from "../../core/dom.js";
import { shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { dataset } from "../../catalog/catalog.js";
import { greyTable } from "../../draw/colors.js";
import { Strip } from "../../draw/heatmap.js";
import { colorPicture } from "../../draw/maps.js";
import { tinted } from "../../draw/masks.js";
import { fitCanvas } from "../../draw/plot.js";
import { sampleOf } from "../../draw/surface.js";
import { color, plotFont } from "../../draw/theme_colors.js";
import { lanesOf } from "./lanes.js";

const TEXTS = texts(import.meta.url, {
  pictureNetworkShown: "The sample that the network is shown",
  seconds: "{seconds} s",
  numbers: "{numbers} numbers",
});

/** Room for the axis of a signal. */
const FOOT = 16;

export class SampleView {
  #strip = new Strip();
  picture = element("canvas", {
    class: "sample-picture",
    role: "img",
    "aria-label": TEXTS.pictureNetworkShown, // until a frame says more
  });

  /** @param {Frame} frame @param {State} state */
  paint(frame, state) {
    const item = state.experiment ? dataset(state.catalog, state.experiment) : undefined;
    const signal = item?.form === "signal" || item?.form === "figure";
    this.picture.classList.toggle("signal", signal);
    this.picture.hidden = !signal && frame.arrays.get("sample")?.data instanceof Float32Array;
    if (signal) this.#paintSignal(frame, state);
    else this.#paintPicture(frame, state.depth);
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
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    this.#strip.draw(context, 0, 0, 0, width, height);
  }

  /** @param {Frame} frame @param {State} state */
  #paintSignal(frame, { experiment }) {
    const sample = frame.arrays.get("sample");
    const context = this.picture.getContext("2d");
    if (!sample || !context) return;
    const { width, height } = fitCanvas(this.picture, context);
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
