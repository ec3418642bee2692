import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Column, POINTS, Series } from "../../../static/run/series.js";
import { list, present, rows, settled } from "../support.js";

/** @import { Frame } from "../../../static/types.d.ts" */

/**
 * A journal of losses by row, as the server keeps it, and a series that reads it.
 *
 * @param {number[]} [steps] of the journal's rows @param {number} [most] rows in one answer
 */
function journal(steps = [], most = 10_000) {
  /** @type {number[]} */
  const asked = [];
  let changes = 0;
  let broken = false;
  /** @type {((answer: () => void) => void) | null} */
  let later = null;
  /** @param {number} from @returns {Frame} */
  const answer = (from) => {
    const part = steps.slice(from, from + most);
    return rows({ next: from + part.length }, { step: part, loss: part.map((step) => step / 8) });
  };
  const series = new Series(
    (from) => {
      asked.push(from);
      if (broken) return Promise.reject(new Error("no connection"));
      const held = later;
      if (!held) return Promise.resolve(answer(from));
      return new Promise((resolve) => held(() => resolve(answer(from))));
    },
    () => changes++,
  );
  return {
    series,
    steps,
    asked,
    changes: () => changes,
    /** @param {boolean} value */
    breakConnection: (value) => (broken = value),
    /** @param {((answer: () => void) => void) | null} value called with what answers a fetch */
    holdAnswers: (value) => (later = value),
  };
}

/** @param {number} seq @param {number[]} steps */
const frame = (seq, steps) => rows({ seq }, { step: steps, loss: steps.map((step) => step / 8) });

describe("a column of numbers", () => {
  test("keeps every number as it grows", () => {
    const column = new Column();
    for (let value = 0; value < 1000; value++) column.push(value / 2);
    assert.equal(column.length, 1000);
    assert.deepEqual(
      list(column.values),
      Array.from({ length: 1000 }, (_, value) => value / 2),
    );
    assert.equal(column.last, 499.5);
  });

  test("has NaN for its last number while it is empty", () => {
    assert.deepEqual([new Column().last, new Column().values.length], [NaN, 0]);
  });
});

describe("rows that arrive", () => {
  test("are appended in order, each once, and said to have come", () => {
    const { series, changes, asked } = journal();
    series.take(frame(0, [0, 10]));
    series.take(frame(2, [20]));
    assert.deepEqual(list(series.values("step")), [0, 10, 20]);
    assert.deepEqual(list(series.values("loss")), [0, 1.25, 2.5]);
    assert.deepEqual([series.length, series.next, changes(), asked.length], [3, 3, 2, 0]);
  });

  test("are passed over where they are here already", () => {
    const { series, changes } = journal();
    series.take(frame(0, [0, 10, 20]));
    series.take(frame(0, [0, 10, 20]));
    series.take(frame(1, [10, 20]));
    assert.equal(changes(), 1);
    series.take(frame(2, [20, 30]));
    assert.deepEqual(list(series.values("step")), [0, 10, 20, 30]);
    assert.deepEqual(list(series.values("loss")), [0, 1.25, 2.5, 3.75]);
    assert.equal(changes(), 2);
  });

  test("change nothing where there are none", () => {
    const { series, changes } = journal();
    series.take(frame(0, []));
    series.take(rows({ seq: 0 }, {}));
    assert.deepEqual([series.length, series.next, changes()], [0, 0, 0]);
  });

  test("keep NaN and infinities as they are", () => {
    const { series } = journal();
    series.take(rows({ seq: 0 }, { step: [0, 1, 2, 3], loss: [0.5, NaN, Infinity, -Infinity] }));
    assert.deepEqual(list(series.values("loss")), [0.5, NaN, Infinity, -Infinity]);
  });

  test("say nothing of a series before it began, and nothing after it ended", () => {
    const { series } = journal();
    series.take(rows({ seq: 0 }, { step: [0, 1], old: [5, 6] }));
    series.take(rows({ seq: 2 }, { step: [2], fresh: [7] }));
    assert.deepEqual(list(series.values("old")), [5, 6, NaN]);
    assert.deepEqual(list(series.values("fresh")), [NaN, NaN, 7]);
  });

  test("give an empty column for a name nobody sent", () => {
    const { series } = journal();
    assert.deepEqual([series.values("nothing").length, series.earlier("nothing").length], [0, 0]);
  });
});

describe("rows that are missing between", () => {
  test("are fetched before the later ones are shown", async () => {
    const { series, asked } = journal([0, 10, 20, 30]);
    series.take(frame(0, [0]));
    series.take(frame(3, [30]));
    assert.equal(series.length, 1);
    await settled();
    assert.deepEqual(list(series.values("step")), [0, 10, 20, 30]);
    assert.equal(asked[0], 1);
  });

  test("are fetched by as many answers as it takes", async () => {
    const { series, asked } = journal([0, 1, 2, 3, 4, 5, 6], 3);
    await series.fill();
    assert.deepEqual(list(series.values("step")), [0, 1, 2, 3, 4, 5, 6]);
    assert.deepEqual(asked, [0, 3, 6, 7]);
  });

  test("wait behind what arrives meanwhile, which is sorted in once", async () => {
    const { series, steps, holdAnswers } = journal([0, 10, 20]);
    /** @type {(() => void)[]} */
    const answers = [];
    holdAnswers((answer) => answers.push(answer));
    const filling = series.fill();
    series.take(frame(4, [40]));
    series.take(frame(3, [30]));
    series.take(frame(1, [10, 20]));
    assert.equal(series.length, 0);
    assert.equal(answers.length, 1, "one fetch at a time");
    steps.push(30);
    holdAnswers(null);
    present(answers[0])();
    await filling;
    assert.deepEqual(list(series.values("step")), [0, 10, 20, 30, 40]);
    assert.equal(series.next, 5);
  });

  test("are asked for again after a fetch that failed", async () => {
    const { series, breakConnection } = journal([0, 10, 20, 30]);
    series.take(frame(0, [0]));
    breakConnection(true);
    series.take(frame(2, [20]));
    await settled();
    assert.deepEqual(list(series.values("step")), [0]);
    breakConnection(false);
    series.take(frame(3, [30]));
    await settled();
    assert.deepEqual(list(series.values("step")), [0, 10, 20, 30]);
  });

  test("that the journal does not have either leave no hole and no loop", async () => {
    const { series, asked } = journal([0]);
    series.take(frame(5, [50]));
    await settled();
    assert.deepEqual(list(series.values("step")), [0]);
    assert.ok(asked.length < 5);
  });
});

describe("lives", () => {
  test("begin where the step falls back, and keep the rows before apart", () => {
    const { series } = journal();
    series.take(frame(0, [0, 10, 20]));
    series.take(frame(3, [0, 10]));
    assert.deepEqual(list(series.values("step")), [0, 10]);
    assert.deepEqual(list(series.earlier("step")), [0, 10, 20]);
    assert.deepEqual(list(series.earlier("loss")), [0, 1.25, 2.5]);
    assert.equal(series.length, 5);
  });

  test("may begin in the middle of a frame", () => {
    const { series } = journal();
    series.take(frame(0, [0, 10, 20, 0, 5]));
    assert.deepEqual(list(series.values("step")), [0, 5]);
  });

  test("begin at the right row of a frame that is half known", () => {
    const { series } = journal();
    series.take(frame(0, [0, 10, 20]));
    series.take(frame(1, [10, 20, 0, 5]));
    assert.deepEqual(list(series.values("step")), [0, 5]);
    assert.deepEqual(list(series.earlier("step")), [0, 10, 20]);
  });

  test("do not begin where a step comes twice: epochs may end at one", () => {
    const { series } = journal();
    series.take(frame(0, [0, 10, 10]));
    assert.equal(series.values("step").length, 3);
  });

  test("the last of several counts; all others are earlier", () => {
    const { series } = journal();
    series.take(frame(0, [0, 1, 0, 1, 0]));
    assert.deepEqual(list(series.values("step")), [0]);
    assert.deepEqual(list(series.earlier("step")), [0, 1, 0, 1]);
  });
});

test("rows asked for while others are on their way are asked for again", async () => {
  const { series, steps, asked, holdAnswers } = journal([0, 10]);
  /** @type {(() => void)[]} */
  const answers = [];
  holdAnswers((answer) => answers.push(answer));
  const filled = series.fill();
  answers.shift()?.();
  await settled();
  answers.shift()?.(); // nothing more in the journal; the answer is on its way when more is written
  steps.push(20, 30);
  void series.fill();
  await settled();
  holdAnswers(null);
  answers.shift()?.();
  await filled;
  assert.deepEqual(list(series.values("step")), [0, 10, 20, 30]);
  assert.deepEqual(asked, [0, 2, 2, 4]);
});

describe("rows that were thinned", () => {
  test("come with their numbers, and live ones follow without a hole", async () => {
    let asked = 0;
    const series = new Series(
      (from, points) => {
        asked = points ?? 0;
        return Promise.resolve(
          rows(
            { seq: from, next: 90 },
            from < 90 ? { seq: [0, 40, 41, 89], step: [0, 400, 410, 890], loss: [4, 1, 3, 2] } : {},
          ),
        );
      },
      () => {},
    );
    await series.fill();
    series.take(frame(88, [880, 890, 900]));
    assert.equal(asked, POINTS);
    assert.deepEqual(list(series.values("step")), [0, 400, 410, 890, 900]);
    assert.deepEqual(list(series.numbers.values), [0, 40, 41, 89, 90]);
    assert.deepEqual([series.next, series.columns.has("seq")], [91, false]);
  });

  test("are fewer here as well once a page has been open for long, and no spike is lost", () => {
    const { series } = journal();
    const spikes = new Map([
      [123, 1e6],
      [70_000, -1e6],
      [199_990, 5e5],
    ]);
    for (let first = 0; first < 200_000; first += 1000) {
      const steps = Array.from({ length: 1000 }, (_, row) => (first + row) % 90_000);
      series.take(
        rows({ seq: first }, { step: steps, loss: steps.map((_, row) => spikes.get(first + row) ?? 1) }),
      );
    }
    assert.ok(series.length <= 40_000, `${series.length} rows`);
    assert.equal(series.next, 200_000);
    const [loss, numbers] = [series.columns.get("loss")?.values ?? [], list(series.numbers.values)];
    for (const [number, value] of spikes) assert.equal(loss[numbers.indexOf(number)], value);
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
    );
    assert.deepEqual(
      numbers.slice(-10_000),
      Array.from({ length: 10_000 }, (_, row) => 190_000 + row),
      "the newest are whole",
    );
    assert.deepEqual([series.values("step")[0], series.values("step").at(-1)], [0, 19_999]);
    assert.equal(numbers[series.start], 180_000, "the present life begins where it began");
  });
});
