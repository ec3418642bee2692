/** A chart of a preview as a plot, and in words. Pure. */

/** @import { ChartPart } from "../../types.d.ts" */
/** @import { NamedLine } from "../../draw/figure.js" */
/** @import { Scale } from "../../draw/ticks.js" */

import { extent, scaleFor } from "../../draw/ticks.js";
import { shortNumber } from "../../core/format.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, { words: "{title}, from {first} at {start} to {last} at {end}" });

/**
 * @param {ChartPart} chart @param {string[]} colors of the lines, in turn
 * @returns {{ lines: NamedLine[], x: Scale, y: Scale, xLabel: string, yLabel: string }}
 */
export function plotOf({ lines, x, y }, colors) {
  const drawn = lines.map((line, index) => ({
    name: line.name || y.label,
    x: numbers(line.x),
    y: numbers(line.y),
    color: colors[index % colors.length] ?? "",
    width: 1.75,
  }));
  const across = extent(
    drawn.map((line) => line.x),
    false,
  );
  const up = extent(
    drawn.map((line) => line.y),
    false,
  );
  return {
    lines: drawn,
    x: { low: across?.[0] ?? 0, high: across?.[1] ?? 1, log: false },
    y: scaleFor(up, false, true),
    xLabel: x.label,
    yLabel: y.label,
  };
}

/** A chart's first line in words. @param {ChartPart} chart */
export function previewWords({ title, lines: [line] }) {
  const [x, y] = [numbers(line?.x ?? []), numbers(line?.y ?? [])];
  const [first, last, start, end] = [y[0], y.at(-1), x[0], x.at(-1)].map((value) =>
    shortNumber(value ?? NaN),
  );
  return TEXTS.words({ title, first: first ?? "", last: last ?? "", start: start ?? "", end: end ?? "" });
}

/** @param {(number | null)[]} values */
function numbers(values) {
  return Float64Array.from(values, (value) => value ?? NaN);
}
