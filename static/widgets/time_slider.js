/**
 * Time on the page: a slider below the curves, a hand on them, and a word on the drawing while it shows the
 * past.
 */

/** @import { RunControl } from "../run/run.js" */

import { element, icon, setAttribute, setText } from "../core/dom.js";
import { fill } from "../form/number.js";
import { wholeNumber } from "../core/format.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  stepOf: "step {scrubbed} of {now}",
  stepThatIsShown: "Step that is shown",
  backHowNow: "Back to how it is now",
  live: "live",
  now: "now",
  wasStep: "as it was at step ",
  live2: "Live",
});

const PARTS = 1000;

/** Pictures that a run records of each probe in its whole training, at most (engine/run/directory.py). */
const RECORDED = 200;

/**
 * The slider over the steps so far; its right end is now, and only now: a picture of the past stands left of
 * it
 * even where it dates from the newest step, so that going to the end is always a change.
 *
 * @param {RunControl} run @returns {HTMLElement}
 */
export function scrubber(run) {
  const slider = element("input", {
    type: "range",
    min: 0,
    max: PARTS,
    step: 1,
    value: PARTS,
    "aria-label": TEXTS.stepThatIsShown,
  });
  const live = element(
    "button",
    { type: "button", class: "live", title: TEXTS.backHowNow, onclick: () => run.scrub.at(null) },
    TEXTS.live,
  );
  slider.addEventListener("input", () => {
    const now = run.state.status?.step ?? 0;
    const share = Number(slider.value) / PARTS;
    run.scrub.at(share === 1 || now === 0 ? null : share * now);
    fill(slider);
  });
  slider.addEventListener("keydown", (event) => {
    // An arrow goes to the next recorded picture; a thousandth of the run would often show the same one.
    const way = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (way === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const { status, experiment } = run.state;
    const now = status?.step ?? 0;
    const steps = (experiment?.training.epochs ?? 1) * (status?.steps_per_epoch ?? 1);
    const to = (run.scrub.step ?? now) + way * Math.max(1, Math.ceil(steps / RECORDED));
    run.scrub.at(to >= now ? null : to);
    slider.value = String(Math.round((Math.min(to, now) / Math.max(1, now)) * PARTS));
    fill(slider);
  });
  const show = () => {
    const { scrubbed, status } = run.state;
    const now = Math.max(1, status?.step ?? 1);
    if (scrubbed === null) slider.value = String(PARTS);
    else if (document.activeElement !== slider)
      slider.value = String(Math.min(PARTS - 1, Math.round((scrubbed / now) * PARTS)));
    fill(slider);
    slider.disabled = now <= 1;
    live.disabled = scrubbed === null;
    setAttribute(
      slider,
      "aria-valuetext",
      scrubbed === null
        ? TEXTS.now
        : TEXTS.stepOf({ scrubbed: wholeNumber(scrubbed), now: wholeNumber(now) }),
    );
  };
  run.store.watch((state) => state.scrubbed, show);
  run.store.watch(
    (state) => (state.scrubbed === null ? Number((state.status?.step ?? 0) > 1) : state.status?.step),
    show,
  );
  return element("div", { class: "scrubber" }, slider, live);
}

/**
 * A hand on a plot chooses the step below it.
 *
 * @param {HTMLCanvasElement} canvas @param {RunControl} run @param {(offsetX: number) => number} stepAt
 */
export function scrubOn(canvas, run, stepAt) {
  const choose = (/** @type {PointerEvent} */ event) => {
    const { status } = run.state;
    const step = stepAt(event.offsetX);
    run.scrub.at(step >= (status?.step ?? 0) ? null : step);
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    choose(event);
  });
  canvas.addEventListener(
    "pointermove",
    (event) => canvas.hasPointerCapture(event.pointerId) && choose(event),
  );
}

/** What the drawing says while it shows the past. @param {HTMLElement} stage @param {RunControl} run */
export function buildPast(stage, run) {
  const step = element("b", {});
  const chip = element(
    "div",
    { class: "past", hidden: true },
    icon("rewind"),
    element("span", {}, TEXTS.wasStep, step),
    element("button", { type: "button", class: "button", onclick: () => run.scrub.at(null) }, TEXTS.live2),
  );
  stage.append(chip);
  run.store.watch(
    (state) => state.scrubbed,
    (scrubbed) => {
      chip.hidden = scrubbed === null;
      document.body.toggleAttribute("data-past", scrubbed !== null);
      if (scrubbed !== null) setText(step, wholeNumber(scrubbed));
    },
  );
}
