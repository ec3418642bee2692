/**
 * The filters of a first layer with their spectra, and in numbers how many are dead or faint and what the
 * stride aliases.
 */

/** @import { NamedArray } from "../types.d.ts" */
/** @import { Theme } from "../draw/colors.js" */

import { magnitudeTable } from "../draw/colors.js";
import { extremes, fainter, planeAt, putPixels, rampPixels, signalPixels } from "../draw/signals.js";
import { element, setAttribute, setText } from "../core/dom.js";
import { shortNumber, wholeNumber } from "../core/format.js";
import { texts } from "../core/texts.js";
import { segments } from "./study_form.js";
import { scalar } from "./save_picture.js";

const TEXTS = texts(import.meta.url, {
  scaleOfTheFilters: "Scale of the filters",
  oneScale: "One scale",
  eachItsOwn: "Each its own",
  noPictureExcitesIt: "no picture excites it; ",
  excitedPicturesMost: "excited by {data} of the pictures, at most {data2}; ",
  weak: ", under a fifth of the strongest",
  filterRootMean: [
    "Filter {index}: {noPictureExcitesIt}root mean square {data}{weak}; {data2} of its",
    "power and {data3} of its response are too fine for the stride",
  ],
  filtersOfStride: "filters of {kernel} × {kernel}, stride {stride}",
  deadExcitedNonePictures: "dead: excited by none of {scalar} pictures",
  faintUnderFifth: "faint: under a fifth as strong as the strongest",
  responseFinerThan: "of the response is finer than {stride} px and aliases",
  aliasesStrideNothingDoes: "aliases: with a stride of 1 nothing does",
  filter: "Filter",
  spectrum: "Spectrum",
});

/**
 * The way filters are drawn: all on one scale, as the paper's figure 6 has them, so that those which others
 * outgrew are
 * grey; or each on its own, so that every pattern is seen.
 *
 * @param {(together: boolean) => void} changed
 */
export function filterScale(changed) {
  return segments(
    TEXTS.scaleOfTheFilters,
    [
      ["one", TEXTS.oneScale],
      ["own", TEXTS.eachItsOwn],
    ],
    "one",
    (value) => changed(value === "one"),
  ).element;
}

/** What it shows are the arrays of the study `first_layer`. */
export function filterWall() {
  const picture = element("div", { class: "first-filters" });
  const facts = element("p", { class: "first-facts", hidden: true });
  /** @type {ReturnType<typeof card>[]} */
  let cards = [];

  /** @param {Map<string, NamedArray>} arrays @param {Theme} theme @param {boolean} together on one scale */
  const paint = (arrays, theme, together) => {
    const [filters, spectrum, strongest, alive, fine, aliased, rms, faint, ranges] =
      /** @type {NamedArray[]} */ (
        ["filters", "spectrum", "strongest", "alive", "fine", "aliased", "rms", "faint", "filters.range"].map(
          (name) => arrays.get(name),
        )
      );
    if (!filters || !spectrum || !strongest || !alive || !fine || !aliased || !rms || !faint || !ranges)
      return;
    const [count = 0, channels = 1] = filters.shape;
    if (cards.length !== count) {
      cards = Array.from({ length: count }, card);
      picture.replaceChildren(...cards.map(({ figure }) => figure));
    }
    const [, high = 1, wide = 1] = spectrum.shape;
    const reach = Array.from({ length: count }, (_, index) => Number(ranges.data[2 * index + 1]));
    const most = Math.max(...reach);
    cards.forEach(({ figure, filter, spectrum: spectral, label }, index) => {
      const own = planeAt(filters, index, channels);
      const plane = together && most > 0 ? fainter(own, (reach[index] ?? 0) / most) : own;
      putPixels(filter, signalPixels(plane, theme), plane.width, plane.height);
      const power = Array.from(
        spectrum.data.subarray(index * high * wide, (index + 1) * high * wide),
        Math.sqrt,
      );
      putPixels(spectral, rampPixels(power, magnitudeTable(), 0, extremes(power)[1]), wide, high);
      const dead = !(Number(strongest.data[index]) > 0);
      const weak = Number(faint.data[index]) === 1;
      figure.classList.toggle("dead", dead);
      setText(label, dead ? "dead" : `${percent(aliased.data[index])}${weak ? ", faint" : ""}`);
      setAttribute(
        figure,
        "title",
        TEXTS.filterRootMean({
          index: index + 1,
          noPictureExcitesIt: dead
            ? TEXTS.noPictureExcitesIt
            : TEXTS.excitedPicturesMost({
                data: percent(alive.data[index]),
                data2: shortNumber(strongest.data[index] ?? 0),
              }),
          data: shortNumber(rms.data[index] ?? 0),
          weak: weak ? TEXTS.weak : "",
          data2: percent(fine.data[index]),
          data3: percent(aliased.data[index]),
        }),
      );
    });
    const [stride, kernel] = [scalar(arrays, "stride"), scalar(arrays, "kernel")];
    const dead = [...strongest.data].filter((value) => !(value > 0)).length;
    const living = [...aliased.data].filter((_, index) => Number(strongest.data[index]) > 0);
    const mean = living.reduce((sum, value) => sum + value, 0) / living.length;
    facts.hidden = false;
    facts.replaceChildren(
      fact(String(count), TEXTS.filtersOfStride({ kernel, stride })),
      fact(String(dead), TEXTS.deadExcitedNonePictures({ scalar: wholeNumber(scalar(arrays, "seen")) })),
      fact(String([...faint.data].filter(Boolean).length), TEXTS.faintUnderFifth),
      fact(
        living.length ? percent(mean) : "–",
        stride > 1 ? TEXTS.responseFinerThan({ stride: 2 * stride }) : TEXTS.aliasesStrideNothingDoes,
      ),
    );
  };
  return { facts, picture, paint };
}

function card() {
  const [filter, spectrum] = [
    element("canvas", { class: "pixels", role: "img", "aria-label": TEXTS.filter }),
    element("canvas", { class: "pixels", role: "img", "aria-label": TEXTS.spectrum }),
  ];
  const label = element("figcaption", { "data-label": "" });
  return {
    filter,
    spectrum,
    label,
    figure: element("figure", { class: "first-filter" }, filter, spectrum, label),
  };
}

/** @param {string} number @param {string} label */
function fact(number, label) {
  return element("span", {}, element("b", {}, number), ` ${label}`);
}

/** @param {number | undefined} share */
function percent(share = NaN) {
  return `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
}
