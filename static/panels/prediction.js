/** One picture, and how sure the network is of each class, as it learns. */

/** @import { NamedArray } from "../types.d.ts" */
/** @import { RunControl } from "../run/run.js" */

import { onNextPaint } from "../core/paint_scheduler.js";
import { element, setText } from "../core/dom.js";
import { percent, shortNumber } from "../core/format.js";
import { texts } from "../core/texts.js";
import { sliceBar } from "../widgets/slice_bar.js";
import { SampleView } from "./prediction/sample_view.js";

const TEXTS = texts(import.meta.url, {
  whatNetworkSays: "What the network says comes with the next step.",
  theNetworkSays: "The network says {array}.",
  sharesOfPixels: "The share that each class has of the picture, as the network says it.",
  takenFor: "Taken for {answerText}.",
  takenForRightly: "Taken for {answerText}, rightly.",
  takenForItIs: "Taken for {answerText}; it is {classes}.",
});

/** Classes that have a bar; of more, the likeliest. */
const MOST = 12;

/** @param {RunControl} run @returns {HTMLElement} */
export function predictionPanel(run) {
  const sample = new SampleView();
  const list = element("ol", { class: "shares" });
  const note = element("p", { class: "note", role: "status" }, TEXTS.whatNetworkSays);
  /** @type {{ row: HTMLElement, name: HTMLElement, bar: HTMLMeterElement, number: HTMLElement }[]} */
  let rows = [];
  const paint = onNextPaint(() => {
    const frame = run.latest.get("prediction");
    const answer = frame?.arrays.get("answer");
    if (!frame || !answer) return;
    sample.paint(frame, run.state);
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
    const ofPixels = frame.arrays.has("mask");
    setText(
      note,
      ofPixels
        ? TEXTS.sharesOfPixels
        : target === undefined
          ? TEXTS.takenFor({ answerText })
          : best === target
            ? TEXTS.takenForRightly({ answerText })
            : TEXTS.takenForItIs({ answerText, classes: String(classes[Number(target)]) }),
    );
    sample.say(note.textContent ?? "");
  });
  const whole = element(
    "div",
    { class: "prediction" },
    element("div", { class: "prediction-row" }, sample.element, list),
    sliceBar(run),
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
  run.store.watch((state) => `${state.theme} ${state.depth}`, paint);
  new ResizeObserver(paint).observe(sample.element);
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
