/** Own sounds as they are shown: how many there are, how long, of which classes, and how they are divided. */

import { shortNumber, wholeNumber } from "../../core/format.js";
import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { balance } from "./own_pictures.js";

const TEXTS = texts(import.meta.url, {
  soundsOfEachClass: "Sounds of each class",
  soundsOfClasses: "{samples} sounds of {seconds} s at {rate} Hz, {names} classes",
  toTrainOn: "{samples} to train on",
  forValidation: "{validated} for validation",
  toTest: "{tested} to test",
});

/**
 * @typedef {{ names: string[], samples: number, length: number, rate: number, validated: number, tested: number
 * }} Shown
 */

/** @param {Shown} shown @param {number[] | undefined} counts how many sounds each class has, where that is known */
export function ownSounds(shown, counts) {
  return [
    element("p", { class: "note" }, describe(shown)),
    balance(shown.names, counts, TEXTS.soundsOfEachClass),
  ];
}

/** @param {Shown} shown */
export function describe({ samples, length, rate, names, validated, tested }) {
  const whole = TEXTS.soundsOfClasses({
    samples: wholeNumber(samples),
    seconds: shortNumber(length / rate),
    rate: wholeNumber(rate),
    names: names.length,
  });
  if (!tested) return whole;
  const parts = [
    TEXTS.toTrainOn({ samples: wholeNumber(samples - validated - tested) }),
    ...(validated ? [TEXTS.forValidation({ validated: wholeNumber(validated) })] : []),
    TEXTS.toTest({ tested: wholeNumber(tested) }),
  ];
  return `${whole}: ${parts.join(", ")}`;
}
