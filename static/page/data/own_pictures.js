/** Own pictures as they are shown: some of each class, how many there are, and how they are divided. */

import { at } from "../../core/address.js";
import { element } from "../../core/dom.js";
import { wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  somePicturesOf: "Some pictures of {names}",
  picturesOfEachClass: "Pictures of each class",
  picturesWithEachClass: "Pictures with a pixel of each class",
  boxesOfEachClass: "Boxes of each class",
  picturesOfClasses: "{pictures} pictures of {size} × {size}, {names} classes",
  withMasks: "{pictures} pictures of {size} × {size} with masks, {names} classes",
  withBoxes: {
    one: "{pictures} pictures of {size} × {size} with boxes, {count} class",
    other: "{pictures} pictures of {size} × {size} with boxes, {count} classes",
  },
  toTrainOn: "{pictures} to train on",
  forValidation: "{validated} for validation",
  toTest: "{tested} to test",
});

/** @import { Targets } from "../../core/api.js" */

/**
 * @typedef {{ blob: string, names: string[], pictures: number, size: number, validated: number, tested:
 * number, targets?: Targets }} Shown
 */

/** What is counted of each class. @type {Record<Targets, string>} */
const COUNTED = {
  class: TEXTS.picturesOfEachClass,
  masks: TEXTS.picturesWithEachClass,
  boxes: TEXTS.boxesOfEachClass,
};

/**
 * @param {Shown} shown @param {number[] | undefined} counts how many pictures, or boxes, each class has, where that is
 * known
 * @returns {HTMLElement[]}
 */
export function ownPictures(shown, counts) {
  const preview = element("img", {
    class: "own-preview",
    src: at(`/api/images/${shown.blob.replace("sha256:", "")}/preview?each=6`),
    alt: TEXTS.somePicturesOf({ names: shown.names.join(", ") }),
  });
  return [
    preview,
    element("p", { class: "note" }, describe(shown)),
    balance(shown.names, counts, COUNTED[shown.targets ?? "class"]),
  ];
}

/**
 * How many samples each class has, as bars.
 *
 * @param {string[]} names @param {number[] | undefined} counts where they are known @param {string} label
 */
export function balance(names, counts, label) {
  const most = Math.max(1, ...(counts ?? []));
  return element(
    "ol",
    { class: "balance", "aria-label": label },
    ...names
      .slice(0, 30)
      .map((name, index) =>
        element(
          "li",
          {},
          element("span", { class: "share-name", title: name }, name),
          element("meter", { min: 0, max: most, value: counts?.[index] ?? 0, hidden: !counts }),
          element("span", { class: "share-number" }, counts ? String(counts[index] ?? 0) : ""),
        ),
      ),
  );
}

/** @param {Shown} shown */
export function describe({ pictures, size, names, validated, tested, targets }) {
  const said = { pictures: wholeNumber(pictures), size };
  const whole =
    targets === "boxes"
      ? TEXTS.withBoxes({ ...said, count: names.length })
      : (targets === "masks" ? TEXTS.withMasks : TEXTS.picturesOfClasses)({ ...said, names: names.length });
  if (!tested) return whole;
  const parts = [
    TEXTS.toTrainOn({ pictures: wholeNumber(pictures - validated - tested) }),
    ...(validated ? [TEXTS.forValidation({ validated: wholeNumber(validated) })] : []),
    TEXTS.toTest({ tested: wholeNumber(tested) }),
  ];
  return `${whole}: ${parts.join(", ")}`;
}
