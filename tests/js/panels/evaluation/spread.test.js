/** The band of replicas around the curves: the range of all, and their median. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { linesFigure } from "../../../../static/draw/figure.js";
import { piecesOf } from "../../../../static/draw/plot.js";
import {
  edgesOf,
  noteOf,
  spreadOf,
  spreadWords,
  withSpread,
} from "../../../../static/panels/evaluation/spread.js";

const COLUMNS = new Map(
  Object.entries({
    test_loss: [3, 2],
    "test_loss.low": [2, 1],
    "test_loss.median": [3, 1.5],
    "test_loss.high": [5, 4],
  }).map(([name, values]) => [name, Float64Array.from(values)]),
);
const column = (/** @type {string} */ name) => COLUMNS.get(name) ?? new Float64Array();

const LINE = {
  name: "test",
  x: Float64Array.of(0, 1),
  y: column("test_loss"),
  color: "red",
  width: 1.5,
  dash: [5, 3],
};

test("a curve of several replicas has their median with the range as its band behind it", () => {
  const [median, own] = withSpread(LINE, spreadOf(column, "test_loss"));
  assert.equal(own, LINE);
  assert.equal(median?.name, "test, median");
  assert.deepEqual([...(median?.y ?? [])], [3, 1.5]);
  assert.deepEqual([...(median?.band?.low ?? [])], [2, 1]);
  assert.deepEqual([...(median?.band?.high ?? [])], [5, 4]);
  assert.equal(median?.dash, undefined);
});

test("one training alone has neither band nor words", () => {
  assert.equal(spreadOf(column, "train_loss"), null);
  assert.deepEqual(withSpread(LINE, null), [LINE]);
  assert.deepEqual(edgesOf([null]), []);
  assert.equal(noteOf(1), "");
  assert.equal(spreadWords(null, 0, "test", 1), "");
  // An edit from 16 replicas to 1: the rows before it have a spread, those after it have none.
  const spread = { median: Float64Array.of(3, NaN), band: { low: LINE.y, high: LINE.y } };
  for (const [row, replicas] of [
    [1, 16],
    [0, 1],
    [0, NaN],
    [-1, 16],
  ])
    assert.equal(spreadWords(spread, Number(row), "test", Number(replicas)), "");
});

test("the range at a row is told in words", () => {
  const words = spreadWords(spreadOf(column, "test_loss"), 1, "test", 8);
  assert.equal(words, "; of 8 replicas the median of test 1.5, from 1 to 4");
  assert.match(noteOf(8), /range of 8 replicas/);
});

test("a band breaks where its line does, on the page and in the large plot", () => {
  const line = {
    ...LINE,
    band: { low: column("test_loss.low"), high: column("test_loss.high") },
    breaks: [1],
  };
  assert.deepEqual(
    piecesOf(line).map(({ band }) => [...(band?.high ?? [])]),
    [[5], [4]],
  );
  const axis = { low: 0, high: 5, log: false };
  const { traces } = linesFigure({ lines: [line], x: axis, y: axis, xLabel: "epoch", yLabel: "loss" });
  assert.equal(traces.filter(({ fill }) => fill === "tonexty").length, 2);
});
