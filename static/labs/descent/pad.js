/** The pad: every place is a run of the chosen optimizer with that rate and that momentum. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Theme } from "../../draw/colors.js" */

import { magnitude, pixel, rgb } from "../../draw/colors.js";
import { fitCanvas } from "../../draw/plot.js";
import { ticks } from "../../draw/ticks.js";
import { element, onNextFrame, setText } from "../../core/dom.js";
import { onNextPaint } from "../../core/paint_scheduler.js";
import { shortNumber, wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { color, plotFont, plotScale } from "../../draw/theme_colors.js";

const TEXTS = texts(import.meta.url, {
  padRateMomentum: "Pad of rate and momentum: not filled yet",
  few: "few",
  manySteps: "many steps",
  tooFew: "too few",
  diverged: "diverged",
  rateMomentum: "Rate × momentum",
  learningRate: "learning rate",
  notThereInSteps: "not there in {most} steps",
  steps: "{steps} steps",
  noneRunsThereSteps: "None of {steps} runs is there in {most} steps.",
  runsBestThere: "{steps} runs; the best is there in {best} steps. Press a place to race with it.",
  padRateMomentumArrow: "Pad of rate and momentum. {text} Arrow keys move the place.",
});

const MARGIN = { left: 44, right: 8, top: 8, bottom: 30 };
const DIVERGED = -2;

/**
 * @typedef {{ rates: Float32Array, momenta: Float32Array, steps: Int32Array, size: number, most: number }}
 * Runs
 */

export class Pad {
  #choose;
  #canvas = element("canvas", {
    class: "pad-canvas",
    tabindex: 0,
    role: "application",
    "aria-label": TEXTS.padRateMomentum,
  });
  #readout = element("p", { class: "note pad-said" });
  #title = element("span", {});
  element;
  /** @type {Runs | null} */
  #runs = null;
  /** Where the chosen runner stands. @type {{ rate: number, momentum: number } | null} */
  #at = null;
  #name = "momentum";
  /** @type {Theme} */
  #theme = "light";
  /** What is drawn, and only made anew with new runs. @type {HTMLCanvasElement | null} */
  #picture = null;

  /** @param {(rate: number, momentum: number) => void} choose @param {...Node} beside */
  constructor(choose, ...beside) {
    this.#choose = choose;
    const legend = element(
      "div",
      { class: "legend" },
      element("span", {}, TEXTS.few),
      element("span", { class: "pad-ramp" }),
      element("span", {}, TEXTS.manySteps),
      element("span", { class: "pad-key late" }, TEXTS.tooFew),
      element("span", { class: "pad-key away" }, TEXTS.diverged),
    );
    this.element = element(
      "section",
      { class: "lab-card pad" },
      element("h2", { class: "caption", "data-term": "pad" }, TEXTS.rateMomentum, this.#title),
      ...beside,
      this.#canvas,
      legend,
      this.#readout,
    );
    new ResizeObserver(onNextFrame(() => this.#draw())).observe(this.#canvas);
    this.#canvas.addEventListener("pointermove", (event) => this.#hover(event));
    this.#canvas.addEventListener("pointerleave", () => this.#say(null));
    this.#canvas.addEventListener("pointerdown", (event) => {
      const cell = this.#cell(event);
      if (cell) this.#pick(cell.column, cell.row);
    });
    this.#canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  /** The runs as far as they have come. @param {Frame} frame @param {number} most steps of each */
  take({ arrays }, most) {
    const [rates, momenta, steps] = [
      arrays.get("rates")?.data,
      arrays.get("momenta")?.data,
      arrays.get("steps")?.data,
    ];
    if (!(rates instanceof Float32Array && momenta instanceof Float32Array && steps instanceof Int32Array))
      return;
    this.#runs = { rates, momenta, steps, size: rates.length, most };
    this.#picture = null;
    this.#drawTaken();
    this.#say(null);
  }

  #drawTaken = onNextPaint(() => this.#draw());

  /** Nothing to show: this optimizer has no momentum, or the setup is refused. @param {string} reason */
  clear(reason) {
    this.#runs = null;
    this.#picture = null;
    this.#draw();
    setText(this.#readout, reason);
  }

  /**
   * @param {string} title whose pad @param {string} name of the momentum @param {{ rate: number, momentum:
   * number } | null} at
   */
  mark(title, name, at) {
    setText(this.#title, title);
    this.#name = name;
    this.#at = at;
    this.#draw();
  }

  /** @param {Theme} theme */
  paint(theme) {
    this.#theme = theme;
    this.#picture = null;
    this.#draw();
  }

  #box() {
    const scale = plotScale();
    return {
      left: MARGIN.left * scale,
      top: MARGIN.top,
      width: this.#canvas.clientWidth - MARGIN.left * scale - MARGIN.right,
      height: this.#canvas.clientHeight - MARGIN.top - MARGIN.bottom * scale,
    };
  }

  #draw() {
    const context = this.#canvas.getContext("2d");
    if (!context || this.#canvas.clientWidth === 0) return;
    const { width, height } = fitCanvas(this.#canvas, context);
    context.clearRect(0, 0, width, height);
    const box = this.#box();
    const runs = this.#runs;
    context.fillStyle = color("tile");
    context.fillRect(box.left, box.top, box.width, box.height);
    if (!runs) return;
    this.#picture ??= padPicture(runs, this.#theme);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#picture, box.left, box.top, box.width, box.height);
    const { x, y } = this.#scales(runs);
    context.fillStyle = color("ink-3");
    context.font = plotFont();
    context.textAlign = "center";
    for (const { value, text } of ticks({ low: x.low, high: x.high, log: true }, box.width / 60))
      context.fillText(text, box.left + box.width * x.share(value), box.top + box.height + 14 * plotScale());
    context.fillText(TEXTS.learningRate, box.left + box.width / 2, box.top + box.height + 27 * plotScale());
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const { value, text } of ticks({ low: y.low, high: y.high, log: false }, box.height / 44))
      context.fillText(text, box.left - 6, box.top + box.height * (1 - y.share(value)));
    context.save();
    context.translate(10, box.top + box.height / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.fillText(this.#name, 0, 0);
    context.restore();
    context.textBaseline = "alphabetic";
    if (this.#at)
      drawHere(
        context,
        box.left + box.width * x.share(this.#at.rate),
        box.top + box.height * (1 - y.share(this.#at.momentum)),
        color("paper"),
        color("ink"),
      );
  }

  /** Shares of the axes; a run stands in the middle of its cell. @param {Runs} runs */
  #scales({ rates, momenta, size }) {
    const [low, high] = [rates[0] ?? 1e-4, rates[size - 1] ?? 1];
    const [most, least] = [momenta[0] ?? 1, momenta[size - 1] ?? 0];
    const middle = (/** @type {number} */ share) =>
      (0.5 + Math.min(1, Math.max(0, share)) * (size - 1)) / size;
    return {
      x: {
        low,
        high,
        share: (/** @type {number} */ rate) => middle(Math.log(rate / low) / Math.log(high / low)),
      },
      y: {
        low: least,
        high: most,
        share: (/** @type {number} */ momentum) => middle((momentum - least) / (most - least)),
      },
    };
  }

  /** @param {PointerEvent} event */
  #cell(event) {
    const runs = this.#runs;
    if (!runs) return null;
    const box = this.#box();
    const [column, row] = [
      Math.floor(((event.offsetX - box.left) / box.width) * runs.size),
      Math.floor(((event.offsetY - box.top) / box.height) * runs.size),
    ];
    return column >= 0 && row >= 0 && column < runs.size && row < runs.size ? { column, row } : null;
  }

  /** @param {PointerEvent} event */
  #hover(event) {
    const cell = this.#cell(event);
    this.#say(cell);
  }

  /** @param {{ column: number, row: number } | null} cell */
  #say(cell) {
    const runs = this.#runs;
    if (!runs) return;
    if (cell) {
      const steps = runs.steps[cell.row * runs.size + cell.column] ?? -1;
      const outcome =
        steps === DIVERGED
          ? "diverged"
          : steps < 0
            ? TEXTS.notThereInSteps({ most: wholeNumber(runs.most) })
            : TEXTS.steps({ steps: wholeNumber(steps) });
      setText(
        this.#readout,
        `η ${shortNumber(runs.rates[cell.column] ?? NaN)}, ${this.#name} ` +
          `${shortNumber(runs.momenta[cell.row] ?? NaN)}: ${outcome}`,
      );
      return;
    }
    const there = runs.steps.filter((steps) => steps >= 0);
    const best = there.length > 0 ? Math.min(...there) : null;
    const text =
      best === null
        ? TEXTS.noneRunsThereSteps({ steps: wholeNumber(runs.steps.length), most: wholeNumber(runs.most) })
        : TEXTS.runsBestThere({ steps: wholeNumber(runs.steps.length), best: wholeNumber(best) });
    setText(this.#readout, text);
    this.#canvas.setAttribute("aria-label", TEXTS.padRateMomentumArrow({ text }));
  }

  /** @param {number} column @param {number} row */
  #pick(column, row) {
    const runs = this.#runs;
    if (!runs) return;
    const round = (/** @type {number} */ value) => Number(value.toPrecision(3));
    this.#choose(round(runs.rates[column] ?? 0.01), round(runs.momenta[row] ?? 0));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const way = /** @type {Record<string, [number, number]>} */ ({
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    })[event.key];
    const runs = this.#runs;
    if (!way || !runs) return;
    event.preventDefault();
    const { x, y } = this.#scales(runs);
    const { rate, momentum } = this.#at ?? { rate: x.low, momentum: y.low };
    const cell = (/** @type {number} */ share) =>
      Math.min(runs.size - 1, Math.max(0, Math.floor(share * runs.size)));
    const [column, row] = [cell(x.share(rate)) + way[0], runs.size - 1 - cell(y.share(momentum)) + way[1]];
    if (column < 0 || row < 0 || column >= runs.size || row >= runs.size) return;
    this.#pick(column, row);
    this.#say({ column, row });
  }
}

/** @param {Runs} runs @param {Theme} theme */
function padPicture({ steps, size, most }, theme) {
  const canvas = element("canvas", { width: size, height: size });
  const image = new ImageData(size, size);
  const late = pixel(rgb(theme === "dark" ? "#3a3d45" : "#d4d4d0"));
  const away = pixel(rgb("#8b8b90"));
  const pixels = Uint32Array.from(steps, (count) => {
    if (count === DIVERGED) return away;
    if (count < 0) return late;
    return pixel(magnitude(1 - Math.log(1 + count) / Math.log(1 + most)));
  });
  new Uint32Array(image.data.buffer).set(pixels);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas;
}

/**
 * @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {string} paper
 * @param {string} ink
 */
function drawHere(context, x, y, paper, ink) {
  for (const [style, width] of /** @type {[string, number][]} */ ([
    [paper, 5],
    [ink, 2],
  ])) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    context.arc(x, y, 7, 0, 2 * Math.PI);
    context.stroke();
  }
}
