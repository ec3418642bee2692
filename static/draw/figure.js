/**
 * Figures: a plot as traces and a layout for Plotly, and as the numbers behind it. Pure: colours come with the
 * lines.
 */

/** @import { Line } from "./plot.js" */
/** @import { PlotMark } from "./plot_marks.js" */
/** @import { Scale } from "./ticks.js" */

import { texts } from "../core/texts.js";
import { piecesOf, thinned } from "./plot.js";
import { placeMarks } from "./plot_marks.js";
import { shareOf } from "./ticks.js";

/** @typedef {Record<string, any>} Trace */

/**
 * The numbers of one line or surface: columns of the same length.
 *
 * @typedef {{ name: string, columns: Record<string, ArrayLike<number>> }} Series
 */

/** @typedef {{ traces: Trace[], layout: Record<string, any>, series: Series[] }} Figure */

/**
 * A line that the legend names; a `guide` is drawn, and is no number that was measured.
 *
 * @typedef {Line & { name: string, guide?: boolean }} NamedLine
 */

/**
 * @typedef {{ lines: NamedLine[], x: Scale, y: Scale, xLabel: string, yLabel: string, marks?: PlotMark[] }} LinePlot
 */

/** Digits that tell any two numbers of single precision apart. */
const EXACT = ".8~g";

/** How strongly a band is filled: as on the page. */
const BAND = 0.18;

/** Of marks: to be seen on light and on dark paper. */
const MARK_COLOR = "rgba(128, 128, 128, 0.7)";

const TEXTS = texts(import.meta.url, {
  changes: "changes",
});

/** So few points are drawn as dots, too: one alone is no line. */
const FEW = 2;

/** Lines over one axis. @param {LinePlot} plot @returns {Figure} */
export function linesFigure({ lines, x, y, xLabel, yLabel, marks = [] }) {
  const measured = lines.filter(({ guide }) => !guide);
  return {
    traces: [
      ...lines.flatMap((line) => [...piecesOf(line).flatMap(bandTraces), ...lineTraces(line)]),
      ...(marks.length ? [markTrace(marks, x)] : []),
    ],
    layout: {
      hovermode: "x unified",
      xaxis: { ...axisOf(x, xLabel), unifiedhovertitle: { text: `${plain(xLabel)} %{x}` } },
      yaxis: axisOf(y, yLabel),
      ...(marks.length ? { yaxis2: MARKS_AXIS, shapes: marks.map(markShape) } : {}),
    },
    series: measured.map((line) => ({ name: line.name, columns: columnsOf(line, xLabel, yLabel) })),
  };
}

/** One for each piece of a line; the legend has the first, and hides and shows all. @param {NamedLine} line */
function lineTraces(line) {
  const [first, ...more] = piecesOf(line).map(lineTrace);
  if (more.length === 0) return [first ?? lineTrace(line)];
  const all = { legendgroup: plain(line.name) };
  return [{ ...first, ...all }, ...more.map((trace) => ({ ...trace, ...all, showlegend: false }))];
}

/** @param {NamedLine} line @returns {Trace} */
function lineTrace({ name, x, y, color, width, dash = [], guide }) {
  return {
    type: "scatter",
    mode: x.length > FEW ? "lines" : "lines+markers",
    name: plain(name),
    x,
    y,
    line: { color, width, dash: dash.length ? dash.map((length) => `${length}px`).join(",") : "solid" },
    ...(guide ? { hoverinfo: "skip" } : { hovertemplate: `%{y:${EXACT}}` }),
  };
}

/** The axis of marks: from 0 at the bottom to 1 at the top, whatever the lines are. */
const MARKS_AXIS = { overlaying: "y", range: [0, 1], visible: false, fixedrange: true };

/** How wide a plot opened large is taken to be when its labels are thinned, and a letter, in pixels. */
const [WIDE, LETTER] = [900, 6.5];

/**
 * Marks with the labels that there is room for; pointing at one tells all of it.
 *
 * @param {PlotMark[]} marks @param {Scale} x
 * @returns {Trace}
 */
function markTrace(marks, x) {
  const toX = (/** @type {number} */ value) => WIDE * shareOf(x, value);
  const placed = placeMarks(marks, toX, { left: 0, right: WIDE }, (text) => LETTER * text.length);
  return {
    type: "scatter",
    mode: "markers+text",
    name: TEXTS.changes,
    showlegend: false,
    yaxis: "y2",
    x: Float64Array.from(placed, (group) => group.marks[0]?.x ?? 0),
    y: Float64Array.from(placed, () => 1),
    text: placed.map(({ text }) => plain(text ?? "")),
    textposition: placed.map(({ left }) => (left ? "bottom left" : "bottom right")),
    customdata: placed.map((group) => plain(group.marks.map(({ long }) => long).join("; "))),
    hovertemplate: "%{customdata}<extra></extra>",
    marker: { symbol: "line-ns-open", size: 8, color: MARK_COLOR },
  };
}

/** @param {PlotMark} mark */
function markShape({ x }) {
  const line = { width: 1, dash: "dot", color: MARK_COLOR };
  return { type: "line", xref: "x", yref: "paper", x0: x, x1: x, y0: 0, y1: 1, line };
}

/** The area around a line: its lower edge, and what is filled up to the upper. @param {NamedLine} line */
function bandTraces({ x, band, color }) {
  if (!band) return [];
  const edge = {
    type: "scatter",
    mode: "lines",
    x,
    line: { width: 0, color },
    opacity: BAND,
    showlegend: false,
    hoverinfo: "skip",
  };
  return [
    { ...edge, y: band.low },
    { ...edge, y: band.high, fill: "tonexty", fillcolor: color },
  ];
}

/** @param {NamedLine} line @param {string} xLabel @param {string} yLabel @returns {Series["columns"]} */
function columnsOf({ x, y, band }, xLabel, yLabel) {
  const edges = band ? { [`${yLabel}, least`]: band.low, [`${yLabel}, greatest`]: band.high } : {};
  return { [xLabel]: x, [yLabel]: y, ...edges };
}

/**
 * An axis with its title; logarithmic ranges are of exponents.
 *
 * @param {Scale} scale @param {string} title
 */
export function axisOf({ low, high, log }, title) {
  const range = log ? [Math.log10(low), Math.log10(high)] : [low, high];
  return { title: { text: plain(title) }, type: log ? "log" : "linear", range, hoverformat: EXACT };
}

/**
 * A text that is shown as it stands: Plotly reads some HTML in titles, names and labels.
 *
 * @param {string} text
 */
export function plain(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/**
 * Traces with no more points than the screen shows over a range: of those on one pixel, the first, least,
 * greatest and last. Surfaces, and lines that go back and forth, stay as they are.
 *
 * @param {Trace[]} traces @param {Scale} range of the axis that is shown @param {number} width in pixels
 * @returns {Trace[]}
 */
export function thinnedTraces(traces, range, width) {
  return traces.map((trace) => {
    const { x, y } = trace;
    if (trace["type"] !== "scatter" || x.length < 2 * width || !ascends(x)) return trace;
    // Beyond the edges all is one pixel: a line that leaves the screen leaves it where it did.
    const kept = thinned(x, y, (value) => width * Math.min(1.1, Math.max(-0.1, shareOf(range, value))));
    const at = (/** @type {ArrayLike<number>} */ values) =>
      Float64Array.from(kept, (index) => values[index] ?? NaN);
    return { ...trace, x: at(x), y: at(y) };
  });
}

/** @param {ArrayLike<number>} values */
function ascends(values) {
  for (let index = 1; index < values.length; index++)
    if (/** @type {number} */ (values[index]) < /** @type {number} */ (values[index - 1])) return false;
  return true;
}

/** How a legend draws a pattern of dashes. @param {number[]} dash */
export function dashName([on = 0, off = 0]) {
  if (on === 0 || off === 0) return "solid";
  return on <= off ? "dotted" : "dashed";
}
