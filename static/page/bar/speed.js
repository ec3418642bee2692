/** How fast steps are taken: a slider from one step a second to full speed. */

/** @import { RunControl } from "../../run/run.js" */

import { element, setText } from "../../core/dom.js";
import { wholeNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { fill } from "../../form/number.js";

const TEXTS = texts(import.meta.url, {
  fullSpeed: "full speed",
  steps: { one: "{number} step/s", other: "{number} steps/s" },
  speed: "Speed",
  speedLabel: "How fast steps are taken",
});

/** Steps a second the slider offers; the last is full speed. */
const SPEEDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, null];

/** The speed at a place of the slider; null is full speed. @param {number} place */
export function speedAt(place) {
  return SPEEDS[place] ?? null;
}

/** The place of the slowest speed that is no slower. @param {number | null} speed steps a second */
export function placeOf(speed) {
  const found = SPEEDS.findIndex((each) => each !== null && speed !== null && each >= speed);
  return found < 0 ? SPEEDS.length - 1 : found;
}

/** @param {number | null} speed */
export function speedText(speed) {
  return speed === null ? TEXTS.fullSpeed : TEXTS.steps({ count: speed, number: wholeNumber(speed) });
}

/** @param {RunControl} run */
export function speedControl(run) {
  const slider = element("input", {
    type: "range",
    min: 0,
    max: SPEEDS.length - 1,
    step: 1,
    id: "speed",
    "aria-label": TEXTS.speed,
  });
  const output = element("output", { for: "speed" });
  const show = (/** @type {number | null} */ speed) => {
    setText(output, speedText(speed));
    slider.setAttribute("aria-valuetext", speedText(speed));
    fill(slider);
  };
  slider.addEventListener("input", () => show(speedAt(Number(slider.value))));
  slider.addEventListener("change", () => run.playback.setSpeed(speedAt(Number(slider.value))));
  run.store.watch(
    (state) => state.status?.speed ?? null,
    (speed) => {
      slider.value = String(placeOf(speed));
      show(speed);
    },
  );
  return element("div", { class: "speed needs-control", title: TEXTS.speedLabel }, slider, output);
}
