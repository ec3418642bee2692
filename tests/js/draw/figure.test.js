import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { linesFigure, plain, thinnedTraces } from "../../../static/draw/figure.js";
import { thinned } from "../../../static/draw/plot.js";
import { tableOf } from "../../../static/draw/table.js";
import { present } from "../support.js";

/** @import { Series } from "../../../static/draw/figure.js" */

const train = {
  name: "train",
  x: Float64Array.of(0, 1, 2),
  y: Float64Array.of(1, 0.5, 0.25),
  color: "#111111",
  width: 1.5,
};
const test_ = { ...train, name: "test", color: "#6440d9", dash: [5, 3], y: Float64Array.of(1, 0.75, NaN) };
const plot = {
  lines: [train, test_],
  x: { low: 0, high: 2, log: false },
  y: { low: 0.01, high: 1, log: true },
  xLabel: "epoch",
  yLabel: "loss",
};

describe("the figure of lines", () => {
  const { traces, layout, series } = linesFigure(plot);

  test("has the lines' names, colours and dashes", () => {
    const looks = traces.map(({ name, line }) => [name, line.color, line.width, line.dash]);
    assert.deepEqual(looks, [
      ["train", "#111111", 1.5, "solid"],
      ["test", "#6440d9", 1.5, "5px,3px"],
    ]);
  });

  test("has titled axes; the range of a logarithmic one is of exponents", () => {
    assert.deepEqual([layout["xaxis"].title.text, layout["yaxis"].title.text], ["epoch", "loss"]);
    assert.deepEqual(layout["xaxis"].range, [0, 2]);
    assert.equal(layout["yaxis"].type, "log");
    assert.deepEqual(layout["yaxis"].range, [-2, 0]);
  });

  test("gives every number as a table, and a cell without a number is empty", () => {
    assert.equal(
      tableOf(series),
      "series,epoch,loss\r\ntrain,0,1\r\ntrain,1,0.5\r\ntrain,2,0.25\r\ntest,0,1\r\ntest,1,0.75\r\ntest,2,\r\n",
    );
  });

  test("fills a band, which the table has as two columns", () => {
    const band = { low: Float64Array.of(0, 0, 0), high: Float64Array.of(2, 2, 2) };
    const figure = linesFigure({ ...plot, lines: [{ ...train, band }] });
    assert.deepEqual(
      figure.traces.map(({ fill, showlegend }) => [fill, showlegend]),
      [
        [undefined, false],
        ["tonexty", false],
        [undefined, undefined],
      ],
    );
    assert.deepEqual(Object.keys(present(figure.series[0]).columns), [
      "epoch",
      "loss",
      "loss, least",
      "loss, greatest",
    ]);
  });

  test("draws a guide, and neither reads nor keeps it", () => {
    const figure = linesFigure({ ...plot, lines: [{ ...train, name: "2/η", guide: true }] });
    assert.equal(figure.traces[0]?.["hoverinfo"], "skip");
    assert.deepEqual(figure.series, []);
  });

  test("shows names as they stand: nobody's title becomes a link or a style", () => {
    const named = { ...train, name: '<a href="https://elsewhere">η</a> & b' };
    const [trace] = linesFigure({ ...plot, lines: [named] }).traces;
    assert.equal(trace?.["name"], '&lt;a href="https://elsewhere"&gt;η&lt;/a&gt; &amp; b');
    assert.equal(plain("a < b"), "a &lt; b");
  });
});

describe("a table", () => {
  test("quotes what would be read as several cells", () => {
    const series = [{ name: 'η 0.1, "batch" 2', columns: { step: [1] } }];
    assert.equal(tableOf(series), 'series,step\r\n"η 0.1, ""batch"" 2",1\r\n');
  });

  test("has an empty cell where a series lacks a column", () => {
    /** @type {Series[]} */
    const series = [
      { name: "surface", columns: { x: [1], loss: [3] } },
      { name: "path", columns: { x: [2], loss: [4], step: [5] } },
    ];
    assert.equal(tableOf(series), "series,x,loss,step\r\nsurface,1,3,\r\npath,2,4,5\r\n");
  });
});

describe("thinning to what the screen shows", () => {
  const count = 10_000;
  const x = Float64Array.from({ length: count }, (_, at) => at);
  const y = Float64Array.from(x, (at) => (at === 7777 ? 9 : Math.sin(at)));
  const long = [{ type: "scatter", name: "batch", x, y }];

  test("keeps a spike and the ends in about four points a pixel", () => {
    const [trace] = thinnedTraces(long, { low: 0, high: count - 1, log: false }, 200);
    const kept = present(trace);
    assert.ok(kept["x"].length <= 4 * 202);
    assert.ok(Array.from(kept["y"]).includes(9));
    assert.deepEqual([kept["x"][0], kept["x"].at(-1)], [0, count - 1]);
  });

  test("keeps every point of a range that is zoomed into", () => {
    const [trace] = thinnedTraces(long, { low: 5000, high: 5050, log: false }, 200);
    const inside = Array.from(present(trace)["x"]).filter((at) => Number(at) >= 5000 && Number(at) <= 5050);
    assert.equal(inside.length, 51);
  });

  test("leaves short lines, lines that turn back and surfaces as they are", () => {
    const back = { type: "scatter", x: Float64Array.from(x).reverse(), y };
    const surface = { type: "surface", x, y };
    const short = { type: "scatter", x: x.subarray(0, 10), y: y.subarray(0, 10) };
    const traces = [back, surface, short];
    assert.deepEqual(thinnedTraces(traces, { low: 0, high: count, log: false }, 200), traces);
  });

  test("ends where a place is no number", () => {
    const places = Float64Array.of(NaN, NaN, 1);
    assert.deepEqual(
      thinned(places, Float64Array.of(1, 2, 3), (value) => value),
      [0, 1, 2],
    );
  });
});
