/** Own sounds and volumes as they are shown: how many, how large, of which classes, and how they are divided. */

/** @import { OwnSamples } from "../../core/api.js" */

import { shortNumber, wholeNumber } from "../../core/format.js";
import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { balance } from "./own_pictures.js";

const TEXTS = texts(import.meta.url, {
  ofEachClass: "How many each class has",
  volumesOfClasses: "{samples} volumes of {size}, {names} classes",
  soundsOfClasses: "{samples} sounds of {seconds} s at {rate} Hz, {names} classes",
  toTrainOn: "{samples} to train on",
  forValidation: "{validated} for validation",
  toTest: "{tested} to test",
});

/** @typedef {Omit<OwnSamples, "blob" | "counts" | "data">} Shown */

/** @param {Shown} shown @param {number[] | undefined} counts how many each class has, where that is known */
export function ownSamples(shown, counts) {
  return [element("p", { class: "note" }, describe(shown)), balance(shown.names, counts, TEXTS.ofEachClass)];
}

/** @param {Shown} shown */
export function describe({ samples, length, rate, depth, height, width, names, validated, tested }) {
  const said = { samples: wholeNumber(samples), names: names.length };
  const whole =
    length && rate
      ? TEXTS.soundsOfClasses({ ...said, seconds: shortNumber(length / rate), rate: wholeNumber(rate) })
      : TEXTS.volumesOfClasses({ ...said, size: `${depth} × ${height} × ${width}` });
  if (!tested) return whole;
  const parts = [
    TEXTS.toTrainOn({ samples: wholeNumber(samples - validated - tested) }),
    ...(validated ? [TEXTS.forValidation({ validated: wholeNumber(validated) })] : []),
    TEXTS.toTest({ tested: wholeNumber(tested) }),
  ];
  return `${whole}: ${parts.join(", ")}`;
}
