/** Which slice of a volume, or picture of a clip, is shown: a slider, and a button that plays them. */

/** @import { RunControl } from "../run/run.js" */

import { element, icon, setAttribute, setIcon, setText } from "../core/dom.js";
import { sheet } from "../core/sheet.js";
import { texts } from "../core/texts.js";
import { dataset } from "../catalog/catalog.js";
import { sliceAt } from "../draw/surface.js";
import { fill } from "../form/number.js";

const TEXTS = texts(import.meta.url, {
  shownSlice: "Slice",
  shownMoment: "Moment",
  of: "{number} of {depth}",
  play: "Play the slices",
  pause: "Stop at this slice",
});

/** Milliseconds that a slice is shown for while they play. */
const SHOWN = 160;

/** Pages whose slices are moved already: one clock, however many bars there are. @type {WeakSet<RunControl>} */
const moved = new WeakSet();

/** @param {RunControl} run @returns {HTMLElement} hidden where samples have no depth */
export function sliceBar(run) {
  void sheet(new URL("../styles/samples.css", import.meta.url));
  const slider = element("input", { type: "range", min: 1, step: 1, "aria-label": TEXTS.shownSlice });
  const [sign, words] = [icon("play"), element("span", { class: "slice-place" })];
  const button = element(
    "button",
    { type: "button", class: "icon-button", onclick: () => run.store.set({ playing: !run.state.playing }) },
    sign,
  );
  const bar = element("div", { class: "slice-bar" }, button, slider, words);
  slider.addEventListener("input", () => {
    run.store.set({ depth: (Number(slider.value) - 0.5) / depthOf(run), playing: false });
  });
  const say = () => {
    const depth = depthOf(run);
    bar.hidden = depth < 2;
    if (bar.hidden) return;
    const number = sliceAt(depth, run.state.depth) + 1;
    Object.assign(slider, { max: String(depth), value: String(number) });
    fill(slider);
    const label = run.state.playing ? TEXTS.pause : TEXTS.play;
    for (const name of ["title", "aria-label"]) setAttribute(button, name, label);
    setIcon(sign, run.state.playing ? "pause" : "play");
    setAttribute(slider, "aria-label", isMotion(run) ? TEXTS.shownMoment : TEXTS.shownSlice);
    const said = TEXTS.of({ number, depth });
    setText(words, said);
    setAttribute(slider, "aria-valuetext", said);
  };
  run.store.watch((state) => `${state.depth} ${state.playing}`, say);
  run.store.watch((state) => state.description, say);
  keepMoving(run);
  return bar;
}

/** The pictures, slices or moments of a sample; 1 where it has no depth. @param {RunControl} run */
function depthOf(run) {
  const shape = run.state.description?.input.shape ?? [];
  if (shape.length === 4) return shape[1] ?? 1;
  return formOf(run) === "figure" ? (shape[1] ?? 1) : 1;
}

/** What a sample is. @param {RunControl} run */
function formOf({ state: { catalog, experiment } }) {
  return experiment ? dataset(catalog, experiment)?.form : undefined;
}

/** Whether samples are time, which goes on. @param {RunControl} run */
function isMotion(run) {
  const form = formOf(run);
  return form === "clip" || form === "figure";
}

/** Clips play from the beginning, where the user has not asked for stillness. @param {RunControl} run */
function keepMoving(run) {
  if (moved.has(run)) return;
  moved.add(run);
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  run.store.watch(
    (state) => state.experiment?.data.kind,
    () => run.store.set({ playing: isMotion(run) && !still.matches }),
  );
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let clock;
  run.store.watch(
    ({ playing }) => playing && depthOf(run) > 1,
    (moving) => {
      clearInterval(clock);
      clock = moving ? setInterval(() => document.hidden || showNext(run), SHOWN) : undefined;
    },
  );
}

/** @param {RunControl} run */
function showNext(run) {
  const depth = depthOf(run);
  run.store.set({ depth: (((sliceAt(depth, run.state.depth) + 1) % depth) + 0.5) / depth });
}
