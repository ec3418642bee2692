/** A chart of an item: lines told apart by colour, style and marker, read off under the pointer, opened large. */

/** @import { ChartPart } from "../../types.d.ts" */
/** @import { StyledLine } from "./chart_model.js" */

import { element, picture, setAttribute, setText } from "../../core/dom.js";
import { shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";
import { linesFigure } from "../../draw/figure.js";
import { traceMarker } from "../../draw/markers.js";
import { drawPlot, pixelOf, valueUnder } from "../../draw/plot.js";
import { plotColors } from "../../draw/theme_colors.js";
import { shareOf } from "../../draw/ticks.js";
import { LargePlot } from "../../widgets/large_plot.js";
import { plotOf, tableOf, valuesAt, wordsOf } from "./chart_model.js";
import { keyOf } from "./key.js";

const TEXTS = texts(import.meta.url, { numbers: "Numbers", at: "at {label} = {place}" });

/** Markers on a line; of several lines they stand at different places. */
const MARKS = 7;

/** The room of a plot's inner part, as draw/plot.js has it: above, and in all. */
const [TOP, AROUND] = [8, 28];

export class ChartView {
  #large;
  /** @type {ChartPart | null} */
  #chart = null;
  /** @type {number | null} */
  #cursor = null;
  /** @type {string[]} */
  #names = [];
  #canvas = picture("figure-plot");
  #axis = element("span", { class: "figure-axis" });
  #place = element("span", { class: "figure-place" });
  #legend = element("ul", { class: "figure-legend" });
  #table = element("table", { class: "figure-numbers" });
  #numbers = element(
    "details",
    { class: "more" },
    element("summary", {}, TEXTS.numbers),
    element(
      "div",
      { class: "scrolling", tabindex: 0, role: "region", "aria-label": TEXTS.numbers },
      this.#table,
    ),
  );

  /** @param {string} title @param {string} of what it is a chart of */
  constructor(title, of) {
    this.#large = new LargePlot({ name: title, title: () => of, figure: linesFigure });
    const head = element(
      "div",
      { class: "plot-head" },
      element("h3", {}, title),
      this.#axis,
      this.#large.button,
    );
    this.element = element(
      "section",
      { class: "figure-part" },
      head,
      this.#canvas,
      this.#legend,
      this.#place,
      this.#numbers,
    );
    this.#canvas.addEventListener("pointermove", (event) => this.#point(event.offsetX));
    this.#canvas.addEventListener("pointerleave", () => this.#point(null));
    this.#numbers.addEventListener("toggle", () => this.#fill());
  }

  /** @param {ChartPart} chart @param {string[]} names of all lines of the figure */
  show(chart, names) {
    this.#names = names;
    if (chart !== this.#chart) {
      this.#chart = chart;
      setAttribute(this.#canvas, "aria-label", wordsOf(chart));
      setText(this.#axis, chart.y.label);
      this.#fill();
    }
    const plot = plotOf(chart, names);
    drawPlot(this.#canvas, { ...plot, cursor: this.#cursor }, plotColors());
    if (plot.lines.length > 1) drawMarkers(this.#canvas, plot);
    this.#large.show(plot);
    this.#read(plot.lines);
  }

  /** @param {number | null} offset of the pointer from the left, in pixels */
  #point(offset) {
    if (!this.#chart) return;
    this.#cursor = offset === null ? null : valueUnder(this.#canvas, plotOf(this.#chart).x, offset);
    this.show(this.#chart, this.#names);
  }

  /** The legend, with what each line is under the pointer. @param {StyledLine[]} lines */
  #read(lines) {
    const values = this.#cursor === null ? [] : valuesAt(lines, this.#cursor);
    const { x } = /** @type {ChartPart} */ (this.#chart);
    setText(
      this.#place,
      this.#cursor === null ? "" : TEXTS.at({ label: x.label, place: shortNumber(this.#cursor) }),
    );
    const shown = lines.length > 1 || values.length > 0 ? lines : [];
    this.#legend.replaceChildren(...shown.map((line, index) => keyOf(line, values[index] ?? "")));
  }

  #fill() {
    if (!this.#numbers.open || !this.#chart) return;
    const chart = this.#chart;
    const names = [chart.x.label, ...chart.lines.map(({ name }) => name)];
    const head = element("tr", {}, ...names.map((name) => element("th", { scope: "col" }, name)));
    const rows = tableOf(chart).map(([place, ...values]) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, place),
        ...values.map((value) => element("td", {}, value)),
      ),
    );
    this.#table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...rows));
  }
}

/** @param {HTMLCanvasElement} canvas @param {ReturnType<typeof plotOf>} plot */
function drawMarkers(canvas, { lines, x, y }) {
  const context = canvas.getContext("2d");
  if (!context) return;
  const height = canvas.clientHeight - AROUND;
  lines.forEach((line, index) => {
    context.fillStyle = line.color;
    for (let mark = 0; mark < MARKS; mark++) {
      const share = (mark + (index + 1) / (lines.length + 1)) / MARKS;
      const at = Math.round(share * (line.x.length - 1));
      const level = shareOf(y, line.y[at] ?? NaN);
      if (!(level >= 0 && level <= 1)) continue;
      context.beginPath();
      const left = pixelOf(canvas, x, line.x[at] ?? 0);
      traceMarker(context, line.marker, left, TOP + height * (1 - level), 3.5);
      context.fill("evenodd");
    }
  });
}
