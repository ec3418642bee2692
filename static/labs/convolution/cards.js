/** What there is to know beside the picture: sizes, costs, uses of each pixel, shifts, pooling. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Theme } from "../../draw/colors.js" */
/** @import { Sizes } from "./numbers.js" */

import { element, setText } from "../../core/dom.js";
import { shortNumber, wholeNumber } from "../../core/format.js";
import { extremes, pooledFormula, separated, sizeFormula, usesOf } from "./numbers.js";
import { Picture, scaleOf } from "./picture.js";
import { numbers } from "./result.js";

/** A claim one meets everywhere, and what is true. @param {string} claim @param {string} truth */
function mistake(claim, truth) {
  return element(
    "p",
    { class: "mistake" },
    element("span", { class: "mistake-title" }, "A common mistake"),
    element("s", {}, claim),
    ` ${truth}`,
  );
}

/** @param {string} title @param {...Node} content */
export function card(title, ...content) {
  return element("section", { class: "lab-card" }, element("h2", { class: "caption" }, title), ...content);
}

/** @param {string} caption @param {Picture} picture */
function figure(caption, picture) {
  return element("figure", {}, picture.canvas, element("figcaption", {}, caption));
}

/** The output's size by the formula, and what one number sees. */
export class SizeCard {
  #size = element("p", { class: "formula filled" });
  #pooled = element("p", { class: "formula filled" });
  #note = element("p", { class: "note" });
  element = card(
    "Size",
    element("p", { class: "formula" }, "⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1"),
    this.#size,
    element("p", { class: "formula" }, "pooled: ⌊(n − k) / s⌋ + 1"),
    this.#pooled,
    this.#note,
    mistake("The formula ends in − 1.", "It ends in + 1: the first place counts, too."),
    mistake("4×4 padded by one is 5×5.", "It is 6×6: the zeros stand on both sides."),
    mistake("“Full” keeps the size.", "“Same” does. Full enlarges, to n + k − 1."),
  );

  /** @param {Frame} frame @param {Sizes} sizes */
  show(frame, sizes) {
    const [before = 0, after = 0] = Array.from(numbers(frame, "field"));
    setText(this.#size, sizeFormula(sizes));
    setText(this.#pooled, pooledFormula(sizes));
    const change =
      sizes.output > sizes.input
        ? "larger than the picture"
        : sizes.output === sizes.input
          ? "as large as the picture"
          : "smaller than the picture";
    setText(
      this.#note,
      `The output is ${change}. One of its numbers sees ${before}×${before} pixels, one of the ` +
        `pooled map ${after}×${after}: its receptive field.`,
    );
  }
}

/** Parameters and multiply-adds beside the layers that could do the same. */
export class CostCard {
  #rows = ["One shared filter", "Unshared, one at each place", "Dense, from all to all"].map((name) => {
    const [parameters, work] = [element("td", {}), element("td", {})];
    return {
      row: element("tr", {}, element("th", { scope: "row" }, name), parameters, work),
      parameters,
      work,
    };
  });
  #note = element("p", { class: "note" });
  #apart = element("p", { class: "note" });
  element = card(
    "Cost",
    element(
      "table",
      { class: "cost-table" },
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          element("td", {}),
          element("th", { scope: "col" }, "Parameters"),
          element("th", { scope: "col" }, "Multiply-adds"),
        ),
      ),
      element("tbody", {}, ...this.#rows.map(({ row }) => row)),
    ),
    this.#note,
    this.#apart,
    mistake("Any kernel separates.", "Only a kernel of rank 1 is a column times a row."),
    mistake(
      "Unshared convolution saves memory.",
      "Only against a dense layer; it has as many filters as places.",
    ),
    mistake("More filters regularise.", "They add capacity."),
  );

  /** @param {Frame} frame @param {Sizes} sizes */
  show(frame, sizes) {
    const [filter = 0, work = 0, dense = 0, denseWork = 0] = Array.from(numbers(frame, "costs"));
    const places = sizes.output ** 2;
    const counts = [
      [filter, work],
      [places * filter, work],
      [dense, denseWork],
    ];
    counts.forEach(([parameters = 0, macs = 0], index) => {
      const row = this.#rows[index];
      if (!row) return;
      setText(row.parameters, wholeNumber(parameters));
      setText(row.work, wholeNumber(macs));
    });
    setText(
      this.#note,
      `Biases are counted. The dense layer has ${shortNumber(dense / filter)} times the parameters ` +
        `and does ${shortNumber(denseWork / Math.max(1, work))} times the work, to give as many ` +
        "numbers.",
    );
    const kernel = numbers(frame, "kernel");
    const parts = separated(kernel, sizes.kernel);
    const list = (/** @type {number[]} */ line) =>
      `(${line.map((value) => shortNumber(value, 2)).join(", ")})`;
    if (sizes.kernel === 1) setText(this.#apart, "");
    else if (!parts) setText(this.#apart, "This filter does not separate: no column times a row gives it.");
    else if (sizes.kernel > 7)
      setText(
        this.#apart,
        `This filter separates: ${2 * sizes.kernel} multiplications in place of ${sizes.kernel ** 2}.`,
      );
    else
      setText(
        this.#apart,
        `This filter separates: the column ${list(parts.column)} times the row ${list(parts.row)}, ` +
          `${2 * sizes.kernel} multiplications in place of ${sizes.kernel ** 2}.`,
      );
  }
}

/** How often each pixel counts. */
export class UseCard {
  #picture = new Picture("How often each pixel is used");
  #counts = ["corner", "edge", "middle"].map((name) => ({ name, number: element("b", {}) }));
  #note = element("p", { class: "note" });
  element = card(
    "How often each pixel is used",
    element(
      "div",
      { class: "beside" },
      this.#picture.canvas,
      element(
        "dl",
        { class: "counts" },
        ...this.#counts.flatMap(({ name, number }) => [element("dt", {}, name), element("dd", {}, number)]),
      ),
    ),
    this.#note,
    mistake("[¼ ½ ¼] over ones gives ones.", "Zero padding makes the two ends ¾: borders grow dark."),
  );

  /** @param {Frame} frame @param {Sizes} sizes @param {Theme} theme */
  show(frame, sizes, theme) {
    const used = numbers(frame, "used");
    const counts = /** @type {Record<string, number>} */ (usesOf(used, sizes.input));
    for (const { name, number } of this.#counts) setText(number, wholeNumber(counts[name] ?? 0));
    this.#picture.show({ values: used, side: sizes.input, scale: "magnitude" }, theme);
    const { corner = 0, middle = 0 } = counts;
    const { low } = extremes(used);
    const unseen =
      low === 0
        ? " Dark pixels are never looked at: the filter steps over them, or does not reach the last ones."
        : "";
    setText(
      this.#note,
      (corner < middle
        ? "A corner counts " +
          `${corner === 0 ? "not at all" : `${shortNumber(middle / corner)} times less`} than the ` +
          "middle. Padding lets the filter reach out and use it more often."
        : "Every pixel counts as often: the padding lets the filter reach out as far as it can.") + unseen,
    );
  }
}

/** Equivariance: shift the picture, and see whether the output shifts along. */
export class ShiftCard {
  #shift = element("p", { class: "note" });
  #moved = new Picture("The shifted picture");
  #output = new Picture("The shifted picture's output");
  #difference = new Picture("Difference from the shifted output");
  #status = element("p", { class: "shift-status", role: "status" });
  element;

  /** @param {(down: number, right: number) => void} move by so much more; both 0: back to the start */
  constructor(move) {
    const button = (
      /** @type {string} */ text,
      /** @type {string} */ label,
      /** @type {number} */ down,
      /** @type {number} */ right,
    ) =>
      element(
        "button",
        {
          type: "button",
          class: `button arrow arrow-${label}`,
          "aria-label": label === "back" ? "Shift by 0" : `${text} Shift ${label}`,
          onclick: () => move(down, right),
        },
        text,
      );
    this.element = card(
      "Shift the picture",
      element(
        "div",
        { class: "shift" },
        element(
          "div",
          { class: "arrows", role: "group", "aria-label": "Shift" },
          button("↑", "up", -1, 0),
          button("←", "left", 0, -1),
          button("0", "back", 0, 0),
          button("→", "right", 0, 1),
          button("↓", "down", 1, 0),
        ),
        figure("shifted", this.#moved),
        figure("its output", this.#output),
        figure("less the shifted output", this.#difference),
      ),
      this.#shift,
      this.#status,
      mistake(
        "Convolution layers are translation invariant.",
        "They are equivariant: a shifted picture gives a shifted map. Pooling makes small shifts matter less.",
      ),
    );
  }

  /** @param {Frame} frame @param {Sizes} sizes @param {[number, number]} shift @param {Theme} theme */
  show(frame, sizes, [down, right], theme) {
    const [moved, again, expected, inside] = [
      "shifted/input",
      "shifted/output",
      "shifted/expected",
      "shifted/inside",
    ].map((name) => numbers(frame, name));
    if (!moved || !again || !expected || !inside) return;
    const difference = Float32Array.from(again, (value, index) => value - (expected[index] ?? 0));
    const scale = scaleOf(again);
    const top = Math.max(...[extremes(again)].map(({ low, high }) => Math.max(-low, high)), 1e-12);
    this.#moved.show({ values: moved, side: sizes.input, top: 1 }, theme);
    this.#output.show({ values: again, side: sizes.output, scale }, theme);
    this.#difference.show(
      { values: difference, side: sizes.output, scale: "diverging", top, mask: inside },
      theme,
    );
    setText(
      this.#shift,
      down === 0 && right === 0
        ? "Not shifted."
        : `Shifted by ${down} down, ${right} right. Pale: places where a border is in sight, which are not compared.`,
    );
    let [greatest, places] = [0, 0];
    for (let index = 0; index < inside.length; index++) {
      if (!inside[index]) continue;
      places++;
      greatest = Math.max(greatest, Math.abs(difference[index] ?? 0));
    }
    const divides = down % sizes.stride === 0 && right % sizes.stride === 0;
    const same = greatest <= 1e-5 * top;
    if (places === 0) setText(this.#status, "Nothing is left to compare: everywhere a border is in sight.");
    else if (same && divides)
      setText(
        this.#status,
        "Equivariant: away from the borders the output of the shifted picture is the shifted output, " +
          "number for number.",
      );
    else if (divides) setText(this.#status, `Away from the borders they differ by ${shortNumber(greatest)}.`);
    else
      setText(
        this.#status,
        `They differ by up to ${shortNumber(greatest)}: the shift is no multiple of the stride, so ` +
          `the filter meets the picture at other places. Stride ${sizes.stride} is equivariant to ` +
          `shifts of ${sizes.stride} alone.`,
      );
  }
}

/** Near-invariance: how much less the pooled map changes than the map it pools. */
export class PoolCard {
  #pooled = new Picture("The pooled map");
  #shifted = new Picture("The shifted picture's pooled map");
  #status = element("p", { class: "note", role: "status" });
  element = card(
    "What pooling makes of the shift",
    element(
      "div",
      { class: "pair-of-pictures" },
      figure("pooled", this.#pooled),
      figure("pooled, after the shift", this.#shifted),
    ),
    this.#status,
    mistake("VGG pads its pooling with “same”.", "Its convolutions keep the size; its pooling halves it."),
  );

  /** @param {Frame} frame @param {Sizes} sizes @param {Theme} theme */
  show(frame, sizes, theme) {
    const [pooled, shifted] = [numbers(frame, "pooled"), numbers(frame, "shifted/pooled")];
    const scale = scaleOf([...Array.from(pooled), ...Array.from(shifted)]);
    this.#pooled.show({ values: pooled, side: sizes.pooled, scale }, theme);
    this.#shifted.show({ values: shifted, side: sizes.pooled, scale }, theme);
    const [map = 0, after = 0] = Array.from(numbers(frame, "changes"));
    const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
    setText(
      this.#status,
      map === 0
        ? "Nothing changes: shift the picture."
        : `Place for place, the shift changes the output by ${percent(map)} of its length and the ` +
            `pooled map by ${percent(after)}${after < map ? ": pooling hides part of it" : ""}. A larger ` +
            "window hides more, and forgets more of where things are.",
    );
  }
}
