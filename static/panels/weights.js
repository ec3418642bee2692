/** The weights of one node: the matrix, and how often each size occurs. */

/** @import { RunControl } from "../run/run.js" */
/** @import { Layout } from "../network/layout.js" */

import { onNextPaint } from "../core/paint_scheduler.js";
import { element, picture, setText } from "../core/dom.js";
import { divergingTable } from "../draw/colors.js";
import { Strip } from "../draw/heatmap.js";
import { fitCanvas } from "../draw/plot.js";
import { nodeName, shortNumber } from "../core/format.js";
import { texts } from "../core/texts.js";
import { color, plotFont, plotScale } from "../draw/theme_colors.js";
import { weightRow } from "../widgets/weight_edit.js";

const TEXTS = texts(import.meta.url, {
  nodeNoWeights: "This node has no weights. Select a dense layer or a convolution to see them.",
  biases: ", {data} biases",
  weightsMeanStandard:
    "{head}: {shape} weights, mean {mean}, standard deviation {deviation}, largest {size}{biases}",
  weightHistogram: "How often each size of weight occurs",
});

const BINS = 41;

/** @param {RunControl} run @param {() => Layout | null} layout @returns {HTMLElement} */
export function weightsPanel(run, layout) {
  const matrix = picture("matrix");
  const histogram = picture("histogram");
  const note = element("p", { class: "note" });
  const strip = new Strip();
  const paint = onNextPaint(() => {
    const frame = run.latest.get("weights");
    const column = layout()?.columns.find(({ name }) => name === run.state.selected);
    const values = column && frame?.arrays.get(`${column.head}.weight`);
    matrix.parentElement?.classList.toggle("empty", !values);
    if (!values || !(values.data instanceof Float32Array) || matrix.clientWidth === 0) {
      setText(note, TEXTS.nodeNoWeights);
      return;
    }
    const rows = values.shape[0] ?? 1;
    const size = drawMatrix(matrix, strip, values.data, rows, run.state);
    const { mean, deviation } = drawHistogram(histogram, values.data);
    const bias = frame?.arrays.get(`${column.head}.bias`);
    const text = TEXTS.weightsMeanStandard({
      head: nodeName(column.head),
      shape: values.shape.join(" × "),
      mean: shortNumber(mean),
      deviation: shortNumber(deviation),
      size: shortNumber(size),
      biases: bias ? TEXTS.biases({ data: bias.data.length }) : "",
    });
    setText(note, text);
    matrix.setAttribute("aria-label", text);
    histogram.setAttribute("aria-label", TEXTS.weightHistogram);
  });
  run.onFrame("weights", paint);
  run.store.watch((state) => `${state.selected} ${state.unit}`, paint);
  run.store.watch((state) => state.theme, paint);
  const whole = element(
    "div",
    { class: "weights-panel" },
    element("div", { class: "weights-pictures" }, matrix, histogram),
    note,
    weightRow(run, layout),
  );
  new ResizeObserver(paint).observe(whole);
  return whole;
}

/**
 * A row of the matrix for each unit; that of the selected one is framed.
 *
 * @param {HTMLCanvasElement} canvas @param {Strip} strip @param {Float32Array} values @param {number} rows
 * @param {{ theme: "light" | "dark", unit: number }} state @returns {number} the largest size
 */
function drawMatrix(canvas, strip, values, rows, { theme, unit }) {
  const context = canvas.getContext("2d");
  const columns = Math.ceil(values.length / Math.max(1, rows));
  let size = 1e-9;
  for (const value of values) if (Math.abs(value) > size) size = Math.abs(value);
  if (!context) return size;
  strip.resize(1, columns, rows);
  const levels = new Uint8Array(columns * rows);
  values.forEach((value, index) => (levels[index] = Math.round(127.5 + (127.5 * value) / size)));
  strip.color(0, levels, divergingTable(theme));
  strip.put();
  const { width, height } = fitCanvas(canvas, context);
  context.clearRect(0, 0, width, height);
  context.imageSmoothingEnabled = false;
  const scale = Math.min(width / columns, height / rows, Math.max(18, height / rows));
  strip.draw(context, 0, 0, 0, columns * scale, rows * scale);
  context.strokeStyle = color("tile-line");
  context.strokeRect(0.5, 0.5, columns * scale - 1, rows * scale - 1);
  if (unit >= rows) return size;
  context.strokeStyle = color("accent");
  context.lineWidth = 2;
  context.strokeRect(1, unit * scale + 1, columns * scale - 2, Math.max(2, scale - 2));
  return size;
}

/**
 * Counts of values in bins that are symmetric about zero.
 *
 * @param {Float32Array} values @param {number} bins
 * @returns {{ counts: number[], size: number, mean: number, deviation: number }}
 */
function histogramOf(values, bins) {
  let [size, sum, squares] = [1e-9, 0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    size = Math.max(size, Math.abs(value));
    sum += value;
    squares += value * value;
  }
  const mean = sum / Math.max(1, values.length);
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const bin = Math.min(bins - 1, Math.floor(((value / size + 1) / 2) * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return {
    counts,
    size,
    mean,
    deviation: Math.sqrt(Math.max(0, squares / Math.max(1, values.length) - mean * mean)),
  };
}

/** @param {HTMLCanvasElement} canvas @param {Float32Array} values */
function drawHistogram(canvas, values) {
  const { counts, size, mean, deviation } = histogramOf(values, BINS);
  const context = canvas.getContext("2d");
  if (!context) return { mean, deviation };
  const { width, height } = fitCanvas(canvas, context);
  context.clearRect(0, 0, width, height);
  const most = Math.max(1, ...counts);
  const bar = width / BINS;
  const foot = 16 * plotScale();
  counts.forEach((count, index) => {
    const tall = (count / most) * (height - foot - 4);
    context.fillStyle = color(
      index < BINS >> 1 ? "negative" : index > BINS >> 1 ? "positive" : "edge-neutral",
    );
    context.fillRect(index * bar, height - foot - tall, Math.max(1, bar - 1), tall);
  });
  context.fillStyle = color("ink-3");
  context.font = plotFont();
  context.textBaseline = "alphabetic";
  for (const [text, x, align] of /** @type {[string, number, CanvasTextAlign][]} */ ([
    [shortNumber(-size), 0, "left"],
    ["0", width / 2, "center"],
    [shortNumber(size), width, "right"],
  ])) {
    context.textAlign = align;
    context.fillText(text, x, height - 3);
  }
  return { mean, deviation };
}
