/** What a layer looks for: its filters as pictures, in colour where the picture is. */

/** @import { RunControl } from "../run/run.js" */
/** @import { StageView } from "../network/layout.js" */
/** @import { Panel } from "../widgets/lazy_panel.js" */
/** @import { NamedArray } from "../types.d.ts" */

import { onNextPaint } from "../core/paint_scheduler.js";
import { element, picture, setText } from "../core/dom.js";
import { divergingTable } from "../draw/colors.js";
import { centredTable, Strip } from "../draw/heatmap.js";
import { lineColors, linePixels, SIDE } from "../draw/lines.js";
import { colorPicture } from "../draw/maps.js";
import { fitCanvas } from "../draw/plot.js";
import { slices } from "../draw/surface.js";
import { nodeName, shortNumber } from "../core/format.js";
import { texts } from "../core/texts.js";
import { color } from "../draw/theme_colors.js";
import { filtersDemand, readsSignals } from "../run/maps.js";

const TEXTS = texts(import.meta.url, {
  filtersAppearNextStep: "The filters appear with the next step.",
  firstFiltersChannels: " The first {filters} of {whole} filters, {channels} of {whole2} channels.",
  colourGreyWeightZero: "in colour: grey is a weight of zero",
  oneRowEach: "one row each, {channels} channels side by side; orange negative, blue positive",
  orangeNegativeBluePositive: "orange negative, blue positive",
  filtersLargestWeight: [
    "{head}: {filters} filters of {kernel}, {inColor}. Largest weight {size}; each filter on",
    "its own scale.{rest}",
  ],
});

const GAP = 6;
const TILE = 46;
/** Between the channels of one filter. */
const BETWEEN = 3;

/** @param {RunControl} run @param {StageView} stage @returns {Panel} */
export function filtersPanel(run, stage) {
  const canvas = picture("filters", { tabindex: 0 });
  const note = element("p", { class: "note" }, TEXTS.filtersAppearNextStep);
  const strip = new Strip();
  const paint = onNextPaint(() => {
    const frame = run.latest.get("filters");
    const column = stage.layout?.columns.find(({ name }) => name === run.state.selected);
    const array = column && frame?.arrays.get(`filter/${column.head}`);
    const ranges = column && frame?.arrays.get(`filter/${column.head}.range`)?.data;
    if (!frame || !column || !array || !ranges || canvas.clientWidth === 0) return;
    const whole = frame.arrays.get(`filter/${column.head}.shape`)?.data;
    const signals = readsSignals(run.state, column);
    const size = draw(canvas, strip, array, ranges, run, signals);
    const [filters = 0, channels = 0, ...sizes] = array.shape;
    const rest = whole
      ? TEXTS.firstFiltersChannels({ filters, whole: whole[0] ?? "", channels, whole2: whole[1] ?? "" })
      : "";
    const inColor =
      channels === 3 && !signals
        ? TEXTS.colourGreyWeightZero
        : channels > 1
          ? TEXTS.oneRowEach({ channels })
          : TEXTS.orangeNegativeBluePositive;
    setText(
      note,
      TEXTS.filtersLargestWeight({
        head: nodeName(column.head),
        filters,
        kernel: (signals ? sizes.slice(1) : sizes).join("×"),
        inColor,
        size: shortNumber(size),
        rest,
      }),
    );
    canvas.setAttribute("aria-label", note.textContent ?? "");
  });
  canvas.addEventListener("click", (event) => {
    const column = stage.layout?.columns.find(({ name }) => name === run.state.selected);
    const array = run.latest.get("filters")?.arrays.get(`filter/${column?.head}`);
    if (!column || !array) return;
    const each = tilesEach(array, readsSignals(run.state, column));
    const index = placeAt(canvas, event.offsetX, event.offsetY, array, each);
    if (index !== null) stage.inspect(column.name, index, "arithmetic", true);
  });
  canvas.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const column = stage.layout?.columns.find(({ name }) => name === run.state.selected);
    if (!by || !column) return;
    event.preventDefault();
    event.stopPropagation();
    run.select(column.name, Math.min(column.units - 1, Math.max(0, run.state.unit + by)));
  });
  run.onFrame("filters", paint);
  run.store.watch((state) => `${state.selected} ${state.unit} ${state.theme}`, paint);
  new ResizeObserver(paint).observe(canvas);
  return {
    element: element("div", { class: "filters-panel" }, note, canvas),
    demand: () => filtersDemand(run, stage),
  };
}

/**
 * How many tiles a filter takes: one for each channel (three in colour share one) and each slice of its depth.
 *
 * @param {NamedArray} array @param {boolean} signals whether its kernels are of signals
 */
function tilesEach({ shape }, signals) {
  const depth = shape.length === 5 ? (shape[2] ?? 1) : 1;
  return depth * (shape[1] === 3 && !signals ? 1 : (shape[1] ?? 1));
}

/** @param {HTMLCanvasElement} canvas @param {number} each tiles a filter */
function arrangement(canvas, each) {
  const tile = each > 1 ? Math.max(16, Math.min(30, Math.floor(canvas.clientWidth / each) - 2)) : TILE;
  const across =
    each > 1
      ? Math.max(1, Math.floor((canvas.clientWidth + 2 * GAP) / (each * (tile + BETWEEN) + 2 * GAP)))
      : Math.max(1, Math.floor((canvas.clientWidth + GAP) / (tile + GAP)));
  const width = each > 1 ? each * (tile + BETWEEN) + 2 * GAP : tile + GAP;
  return { tile, across, width, height: tile + GAP };
}

/**
 * @param {HTMLCanvasElement} canvas @param {number} x @param {number} y @param {NamedArray} array
 * @param {number} each tiles a filter
 */
function placeAt(canvas, x, y, array, each) {
  const { across, width, height } = arrangement(canvas, each);
  const column = Math.floor(x / width);
  const index = Math.floor(y / height) * across + column;
  return column < across && index < (array.shape[0] ?? 0) ? index : null;
}

/**
 * @param {HTMLCanvasElement} canvas @param {Strip} strip @param {NamedArray} array
 * @param {ArrayLike<number>} ranges @param {RunControl} run @param {boolean} signals whether its kernels are of signals
 * @returns {number} the largest weight
 */
function draw(canvas, strip, array, ranges, run, signals) {
  const context = canvas.getContext("2d");
  const [filters = 0, channels = 1] = array.shape;
  const [columns = 1, rows = 1] = [...array.shape].reverse();
  if (!context || !(array.data instanceof Uint8Array)) return 0;
  const each = tilesEach(array, signals);
  const { tile, across, width, height } = arrangement(canvas, each);
  canvas.style.setProperty("height", `${Math.ceil(filters / across) * height}px`);
  const line = signals && columns > 1; // one number is a plain tile
  if (line) strip.resize(filters * each, SIDE, SIDE);
  else strip.resize(filters * each, columns, rows);
  let largest = 0;
  for (let filter = 0; filter < filters; filter++) {
    const [low, high] = [ranges[2 * filter] ?? 0, ranges[2 * filter + 1] ?? 0];
    const size = Math.max(Math.abs(low), Math.abs(high));
    largest = Math.max(largest, size);
    const whole = array.data.length / filters;
    const levels = array.data.subarray(filter * whole, (filter + 1) * whole);
    const own = { low, high };
    if (line)
      for (let channel = 0; channel < each; channel++) {
        const kernel = levels.subarray(channel * columns, (channel + 1) * columns);
        const colors = lineColors(run.state.theme);
        strip.paint(filter * each + channel, linePixels(kernel, own, { low: -size, high: size }, colors));
      }
    else if (channels === 3 && !signals)
      paintColours(strip, filter * each, aroundGrey(levels, low, high, size), each, rows * columns);
    else {
      const table = centredTable(divergingTable(run.state.theme), low, high, size);
      for (let channel = 0; channel < each; channel++)
        strip.color(
          filter * each + channel,
          levels.subarray(channel * rows * columns, (channel + 1) * rows * columns),
          table,
        );
    }
  }
  strip.put();
  const fitted = fitCanvas(canvas, context);
  context.clearRect(0, 0, fitted.width, fitted.height);
  context.imageSmoothingEnabled = line;
  context.imageSmoothingQuality = "high";
  for (let filter = 0; filter < filters; filter++) {
    const [left, top] = [(filter % across) * width + 0.5, Math.floor(filter / across) * height + 0.5];
    for (let channel = 0; channel < each; channel++)
      strip.draw(context, filter * each + channel, left + channel * (tile + BETWEEN), top, tile);
    const chosen = filter === run.state.unit;
    context.strokeStyle = color(chosen ? "accent" : "tile-line");
    context.lineWidth = chosen ? 2.5 : 1;
    context.strokeRect(left, top, each > 1 ? each * (tile + BETWEEN) - BETWEEN : tile, tile);
  }
  return largest;
}

/**
 * A filter of three channels, a picture in colour for each slice of its depth.
 *
 * @param {Strip} strip @param {number} first place @param {Uint8Array} levels (3, depth, size) @param {number} depth
 * @param {number} size
 */
function paintColours(strip, first, levels, depth, size) {
  for (let slice = 0; slice < depth; slice++)
    strip.paint(first + slice, colorPicture(slices(levels, 3, depth, size, (slice + 0.5) / depth), size));
}

/**
 * Levels on a scale whose middle, grey, is zero.
 *
 * @param {Uint8Array} levels @param {number} low @param {number} high @param {number} size
 */
function aroundGrey(levels, low, high, size) {
  return levels.map((level) =>
    Math.round(127.5 + (127.5 * (low + ((high - low) * level) / 255)) / Math.max(1e-9, size)),
  );
}
