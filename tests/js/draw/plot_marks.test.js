import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { linesFigure } from "../../../static/draw/figure.js";
import { marksNear, placeMarks } from "../../../static/draw/plot_marks.js";

/** @param {[number, string][]} marks */
const marksAt = (marks) => marks.map(([x, short]) => ({ x, short, long: `long ${short}` }));

const ROOM = { left: 0, right: 200 };

/** @param {[number, string][]} marks */
function placed(marks) {
  const found = placeMarks(
    marksAt(marks),
    (x) => x,
    ROOM,
    (text) => 6 * text.length,
  );
  return found.map(({ at, text, left }) => [at, text, left]);
}

describe("marks on a plot", () => {
  test("have their labels right of them where there is room", () => {
    assert.deepEqual(
      placed([
        [10, "+1 unit"],
        [100, "η 0.02"],
      ]),
      [
        [10, "+1 unit", false],
        [100, "η 0.02", false],
      ],
    );
  });

  test("at the right edge have them on the left", () => {
    assert.deepEqual(placed([[190, "+1 unit"]]), [[190, "+1 unit", true]]);
  });

  test("that fall together are one, with the last's label and how many more there are", () => {
    assert.deepEqual(
      placed([
        [50, "seed 1"],
        [51, "seed 2"],
        [53, "seed 3"],
      ]),
      [[50, "seed 3 +2", false]],
    );
  });

  test("that are many keep labels that do not overlap, the newest first", () => {
    const found = placed(Array.from({ length: 30 }, (_, index) => [6 * index, `edit ${index}`]));
    assert.equal(found.length, 30);
    const labelled = found.flatMap(([at, text, left]) =>
      text === null
        ? []
        : [
            left
              ? [Number(at) - 3 - 6 * String(text).length, Number(at) - 3]
              : [Number(at) + 3, Number(at) + 3 + 6 * String(text).length],
          ],
    );
    assert.ok(labelled.length >= 3);
    labelled.slice(1).forEach(([from = 0], index) => assert.ok(from >= (labelled[index]?.[1] ?? 0)));
    assert.equal(found.at(-1)?.[1], "edit 29");
  });

  test("are told in full to a pointer that is near", () => {
    const marks = marksAt([
      [50, "a"],
      [52, "b"],
      [120, "c"],
    ]);
    const near = (/** @type {number} */ at) => marksNear(marks, (x) => x, at).map(({ long }) => long);
    assert.deepEqual([near(48), near(80), near(121)], [["long a", "long b"], [], ["long c"]]);
  });

  test("are in the plot opened large, with all that happened under the pointer", () => {
    const { traces, layout } = linesFigure({
      lines: [],
      x: { low: 0, high: 10, log: false },
      y: { low: 0, high: 1, log: false },
      xLabel: "epoch",
      yLabel: "loss",
      marks: marksAt([[4, "+1 <unit>"]]),
    });
    assert.deepEqual(
      [list(traces[0]?.x), traces[0]?.["text"], traces[0]?.["customdata"]],
      [[4], ["+1 &lt;unit&gt;"], ["long +1 &lt;unit&gt;"]],
    );
    assert.deepEqual([layout["shapes"].length, layout["shapes"][0].x0], [1, 4]);
  });
});

/** @param {ArrayLike<number>} numbers */
function list(numbers) {
  return Array.from(numbers);
}
