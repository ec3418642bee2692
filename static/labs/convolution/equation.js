/** The picture, the filter, the output and the pooled map, as one equation. */

/** @import { Theme } from "../../draw/colors.js" */
/** @import { Place, Result } from "./result.js" */

import { element, setText } from "../../core/dom.js";
import { shortNumber, wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { KernelTable } from "./kernel.js";
import { extremes, flipped } from "./numbers.js";
import { Picture, scaleOf } from "./picture.js";
import { captionsOf, numbers, pooledAt, windowAt } from "./result.js";

const TEXTS = texts(import.meta.url, {
  thePooledMap: "The pooled map",
  pictureArrowKeys: "The picture. Arrow keys move the filter.",
  outputArrowKeys: "The output. Arrow keys move the filter.",
  outputRowColumn:
    "The output, {output} by {output}. Row {row}, column {column}: {output2}. Arrow keys move.",
});

/** @typedef {"hover" | "press" | "drag" | "key"} How a place was chosen */

/**
 * @typedef {object} EquationHooks
 * @property {(place: Place, how: How, event: PointerEvent | KeyboardEvent) => void} touch a pixel of the picture
 * @property {(place: Place, how: How) => void} look at a place of the output
 * @property {() => Place} place that is looked at
 * @property {(values: number[], side: number) => void} write a filter of one's own
 */

export class Equation {
  #input;
  #output;
  #pooled = new Picture(TEXTS.thePooledMap);
  #kernel;
  #captions = {
    input: element("figcaption", {}),
    output: element("figcaption", {}),
    pooled: element("figcaption", {}),
    turned: element("p", { class: "note kernel-note" }),
  };
  element;

  /** @param {EquationHooks} hooks */
  constructor({ touch, look, place, write }) {
    this.#input = new Picture(TEXTS.pictureArrowKeys, (row, column, how, event) =>
      touch({ row, column }, how, event),
    );
    this.#output = new Picture(TEXTS.outputArrowKeys, (row, column, how) => look({ row, column }, how));
    this.#input.keys(place);
    this.#output.keys(place);
    this.#kernel = new KernelTable(write);
    const { input, output, pooled, turned } = this.#captions;
    this.element = element(
      "div",
      { class: "equation" },
      element("figure", { class: "operand" }, this.#input.canvas, input),
      sign("∗"),
      element("figure", { class: "operand kernel" }, this.#kernel.element, turned),
      sign("="),
      element("figure", { class: "operand" }, this.#output.canvas, output),
      sign("→"),
      element("figure", { class: "operand pooled" }, this.#pooled.canvas, pooled),
    );
  }

  /** Whether the picture can be drawn on. @param {boolean} drawable */
  set drawable(drawable) {
    this.#input.canvas.classList.toggle("drawable", drawable);
  }

  /** The filter and the words of a new result. @param {Result} result */
  show(result) {
    const { kernel, sizes, settings } = result;
    const values = Array.from(kernel);
    this.#kernel.show(settings.mode === "convolution" ? flipped(values) : values, sizes.kernel);
    const { kernel: kernelLabel, ...captions } = captionsOf(result);
    this.#kernel.element.setAttribute("aria-label", kernelLabel);
    for (const [name, text] of Object.entries(captions))
      setText(this.#captions[/** @type {keyof typeof captions} */ (name)], text);
  }

  /**
   * The pictures, with windows about the place that is looked at.
   *
   * @param {Result} result @param {Place} place @param {number | null} until the output's last place so far
   * @param {Theme} theme
   */
  paint({ frame, sizes, input, output }, place, until, theme) {
    const top = Math.max(1, extremes(input).high);
    const { padding, input: side } = sizes;
    this.#input.show({ values: input, side, padding, box: windowAt(sizes, place), top }, theme);
    const box = { ...place, size: 1 };
    this.#output.show({ values: output, side: sizes.output, box, until }, theme);
    const values = numbers(frame, "pooled");
    const own = { side: sizes.pooled, scale: scaleOf(output), box: pooledAt(sizes, place) };
    this.#pooled.show({ values, ...own }, theme);
    const { row, column } = place;
    this.#output.name(
      TEXTS.outputRowColumn({
        output: wholeNumber(sizes.output),
        row: row + 1,
        column: column + 1,
        output2: shortNumber(output[row * sizes.output + column] ?? 0),
      }),
    );
  }
}

/** @param {string} text */
function sign(text) {
  return element("span", { class: "sign", "aria-hidden": "true" }, text);
}
