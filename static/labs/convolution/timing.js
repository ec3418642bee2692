/** Direct, by Fourier transforms, as two lines: measured on the server as one watches. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { OpenLab } from "../lab.js" */

import { category } from "../../draw/colors.js";
import { element, onNextFrame, setText } from "../../core/dom.js";
import { onNextPaint } from "../../core/paint_scheduler.js";
import { texts } from "../../core/texts.js";
import { LineChart } from "../../widgets/line_chart.js";
import { card } from "./cards.js";
import { numbers } from "./result.js";
import { quickerFrom } from "./numbers.js";

const TEXTS = texts(import.meta.url, {
  ms: "ms",
  direct: "direct",
  fourier: "Fourier",
  twoLines: "two lines",
  timeByKernelSize: "Time by kernel size",
  millisecondsBlurFour: "Milliseconds for a blur of four pictures, against the side of the kernel, each way.",
  convolution2: "Convolution",
  timeKernelSize: "Time by kernel size; not measured yet",
  measureOnThisServer: "Measure on this server",
  measuring: "Measuring",
  gaussianBlurFour: [
    "A Gaussian blur of four pictures of 256×256, three ways, for kernels from 3 to 51: each gives",
    "the same numbers.",
  ],
  whichWayIsQuickest: "Which way is quickest",
  directSumsDo: [
    "Direct sums do k² multiplications a pixel, two lines 2k, transforms the same for every k. Layers",
    "have small filters: there, direct wins.",
  ],
  stop: "Stop",
  theMeasurementFailed: "the measurement failed",
  measureAgain: "Measure again",
  sideOfTheKernel: "side of the kernel",
  notQuickerUpTo: "{name} not quicker up to {until}",
  quickerFromOn: "{name} quicker from {side}×{side} on",
  fourierTransforms: "Fourier transforms",
  measuredHere: "Measured here: {from}, {from2}.",
  timeByKernelSize2: "Time by kernel size. {text}",
});

const WAYS = [TEXTS.direct, TEXTS.fourier, TEXTS.twoLines];
const DASHES = [[], [6, 3], [2, 3]];

export class TimingCard {
  #lab;
  #chart = new LineChart({
    name: TEXTS.timeByKernelSize,
    about: TEXTS.millisecondsBlurFour,
    title: () => TEXTS.convolution2,
    label: TEXTS.timeKernelSize,
    className: "timing-chart",
  });
  #button = element(
    "button",
    { type: "button", class: "button", onclick: () => this.#toggle() },
    TEXTS.measureOnThisServer,
  );
  #bar = element("progress", {
    class: "race-progress idle",
    max: 1,
    value: 0,
    "aria-label": TEXTS.measuring,
  });
  #note = element("p", { class: "note", role: "status" }, TEXTS.gaussianBlurFour);
  /** @type {Frame | null} */
  #frame = null;
  /** @type {{ cancel: () => void } | null} */
  #running = null;
  element = card(
    TEXTS.whichWayIsQuickest,
    element("div", { class: "legend" }, this.#button),
    this.#chart.element,
    this.#bar,
    this.#note,
    element("p", { class: "note" }, TEXTS.directSumsDo),
  );

  /** @param {OpenLab} lab */
  constructor(lab) {
    this.#lab = lab;
    new ResizeObserver(onNextFrame(() => this.paint())).observe(this.#chart.canvas);
  }

  #toggle() {
    if (this.#running) {
      this.#running.cancel();
      this.#ended();
      return;
    }
    setText(this.#button, TEXTS.stop);
    this.#running = this.#lab.study(
      { kind: "convolution_timing" },
      {
        frame: (frame) => {
          this.#frame = frame;
          this.#paintMeasured();
        },
        state: ({ state, done, detail }) => {
          this.#bar.value = done;
          this.#bar.classList.toggle("idle", state !== "running" && state !== "waiting");
          if (state === "failed") this.#lab.notify(detail ?? TEXTS.theMeasurementFailed, "error");
          if (state === "done" || state === "failed" || state === "cancelled") this.#ended();
        },
      },
    );
  }

  #ended() {
    this.#running = null;
    setText(this.#button, TEXTS.measureAgain);
    this.#bar.classList.add("idle");
  }

  #paintMeasured = onNextPaint(() => this.paint());

  paint() {
    const sides = this.#frame ? Float64Array.from(numbers(this.#frame, "sides")) : new Float64Array([3, 51]);
    const seconds = this.#frame ? Array.from(numbers(this.#frame, "seconds")) : [];
    const rows = WAYS.map((_, row) =>
      Float64Array.from(sides, (_, index) => 1000 * (seconds[row * sides.length + index] ?? NaN)),
    );
    const known = rows.flatMap((row) => Array.from(row).filter(Number.isFinite));
    const scale = {
      low: known.length > 0 ? Math.min(...known) * 0.8 : 0.5,
      high: known.length > 0 ? Math.max(...known) * 1.25 : 100,
      log: true,
    };
    const lines = rows.map((y, index) => ({
      name: WAYS[index] ?? "",
      x: sides,
      y,
      color: category(index + 1),
      width: 2,
      dash: DASHES[index] ?? [],
    }));
    this.#chart.show({
      lines,
      x: { low: sides[0] ?? 3, high: sides.at(-1) ?? 51, log: false },
      y: scale,
      xLabel: TEXTS.sideOfTheKernel,
      yLabel: TEXTS.ms,
      ...(known.length > 0 ? { label: this.#say(sides, rows) } : {}),
    });
  }

  /** @param {Float64Array} sides @param {Float64Array[]} rows */
  #say(sides, [direct = new Float64Array(), fourier = new Float64Array(), lines = new Float64Array()]) {
    const measured = Array.from(direct).filter(Number.isFinite).length;
    const until = sides[measured - 1] ?? 0;
    const from = (/** @type {string} */ name, /** @type {number | null} */ side) =>
      side === null ? TEXTS.notQuickerUpTo({ name, until }) : TEXTS.quickerFromOn({ name, side });
    const text = TEXTS.measuredHere({
      from: from(TEXTS.fourierTransforms, quickerFrom(sides, direct, fourier)),
      from2: from(TEXTS.twoLines, quickerFrom(sides, direct, lines)),
    });
    setText(this.#note, text);
    return TEXTS.timeByKernelSize2({ text });
  }
}
