/** Lines of a chart as they are drawn: their styles, their scales, and what they are at a place. Pure. */

/** @import { NamedLine } from "../../draw/figure.js" */
/** @import { Scale } from "../../draw/ticks.js" */
/** @import { ChartPart, FigureLine } from "../../types.d.ts" */

import { MARKERS, category, dashOf } from "../../draw/colors.js";
import { nearest } from "../../draw/plot.js";
import { extent, scaleFor } from "../../draw/ticks.js";
import { shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  chart: "{title}: {y} over {x}. {lines}.",
  line: "{name}, {range}",
  range: "from {low} to {high}",
  nothing: "no value",
});

/** @typedef {NamedLine & { marker: string, dash: number[] }} StyledLine */

/** Of the eight colours those first that stand out on paper as thin lines. */
const ORDER = [1, 5, 2, 3, 7, 0, 4, 6];

/** A few values far beyond all others do not decide the scale: it holds at least the middle of them. */
const MIDDLE = 0.96;
const FAR = 5;

/** @param {number} index of a line or of a set of points */
export function styleOf(index) {
  return {
    color: category(ORDER[index % ORDER.length] ?? 0),
    dash: dashOf(index),
    marker: MARKERS[index % MARKERS.length] ?? "circle",
    order: ORDER[index % ORDER.length] ?? 0,
  };
}

/**
 * @param {ChartPart} chart @param {string[]} [names] of all lines of the figure, whose order decides the styles
 * @returns {{ lines: StyledLine[], x: Scale, y: Scale, xLabel: string, yLabel: string }}
 */
export function plotOf({ lines, x, y }, names = lines.map(({ name }) => name)) {
  const styled = lines.map((line) => ({
    ...styleOf(names.indexOf(line.name)),
    name: line.name,
    x: columnOf(line.x),
    y: columnOf(line.y),
    width: 2,
  }));
  const across = extent(
    styled.map((line) => line.x),
    x.log,
  );
  return {
    lines: styled,
    x: x.log ? scaleFor(across, true) : { low: across?.[0] ?? 0, high: across?.[1] ?? 1, log: false },
    y: scaleOf(
      styled.map((line) => line.y),
      y.log,
    ),
    xLabel: x.label,
    yLabel: y.label,
  };
}

/** @param {(number | null)[]} values */
function columnOf(values) {
  return Float64Array.from(values, (value) => value ?? NaN);
}

/** @param {Float64Array[]} columns @param {boolean} log @returns {Scale} */
function scaleOf(columns, log) {
  const whole = extent(columns, log);
  if (!whole || log) return scaleFor(whole, log);
  const sorted = Float64Array.from(columns.flatMap((column) => [...column].filter(Number.isFinite))).sort();
  const at = (/** @type {number} */ share) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const [low, high] = [at((1 - MIDDLE) / 2), at((1 + MIDDLE) / 2)];
  const far = high > low && whole[1] - whole[0] > FAR * (high - low);
  return scaleFor(far ? [low, high] : whole, false);
}

/**
 * What each line is at a place.
 *
 * @param {StyledLine[]} lines @param {number} place
 * @returns {string[]}
 */
export function valuesAt(lines, place) {
  return lines.map(({ x, y }) => {
    const index = nearest(x, place);
    const value = y[index];
    return value === undefined || Number.isNaN(value) ? "–" : shortNumber(value);
  });
}

/** Rows of the table of numbers. */
const ROWS = 11;

/**
 * A few places of the axis and what each line is there, to be read.
 *
 * @param {ChartPart} chart
 * @returns {string[][]} a row of texts for each place
 */
export function tableOf(chart) {
  const { lines, x } = plotOf(chart);
  const way = (/** @type {number} */ share) =>
    x.log ? x.low * (x.high / x.low) ** share : x.low + (x.high - x.low) * share;
  return Array.from({ length: ROWS }, (_, row) => {
    const place = way(row / (ROWS - 1));
    return [shortNumber(Number(place.toPrecision(6))), ...valuesAt(lines, place)];
  });
}

/** @param {ChartPart} chart @returns {string} what the picture says to those who do not see it */
export function wordsOf({ title, x, y, lines }) {
  const named = lines.map((line) => TEXTS.line({ name: line.name, range: rangeOf(line) })).join("; ");
  return TEXTS.chart({ title, x: x.label, y: y.label, lines: named });
}

/** @param {FigureLine} line */
function rangeOf({ y }) {
  const range = extent([columnOf(y)], false);
  if (!range) return TEXTS.nothing;
  return TEXTS.range({ low: shortNumber(range[0]), high: shortNumber(range[1]) });
}
