/** Own pictures as they are shown: some of each class, how many there are, and how they are divided. */

import { at } from "../../core/address.js";
import { element } from "../../core/dom.js";
import { wholeNumber } from "../../core/format.js";

/**
 * @typedef {{ blob: string, names: string[], pictures: number, size: number, validated: number, tested:
 * number }} Shown
 */

/**
 * @param {Shown} shown @param {number[] | undefined} counts how many pictures each class has, where that is
 * known
 * @returns {HTMLElement[]}
 */
export function ownPictures(shown, counts) {
  const most = Math.max(1, ...(counts ?? []));
  const preview = element("img", {
    class: "own-preview",
    src: at(`/api/images/${shown.blob.replace("sha256:", "")}/preview?each=6`),
    alt: `Some pictures of ${shown.names.join(", ")}`,
  });
  const balance = element(
    "ol",
    { class: "balance", "aria-label": "Pictures of each class" },
    ...shown.names
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
  return [preview, element("p", { class: "note" }, describe(shown)), balance];
}

/** @param {Shown} shown */
export function describe({ pictures, size, names, validated, tested }) {
  const whole = `${wholeNumber(pictures)} pictures of ${size} × ${size}, ${names.length} classes`;
  if (!tested) return whole;
  const parts = [
    `${wholeNumber(pictures - validated - tested)} to train on`,
    ...(validated ? [`${wholeNumber(validated)} for validation`] : []),
    `${wholeNumber(tested)} to test`,
  ];
  return `${whole}: ${parts.join(", ")}`;
}
