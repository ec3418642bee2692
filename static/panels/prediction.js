/** One picture, and how sure the network is of each class, as it learns. */

/** @import { Frame, NamedArray } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */

import { onNextPaint } from "../core/paint_scheduler.js";
import { element, setAttribute, setText } from "../core/dom.js";
import { greyTable } from "../draw/colors.js";
import { Strip } from "../draw/heatmap.js";
import { colorPicture } from "../draw/maps.js";
import { percent, shortNumber } from "../core/format.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  pictureNetworkShown: "The picture that the network is shown",
  whatNetworkSays: "What the network says comes with the next step.",
  theNetworkSays: "The network says {array}.",
  takenFor: "Taken for {answerText}.",
  takenForRightly: "Taken for {answerText}, rightly.",
  takenForItIs: "Taken for {answerText}; it is {classes}.",
});

/** Classes that have a bar; of more, the likeliest. */
const MOST = 12;

/** @param {RunControl} run @returns {HTMLElement} */
export function predictionPanel(run) {
  const picture = element("canvas", {
    class: "sample-picture",
    role: "img",
    "aria-label": TEXTS.pictureNetworkShown, // until a frame says more
  });
  const list = element("ol", { class: "shares" });
  const note = element("p", { class: "note", role: "status" }, TEXTS.whatNetworkSays);
  const strip = new Strip();
  /** @type {{ row: HTMLElement, name: HTMLElement, bar: HTMLMeterElement, number: HTMLElement }[]} */
  let rows = [];
  const paint = onNextPaint(() => {
    const frame = run.latest.get("prediction");
    const answer = frame?.arrays.get("answer");
    if (!frame || !answer) return;
    drawSample(picture, strip, frame);
    const classes = run.state.description?.data?.classes;
    const target = frame.arrays.get("target")?.data[0];
    if (!classes)
      return setText(
        note,
        TEXTS.theNetworkSays({ array: Array.from(answer.data, (value) => shortNumber(value)).join(", ") }),
      );
    if (classes.length !== answer.data.length) return;
    const shown = likeliest(answer);
    if (rows.length !== shown.length) {
      rows = shown.map(makeRow);
      list.replaceChildren(...rows.map(({ row }) => row));
    }
    const best = shown.reduce(
      (most, index) => ((answer.data[index] ?? 0) > (answer.data[most] ?? 0) ? index : most),
      shown[0] ?? 0,
    );
    shown.forEach((index, at) => {
      const share = answer.data[index] ?? 0;
      const made = rows[at];
      if (!made) return;
      setText(made.name, classes[index] ?? String(index));
      made.bar.value = share;
      setText(made.number, percent(share));
      made.row.classList.toggle("best", index === best);
      made.row.classList.toggle("right", index === target);
    });
    const answerText = `${classes[best]} (${percent(answer.data[best] ?? 0)})`;
    setText(
      note,
      target === undefined
        ? TEXTS.takenFor({ answerText })
        : best === target
          ? TEXTS.takenForRightly({ answerText })
          : TEXTS.takenForItIs({ answerText, classes: String(classes[Number(target)]) }),
    );
    setAttribute(picture, "aria-label", note.textContent ?? "");
  });
  const whole = element(
    "div",
    { class: "prediction" },
    element("div", { class: "prediction-row" }, picture, list),
    note,
  );
  // What is said of the picture before is no answer to this one.
  run.store.watch(
    (state) => state.input,
    () => whole.classList.add("stale"),
  );
  run.onFrame("prediction", () => {
    whole.classList.remove("stale");
    paint();
  });
  run.store.watch((state) => state.description, paint);
  new ResizeObserver(paint).observe(picture);
  return whole;
}

function makeRow() {
  const name = element("span", { class: "share-name" });
  const bar = element("meter", { min: 0, max: 1, value: 0 });
  const number = element("span", { class: "share-number" });
  return { row: element("li", {}, name, bar, number), name, bar, number };
}

/** The classes to show, in the order of the data; of many, the likeliest. @param {NamedArray} answer */
function likeliest({ data }) {
  const all = Array.from(data, (_, index) => index);
  if (all.length <= MOST) return all;
  return all.sort((one, other) => (data[other] ?? 0) - (data[one] ?? 0)).slice(0, MOST);
}

/** @param {HTMLCanvasElement} canvas @param {Strip} strip @param {Frame} frame */
function drawSample(canvas, strip, frame) {
  const sample = frame.arrays.get("sample");
  const [channels = 1, height = 1, width = 1] = sample?.shape ?? [];
  canvas.hidden = sample?.shape.length !== 3;
  if (canvas.hidden || !(sample?.data instanceof Uint8Array)) return;
  strip.resize(1, width, height);
  if (channels === 3) strip.paint(0, colorPicture(sample.data, width * height));
  else strip.color(0, sample.data.subarray(0, width * height), greyTable());
  strip.put();
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  if (context) strip.draw(context, 0, 0, 0, width, height);
}
