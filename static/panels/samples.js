/** Samples of the test set with what the network says of them; mistakes come first. */

/** @import { Frame } from "../types.d.ts" */
/** @import { RunControl } from "../run.js" */

import { element, onNextFrame } from "../dom.js";
import { magnitudeTable } from "../draw/colors.js";
import { Strip } from "../draw/heatmap.js";
import { fitCanvas } from "../draw/plot.js";
import { shortNumber } from "../format.js";
import { dataset, inputNames } from "../page/catalog.js";
import { color } from "../page/ink.js";

const TILE = 36;
const ROWS = 4;

/** @param {RunControl} run @returns {HTMLElement} */
export function samplesPanel(run) {
  const canvas = element("canvas", { class: "samples", role: "img" });
  const table = element("table", { class: "sample-table" });
  const words = element("p", { class: "note" });
  const strip = new Strip();
  const paint = onNextFrame(() => {
    const frame = run.latest.get("samples");
    const inputs = frame?.arrays.get("test/inputs");
    if (!frame || !inputs) return;
    const images = inputs.shape.length === 4;
    canvas.hidden = !images;
    table.hidden = images;
    const order = mistakesFirst(frame);
    const { catalog, experiment } = run.state;
    const classes = (experiment && dataset(catalog, experiment)?.classes) || [];
    if (images) drawImages(canvas, strip, frame, order, classes);
    else if (experiment) fillTable(table, frame, order, inputNames(catalog, experiment), classes);
    const wrong = order.filter((index) => isWrong(frame, index)).length;
    words.textContent = classes.length ? `${wrong} of ${order.length} shown test samples are taken for another class.` : `The first ${Math.min(8, order.length)} test samples.`;
    if (images) canvas.setAttribute("aria-label", words.textContent);
  });
  run.onFrame("samples", paint);
  run.store.watch((state) => state.theme, paint);
  new ResizeObserver(paint).observe(canvas);
  return element("div", { class: "samples-panel" }, canvas, table, words);
}

/** @param {Frame} frame @param {number} index */
function isWrong(frame, index) {
  return frame.arrays.get("test/targets")?.data[index] !== frame.arrays.get("test/predictions")?.data[index];
}

/** @param {Frame} frame @returns {number[]} */
function mistakesFirst(frame) {
  const count = frame.arrays.get("test/targets")?.shape[0] ?? 0;
  const all = Array.from({ length: count }, (_, index) => index);
  if (frame.arrays.get("test/targets")?.data instanceof Float32Array) return all;
  return [...all.filter((index) => isWrong(frame, index)), ...all.filter((index) => !isWrong(frame, index))];
}

/** @param {HTMLCanvasElement} canvas @param {Strip} strip @param {Frame} frame @param {number[]} order @param {string[]} classes */
function drawImages(canvas, strip, frame, order, classes) {
  const context = canvas.getContext("2d");
  const inputs = frame.arrays.get("test/inputs");
  if (!context || !inputs || !(inputs.data instanceof Uint8Array)) return;
  const { width } = fitCanvas(canvas, context);
  const [, channels = 1, rows = 1, columns = 1] = inputs.shape;
  const across = Math.max(1, Math.floor((width + 6) / (TILE + 6)));
  const shown = order.slice(0, across * ROWS);
  strip.resize(shown.length, columns, rows);
  shown.forEach((index, at) => {
    const start = index * channels * rows * columns;
    strip.color(at, /** @type {Uint8Array} */ (inputs.data).subarray(start, start + rows * columns), magnitudeTable());
  });
  strip.put();
  context.clearRect(0, 0, width, canvas.clientHeight);
  context.font = `11px ${color("font")}`;
  context.textAlign = "center";
  context.imageSmoothingEnabled = false;
  shown.forEach((index, at) => {
    const [x, y] = [(at % across) * (TILE + 6), Math.floor(at / across) * (TILE + 22)];
    strip.draw(context, at, x + 0.5, y + 0.5, TILE, TILE);
    const wrong = isWrong(frame, index);
    const said = classes[frame.arrays.get("test/predictions")?.data[index] ?? 0] ?? "";
    if (wrong) {
      context.strokeStyle = color("negative");
      context.lineWidth = 2;
      context.strokeRect(x + 0.5, y + 0.5, TILE, TILE);
    }
    context.fillStyle = color(wrong ? "negative" : "ink-2");
    const truth = classes[frame.arrays.get("test/targets")?.data[index] ?? 0] ?? "";
    context.fillText(wrong ? `${said}, not ${truth}` : said, x + TILE / 2, y + TILE + 13);
  });
}

/** @param {HTMLTableElement} table @param {Frame} frame @param {number[]} order @param {string[]} names @param {string[]} classes */
function fillTable(table, frame, order, names, classes) {
  const inputs = frame.arrays.get("test/inputs");
  const [targets, predictions] = [frame.arrays.get("test/targets"), frame.arrays.get("test/predictions")];
  if (!inputs || !targets || !predictions) return;
  const width = inputs.shape[1] ?? 0;
  const few = Math.min(width, 2);
  const say = (/** @type {number | undefined} */ value) => (classes.length ? (classes[value ?? 0] ?? "") : shortNumber(value ?? NaN));
  const head = element("tr", {}, ...names.slice(0, few).map((name) => element("th", { scope: "col", title: name }, name)), element("th", { scope: "col" }, "true"), element("th", { scope: "col" }, "said"));
  const rows = order.slice(0, 8).map((index) =>
    element(
      "tr",
      { class: classes.length && isWrong(frame, index) ? "wrong" : undefined },
      ...Array.from({ length: few }, (_, column) => element("td", {}, shortNumber(inputs.data[index * width + column] ?? NaN))),
      element("td", {}, say(targets.data[index])),
      element("td", {}, say(predictions.data[index])),
    ),
  );
  table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...rows));
}
