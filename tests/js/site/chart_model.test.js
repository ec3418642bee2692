import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { plotOf, styleOf, tableOf, valuesAt, wordsOf } from "../../../static/site/reference/chart_model.js";

/** @param {string} name @param {(x: number) => number | null} f */
function line(name, f) {
  const x = Array.from({ length: 101 }, (_, index) => index / 10 - 5);
  return { name, x, y: x.map(f) };
}

/** @param {...ReturnType<typeof line>} lines */
function chart(...lines) {
  const [x, y] = [
    { label: "x", log: false },
    { label: "f(x)", log: false },
  ];
  return { type: /** @type {const} */ ("chart"), title: "Function", x, y, lines };
}

describe("a chart of the reference", () => {
  test("tells its lines apart by colour, style and marker", () => {
    const styles = Array.from({ length: 8 }, (_, index) => styleOf(index));
    for (const part of /** @type {const} */ (["color", "dash", "marker"]))
      assert.equal(new Set(styles.map((style) => String(style[part]))).size, 8, part);
  });

  test("draws a line of one name alike in each part", () => {
    const { lines } = plotOf(chart(line("B", (x) => x)), ["A", "B"]);
    assert.equal(lines[0]?.color, styleOf(1).color);
  });

  test("is not flattened by a few values far beyond all others", () => {
    const { y } = plotOf(chart(line("spike", (x) => (x === 0 ? 1000 : Math.sin(x)))));
    assert.ok(y.high < 3 && y.low > -3, `${y.low} to ${y.high}`);
    const all = plotOf(chart(line("slope", (x) => 100 * x))).y;
    assert.ok(all.low <= -500 && all.high >= 500);
  });

  test("is read off at a place, and says where there is no number", () => {
    const { lines } = plotOf(
      chart(
        line("double", (x) => 2 * x),
        line("gap", (x) => (x > 0 ? 1 : null)),
      ),
    );
    assert.deepEqual(valuesAt(lines, -1.02), ["−2", "–"]);
    assert.deepEqual(valuesAt(lines, 3), ["6", "1"]);
  });

  test("has a table and words for those who do not see it", () => {
    const shown = chart(line("double", (x) => 2 * x));
    const rows = tableOf(shown);
    assert.deepEqual([rows.length, rows[0], rows.at(-1)], [11, ["−5", "−10"], ["5", "10"]]);
    assert.equal(wordsOf(shown), "Function: f(x) over x. double, from −10 to 10.");
  });
});
