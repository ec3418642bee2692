/** What there is to know beside the picture: sizes, costs, uses of each pixel, shifts, pooling. */

/** @import { Frame } from "../../types.d.ts" */
/** @import { Theme } from "../../draw/colors.js" */
/** @import { Sizes } from "./numbers.js" */

import { element, setText } from "../../core/dom.js";
import { shortNumber, wholeNumber } from "../../core/format.js";
import { extremes, pooledFormula, separated, sizeFormula, usesOf } from "./numbers.js";
import { Picture, scaleOf } from "./picture.js";
import { numbers } from "./result.js";
import { TEXTS } from "./card_words.js";

/** A claim one meets everywhere, and what is true. @param {string} claim @param {string} truth */
function mistake(claim, truth) {
  return element(
    "p",
    { class: "mistake" },
    element("span", { class: "mistake-title" }, TEXTS.aCommonMistake),
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
    TEXTS.size,
    element("p", { class: "formula" }, "⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1"),
    this.#size,
    element("p", { class: "formula" }, TEXTS.pooledNKS),
    this.#pooled,
    this.#note,
    mistake(TEXTS.theFormulaEndsIn, TEXTS.endsFirstPlace),
    mistake(TEXTS.paddedByOneIs, TEXTS.zerosStandBothSides),
    mistake(TEXTS.fullKeepsTheSize, TEXTS.sameDoesFull),
  );

  /** @param {Frame} frame @param {Sizes} sizes */
  show(frame, sizes) {
    const [before = 0, after = 0] = Array.from(numbers(frame, "field"));
    setText(this.#size, sizeFormula(sizes));
    setText(this.#pooled, pooledFormula(sizes));
    const change =
      sizes.output > sizes.input
        ? TEXTS.largerThanThePicture
        : sizes.output === sizes.input
          ? TEXTS.largePicture
          : TEXTS.smallerThanThePicture;
    setText(this.#note, TEXTS.outputOneNumbers({ change, before, after }));
  }
}

/** Parameters and multiply-adds beside the layers that could do the same. */
export class CostCard {
  #rows = [TEXTS.oneSharedFilter, TEXTS.unsharedOneEachPlace, TEXTS.denseFromAllAll].map((name) => {
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
    TEXTS.cost,
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
          element("th", { scope: "col" }, TEXTS.parameters),
          element("th", { scope: "col" }, TEXTS.multiplyAdds),
        ),
      ),
      element("tbody", {}, ...this.#rows.map(({ row }) => row)),
    ),
    this.#note,
    this.#apart,
    mistake(TEXTS.anyKernelSeparates, TEXTS.onlyKernelRank),
    mistake(TEXTS.unsharedMemory, TEXTS.onlyAgainstDense),
    mistake(TEXTS.moreFiltersRegularise, TEXTS.theyAddCapacity),
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
      TEXTS.biasesCountedDense({
        dense: shortNumber(dense / filter),
        denseWork: shortNumber(denseWork / Math.max(1, work)),
      }),
    );
    const kernel = numbers(frame, "kernel");
    const parts = separated(kernel, sizes.kernel);
    const list = (/** @type {number[]} */ line) =>
      `(${line.map((value) => shortNumber(value, 2)).join(", ")})`;
    if (sizes.kernel === 1) setText(this.#apart, "");
    else if (!parts) setText(this.#apart, TEXTS.filterDoesNot);
    else if (sizes.kernel > 7)
      setText(this.#apart, TEXTS.separableFilter({ kernel: 2 * sizes.kernel, kernel2: sizes.kernel ** 2 }));
    else
      setText(
        this.#apart,
        TEXTS.filterSeparatesColumn({
          list: list(parts.column),
          list2: list(parts.row),
          kernel: 2 * sizes.kernel,
          kernel2: sizes.kernel ** 2,
        }),
      );
  }
}

/** How often each pixel counts. */
export class UseCard {
  #picture = new Picture(TEXTS.pixelUses);
  #counts = [TEXTS.corner, TEXTS.edge, TEXTS.middle].map((name) => ({ name, number: element("b", {}) }));
  #note = element("p", { class: "note" });
  element = card(
    TEXTS.pixelUses,
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
    mistake(TEXTS.overOnesGivesOnes, TEXTS.zeroPaddingMakes),
  );

  /** @param {Frame} frame @param {Sizes} sizes @param {Theme} theme */
  show(frame, sizes, theme) {
    const used = numbers(frame, "used");
    const counts = /** @type {Record<string, number>} */ (usesOf(used, sizes.input));
    for (const { name, number } of this.#counts) setText(number, wholeNumber(counts[name] ?? 0));
    this.#picture.show({ values: used, side: sizes.input, scale: "magnitude" }, theme);
    const { corner = 0, middle = 0 } = counts;
    const { low } = extremes(used);
    const unseen = low === 0 ? TEXTS.darkPixelsNever : "";
    setText(
      this.#note,
      (corner < middle
        ? TEXTS.cornerCountsThan({
            notAtAll:
              corner === 0 ? TEXTS.notAtAll : TEXTS.timesLess({ middle: shortNumber(middle / corner) }),
          })
        : TEXTS.everyPixelCounts) + unseen,
    );
  }
}

/** Equivariance: shift the picture, and see whether the output shifts along. */
export class ShiftCard {
  #shift = element("p", { class: "note" });
  #moved = new Picture(TEXTS.theShiftedPicture);
  #output = new Picture(TEXTS.theShiftedPicturesOutput);
  #difference = new Picture(TEXTS.shiftedDifference);
  #status = element("p", { class: "shift-status", role: "status" });
  element;

  /** @param {(down: number, right: number) => void} move by so much more; both 0: back to the start */
  constructor(move) {
    const button = (
      /** @type {string} */ text,
      /** @type {"up" | "left" | "back" | "right" | "down"} */ label,
      /** @type {number} */ down,
      /** @type {number} */ right,
    ) =>
      element(
        "button",
        {
          type: "button",
          class: `button arrow arrow-${label}`,
          "aria-label": label === "back" ? TEXTS.back : `${text} ${TEXTS[label]}`,
          onclick: () => move(down, right),
        },
        text,
      );
    this.element = card(
      TEXTS.shiftThePicture,
      element(
        "div",
        { class: "shift" },
        element(
          "div",
          { class: "arrows", role: "group", "aria-label": TEXTS.shiftWays },
          button("↑", "up", -1, 0),
          button("←", "left", 0, -1),
          button("0", "back", 0, 0),
          button("→", "right", 0, 1),
          button("↓", "down", 1, 0),
        ),
        figure(TEXTS.shifted, this.#moved),
        figure(TEXTS.itsOutput, this.#output),
        figure(TEXTS.lessTheShiftedOutput, this.#difference),
      ),
      this.#shift,
      this.#status,
      mistake(TEXTS.translationInvariance, TEXTS.theyEquivariantShifted),
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
      down === 0 && right === 0 ? TEXTS.notShifted : TEXTS.shiftedDownRight({ down, right }),
    );
    let [greatest, places] = [0, 0];
    for (let index = 0; index < inside.length; index++) {
      if (!inside[index]) continue;
      places++;
      greatest = Math.max(greatest, Math.abs(difference[index] ?? 0));
    }
    const divides = down % sizes.stride === 0 && right % sizes.stride === 0;
    const same = greatest <= 1e-5 * top;
    if (places === 0) setText(this.#status, TEXTS.nothingLeftCompare);
    else if (same && divides) setText(this.#status, TEXTS.equivariantAwayFrom);
    else if (divides) setText(this.#status, TEXTS.awayFromBorders({ greatest: shortNumber(greatest) }));
    else setText(this.#status, TEXTS.theyDifferUp({ greatest: shortNumber(greatest), stride: sizes.stride }));
  }
}

/** Near-invariance: how much less the pooled map changes than the map it pools. */
export class PoolCard {
  #pooled = new Picture(TEXTS.thePooledMap);
  #shifted = new Picture(TEXTS.shiftedPicturesPooledMap);
  #status = element("p", { class: "note", role: "status" });
  element = card(
    TEXTS.pooledShift,
    element(
      "div",
      { class: "pair-of-pictures" },
      figure(TEXTS.pooled, this.#pooled),
      figure(TEXTS.pooledAfterTheShift, this.#shifted),
    ),
    this.#status,
    mistake(TEXTS.vggPadsPoolingSame, TEXTS.convolutionsKeepSize),
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
        ? TEXTS.shiftHint
        : TEXTS.placePlaceShift({
            map: percent(map),
            after: percent(after),
            poolingHidesPart: after < map ? TEXTS.poolingHidesPart : "",
          }),
    );
  }
}
