/**
 * Figures of a surface with paths on it: turned in three dimensions, or as contours from above. Heights are
 * shares of a scale, as the colours are; the numbers that are read off are the heights themselves.
 */

/** @import { Theme } from "./colors.js" */
/** @import { Figure, Series, Trace } from "./figure.js" */

import { shortNumber } from "../core/format.js";
import { texts } from "../core/texts.js";
import { cssColor } from "./colors.js";
import { axisOf, plain } from "./figure.js";
import { heightColor } from "./terrain.js";

const TEXTS = texts(import.meta.url, {
  surface: "Surface",
  contours: "Contours",
});

/**
 * @typedef {object} Track
 * @property {string} name
 * @property {ArrayLike<number>} x
 * @property {ArrayLike<number>} y
 * @property {ArrayLike<number>} heights
 * @property {ArrayLike<number>} shares of the heights
 * @property {string} color
 * @property {string[]} [dots] a colour for each point
 * @property {ArrayLike<number>} [steps]
 * @property {boolean} [dashed]
 */

/**
 * @typedef {object} Ground
 * @property {ArrayLike<number>} x along the columns
 * @property {ArrayLike<number>} y along the rows, the first row lowest
 * @property {ArrayLike<number>} heights row by row; NaN where nothing is known; none: there are paths alone
 * @property {ArrayLike<number>} shares of the heights
 * @property {Track[]} tracks
 * @property {{ name: string, x: number, y: number, share: number }[]} marks
 * @property {[string, string]} axes
 * @property {string} height what a height is: loss
 */

/** @typedef {{ ink: string, paper: string }} Colors */

/** @typedef {{ theme: Theme, colors: Colors }} Look */

/** @typedef {"turned" | "above"} View */

/** The two ways to see a surface, the first at first. @type {[View, string][]} */
export const VIEWS = [
  ["turned", TEXTS.surface],
  ["above", TEXTS.contours],
];

/** Contour lines between the least and the greatest. */
const LINES = 14;

/** Stops of the colour scale: between them colours are mixed. */
const STOPS = 16;

/** How far the ground stands below the paths on it, as a share of its height. */
const SUNK = 0.015;

/** Where the scale beside the picture stands, as a share of the width. */
const PICTURE = [0, 0.9];
const SCALE = [0.93, 0.95];

/** @param {Ground} ground @param {View} view @param {Look} look @returns {Figure} */
export function groundFigure(ground, view, { theme, colors }) {
  const levels = levelsOf(ground);
  const solid = view === "turned" && ground.heights.length > 0;
  const traces = solid ? solidTraces(ground, theme, colors) : flatTraces(ground, theme, colors);
  return {
    traces: [...traces, scaleTrace(theme)],
    layout: {
      hovermode: "closest",
      ...(solid ? { scene: sceneOf(ground, levels) } : flatAxes(ground)),
      xaxis2: { domain: SCALE, visible: false, fixedrange: true },
      yaxis2: scaleAxis(ground.height, levels),
    },
    series: seriesOf(ground),
  };
}

/**
 * The ground with its contours, and the paths above it.
 *
 * @param {Ground} ground @param {Theme} theme @param {Colors} colors
 */
function solidTraces(ground, theme, colors) {
  const contours = {
    show: true,
    start: 1 / LINES,
    end: 1,
    size: 1 / LINES,
    color: lineColor(theme),
    width: 1,
  };
  const grid = gridOf(ground);
  return [
    {
      ...grid,
      type: "surface",
      // A little below its paths, which would be half in the ground; colours and numbers stay.
      z: grid.z.map((row) => row.map((share) => (share === null ? null : share - SUNK))),
      surfacecolor: grid.z,
      cmin: 0,
      cmax: 1,
      colorscale: colorScale(theme),
      showscale: false,
      contours: { z: contours },
      lighting: { ambient: 0.75, diffuse: 0.45, specular: 0.05, roughness: 0.9 },
    },
    ...ground.tracks.map((track) => ({
      ...trackTrace(track, ground, colors),
      type: "scatter3d",
      z: track.shares,
      line: { color: track.color, width: track.dots ? 3 : 5, dash: track.dashed ? "dash" : "solid" },
    })),
    ...markTraces(ground, colors).map(({ share, ...trace }) => ({ ...trace, type: "scatter3d", z: [share] })),
  ];
}

/**
 * The ground as colours and contour lines, and the paths on it.
 *
 * @param {Ground} ground @param {Theme} theme @param {Colors} colors
 */
function flatTraces(ground, theme, colors) {
  const contours = { coloring: "heatmap", start: 1 / LINES, end: 1, size: 1 / LINES };
  const grid = {
    ...gridOf(ground),
    type: "contour",
    zmin: 0,
    zmax: 1,
    colorscale: colorScale(theme),
    showscale: false,
    contours,
    line: { color: lineColor(theme), width: 1 },
  };
  return [
    ...(ground.heights.length > 0 ? [grid] : []),
    ...ground.tracks.map((track) => ({
      ...trackTrace(track, ground, colors),
      type: "scatter",
      line: { color: track.color, width: 1.75, dash: track.dashed ? "dash" : "solid" },
    })),
    ...markTraces(ground, colors).map(({ share: _, ...trace }) => ({ ...trace, type: "scatter" })),
  ];
}

/** What surface and contours have in common. @param {Ground} ground */
function gridOf({ x, y, shares, heights, axes, height }) {
  const columns = x.length;
  /** @template Cell @param {(at: number) => Cell} value */
  const rows = (value) =>
    Array.from(y, (_, row) => Array.from(x, (_, column) => value(row * columns + column)));
  return {
    name: plain(height),
    x: Array.from(x),
    y: Array.from(y),
    z: rows((at) => numberOrGap(shares[at])),
    text: rows((at) => exact(heights[at])),
    hovertemplate: hoverOf(axes, height, "%{text}"),
  };
}

/**
 * A line with a dot for each point where there are dots.
 *
 * @param {Track} track @param {Ground} ground @param {Colors} colors
 */
function trackTrace({ name, x, y, heights, dots, steps }, { axes, height }, colors) {
  const at = Array.from(heights, (value, index) => (steps ? [exact(value), steps[index]] : [exact(value)]));
  const step = steps ? "<br>step %{customdata[1]}" : "";
  return {
    name: plain(name),
    mode: dots ? "lines+markers" : "lines",
    x: Array.from(x),
    y: Array.from(y),
    customdata: at,
    hovertemplate: `${plain(name)}<br>${hoverOf(axes, height, "%{customdata[0]}")}${step}`,
    ...(dots ? { marker: { color: dots, size: 5, line: { color: colors.ink, width: 1 } } } : {}),
  };
}

/** Places with a name. @param {Ground} ground @param {Colors} colors @returns {Trace[]} */
function markTraces({ marks, axes }, colors) {
  return marks.map(({ name, x, y, share }) => ({
    name: plain(name),
    mode: "markers+text",
    x: [x],
    y: [y],
    share,
    text: [plain(name)],
    textposition: "top center",
    textfont: { color: colors.ink },
    marker: { color: colors.paper, symbol: "diamond", size: 8, line: { color: colors.ink, width: 2 } },
    showlegend: false,
    hovertemplate: `${plain(name)}<br>${plain(axes[0])} %{x}<br>${plain(axes[1])} %{y}<extra></extra>`,
  }));
}

/**
 * The colours and what they stand for: a strip of its own beside the picture.
 *
 * @param {Theme} theme @returns {Trace}
 */
function scaleTrace(theme) {
  const y = Array.from({ length: 65 }, (_, level) => level / 64);
  return {
    type: "heatmap",
    // Any other way of smoothing is an inline style, which the page's policy forbids.
    zsmooth: "best",
    xaxis: "x2",
    yaxis: "y2",
    x: [0, 1],
    y,
    z: y.map((share) => [share, share]),
    zmin: 0,
    zmax: 1,
    colorscale: colorScale(theme),
    showscale: false,
    hoverinfo: "skip",
  };
}

/** @param {string} title @param {[share: number, text: string][]} levels */
function scaleAxis(title, levels) {
  return {
    anchor: "x2",
    side: "right",
    domain: [0.1, 0.9],
    range: [0, 1],
    fixedrange: true,
    showgrid: false,
    zeroline: false,
    title: { text: plain(title) },
    ...ticksAt(levels),
  };
}

/** @param {Ground} ground @param {[share: number, text: string][]} levels */
function sceneOf({ axes, height }, levels) {
  return {
    domain: { x: PICTURE, y: [0, 1] },
    aspectmode: "manual",
    aspectratio: { x: 1, y: 1, z: 0.55 },
    camera: { eye: { x: 1.05, y: -1.2, z: 0.85 }, center: { x: 0, y: 0, z: -0.12 } },
    xaxis: { title: { text: plain(axes[0]) } },
    yaxis: { title: { text: plain(axes[1]) } },
    zaxis: { title: { text: plain(height) }, range: [-SUNK, 1], ...ticksAt(levels) },
  };
}

/** @param {Ground} ground */
function flatAxes({ x, y, heights, axes }) {
  const scale = (/** @type {ArrayLike<number>} */ axis) => ({
    low: axis[0] ?? 0,
    high: axis[axis.length - 1] ?? 1,
    log: false,
  });
  const showgrid = heights.length === 0;
  return {
    xaxis: { ...axisOf(scale(x), axes[0]), domain: PICTURE, showgrid, zeroline: false },
    yaxis: { ...axisOf(scale(y), axes[1]), showgrid, zeroline: false },
  };
}

/** @param {[share: number, text: string][]} levels */
function ticksAt(levels) {
  return { tickvals: levels.map(([share]) => share), ticktext: levels.map(([, text]) => text) };
}

/**
 * Heights that stand at about 0, ¼, ½, ¾ and 1 of the scale, of those that are drawn, in as few digits as tell
 * them apart.
 *
 * @param {Pick<Ground, "heights" | "shares" | "tracks">} ground @returns {[share: number, text: string][]}
 */
export function levelsOf({ heights, shares, tracks }) {
  const known = [{ heights, shares }, ...tracks]
    .flatMap((each) =>
      Array.from(each.heights, (height, index) => ({ height, share: each.shares[index] ?? NaN })),
    )
    .filter(({ height, share }) => Number.isFinite(height) && Number.isFinite(share))
    .sort((one, other) => one.share - other.share);
  const nearest = (/** @type {number} */ share) =>
    known.reduce((best, each) => (Math.abs(each.share - share) < Math.abs(best.share - share) ? each : best));
  const found = known.length ? [0, 0.25, 0.5, 0.75, 1].map(nearest) : [];
  const levels = [...new Set(found)];
  const heightsIn = (/** @type {number} */ digits) => levels.map(({ height }) => shortNumber(height, digits));
  const apart = new Set(levels.map(({ height }) => height)).size;
  const digits = [2, 3, 4, 5, 6, 7].find((each) => new Set(heightsIn(each)).size === apart) ?? 8;
  const texts = heightsIn(digits);
  return levels.map(({ share }, index) => [share, texts[index] ?? ""]);
}

/** @param {Theme} theme @returns {[stop: number, color: string][]} */
function colorScale(theme) {
  return Array.from({ length: STOPS + 1 }, (_, stop) => [
    stop / STOPS,
    cssColor(heightColor(stop / STOPS, theme)),
  ]);
}

/** @param {Theme} theme */
function lineColor(theme) {
  return theme === "dark" ? "rgba(255, 255, 255, 0.18)" : "rgba(20, 20, 40, 0.22)";
}

/** @param {[string, string]} axes @param {string} height @param {string} value */
function hoverOf(axes, height, value) {
  return `${plain(height)} ${value}<br>${plain(axes[0])} %{x:.6~g}<br>${plain(axes[1])} %{y:.6~g}<extra></extra>`;
}

/** Digits that tell any two numbers of single precision apart. @param {number | undefined} value */
function exact(value) {
  return value === undefined || Number.isNaN(value) ? "unknown" : String(Number(value.toPrecision(8)));
}

/** @param {number | undefined} value */
function numberOrGap(value) {
  return value === undefined || Number.isNaN(value) ? null : value;
}

/** @param {Ground} ground @returns {Series[]} */
function seriesOf({ x, y, heights, axes, height, tracks }) {
  // Two axes of one name would be one column.
  const [first, second] = axes[0] === axes[1] ? [`${axes[0]} 1`, `${axes[1]} 2`] : axes;
  const grid = {
    [first]: Array.from(heights, (_, at) => x[at % x.length] ?? NaN),
    [second]: Array.from(heights, (_, at) => y[Math.floor(at / x.length)] ?? NaN),
    [height]: heights,
  };
  return [
    ...(heights.length > 0 ? [{ name: "surface", columns: grid }] : []),
    ...tracks.map((track) => ({
      name: track.name,
      columns: {
        [first]: track.x,
        [second]: track.y,
        [height]: track.heights,
        ...(track.steps ? { step: track.steps } : {}),
      },
    })),
  ];
}
