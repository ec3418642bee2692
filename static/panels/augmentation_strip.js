/** A few training pictures, and what augmentations make of each. */

/** @import { Frame } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */

import { dataset } from "../catalog/catalog.js";
import { onNextPaint } from "../core/paint_scheduler.js";
import { element } from "../core/dom.js";
import { texts } from "../core/texts.js";
import { greyTable } from "../draw/colors.js";
import { Strip } from "../draw/heatmap.js";
import { colorPicture } from "../draw/maps.js";
import { fitCanvas } from "../draw/plot.js";

const TEXTS = texts(import.meta.url, {
  leftTrainingPictures: "On the left training pictures, beside each what augmentations make of it",
});

const GAP = 3;

/** What the strip asks the run for. @param {RunControl} run */
export function stripDemand(run) {
  return changesPictures(run) ? [{ kind: "augmentation_strip", hz: 1 }] : [];
}

/** Whether augmentations change pictures; of sounds and volumes there is no strip. @param {RunControl} run */
function changesPictures({ state: { catalog, experiment } }) {
  const list = experiment?.data["augmentations"];
  const isPicture = experiment && dataset(catalog, experiment)?.form === "picture";
  return Boolean(isPicture) && Array.isArray(list) && list.length > 0;
}

/** @param {RunControl} run @returns {HTMLElement} */
export function augmentationStripPanel(run) {
  const canvas = element("canvas", {
    class: "augmentation-strip",
    role: "img",
    "aria-label": TEXTS.leftTrainingPictures,
  });
  const whole = element("div", { hidden: true }, canvas);
  const strip = new Strip();
  const paint = onNextPaint(() => {
    const frame = run.latest.get("augmentation_strip");
    if (frame && !whole.hidden) draw(canvas, strip, frame);
  });
  run.store.watch(
    (state) => state.experiment?.data["augmentations"],
    () => {
      whole.hidden = !changesPictures(run);
      paint();
    },
  );
  run.onFrame("augmentation_strip", paint);
  new ResizeObserver(paint).observe(canvas);
  return whole;
}

/** @param {HTMLCanvasElement} canvas @param {Strip} strip @param {Frame} frame */
function draw(canvas, strip, frame) {
  const [original, changed] = [frame.arrays.get("original"), frame.arrays.get("changed")];
  const context = canvas.getContext("2d");
  if (!context || !(original?.data instanceof Uint8Array) || !(changed?.data instanceof Uint8Array)) return;
  const [pictures = 0, variants = 0, channels = 1, height = 1, width = 1] = changed.shape;
  const size = channels * height * width;
  strip.resize(pictures * (variants + 1), width, height);
  for (let row = 0; row < pictures; row++) {
    put(strip, row * (variants + 1), original.data.subarray(row * size, (row + 1) * size), channels);
    for (let place = 0; place < variants; place++) {
      const start = (row * variants + place) * size;
      put(strip, row * (variants + 1) + place + 1, changed.data.subarray(start, start + size), channels);
    }
  }
  strip.put();
  const across = canvas.clientWidth;
  const side = (across - variants * GAP - GAP) / (variants + 1);
  canvas.style.setProperty("aspect-ratio", `${across} / ${pictures * (side + GAP)}`);
  fitCanvas(canvas, context);
  context.imageSmoothingEnabled = false;
  for (let row = 0; row < pictures; row++) {
    for (let place = 0; place <= variants; place++) {
      const left = place * (side + GAP) + (place > 0 ? GAP : 0);
      strip.draw(context, row * (variants + 1) + place, left, row * (side + GAP), side, side);
    }
  }
}

/** @param {Strip} strip @param {number} index @param {Uint8Array} levels @param {number} channels */
function put(strip, index, levels, channels) {
  const pixels = levels.length / channels;
  if (channels === 3) strip.paint(index, colorPicture(levels, pixels));
  else strip.color(index, levels.subarray(0, pixels), greyTable());
}
