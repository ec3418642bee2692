import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { ofLineage, piecesOf } from "../../../static/run/lives.js";
import { Series } from "../../../static/run/series.js";
import { list, rows, settled } from "../support.js";

/** @import { Life } from "../../../static/run/lives.js" */

/** @param {[number, number, number | null, number][]} lives number, step, of, first row */
const known = (lives) =>
  new Map(
    lives.map(([life, step, of, row]) => [
      life,
      /** @type {Life} */ ({ life, step, of, rows: { evaluation: row } }),
    ]),
  );

/** Life 0 of four rows up to step 30, a reset, two rows, and back to step 20 of life 0. */
const STEPS = [0, 10, 20, 30, 0, 10, 20, 40];
const RESET = known([[1, 0, null, 4]]);
const BACK = known([
  [1, 0, null, 4],
  [2, 20, 0, 6],
]);

async function series() {
  const made = new Series(
    async () =>
      rows({ next: String(STEPS.length), seq: "0" }, { step: STEPS, loss: STEPS.map((_, index) => index) }),
    () => {},
  );
  await made.fill();
  await settled();
  return made;
}

describe("the rows that led to where a run stands", () => {
  test("are those since the reset", async () => {
    const made = await series();
    made.follow(piecesOf(RESET, 1, "evaluation"));
    assert.deepEqual(list(made.values("loss")), [4, 5, 6, 7]);
    assert.deepEqual(list(made.earlier("loss")), [0, 1, 2, 3]);
  });

  test("go on from those of the life that was gone back to", async () => {
    const made = await series();
    made.follow(piecesOf(BACK, 2, "evaluation"));
    assert.deepEqual(list(made.values("step")), [0, 10, 20, 20, 40]);
    assert.deepEqual(list(made.values("loss")), [0, 1, 2, 6, 7]);
    assert.deepEqual(list(made.earlier("loss")), [3, 4, 5]);
  });

  test("are told by their steps where the lives are not known", async () => {
    const made = await series();
    made.follow(piecesOf(known([]), 3, "evaluation"));
    assert.deepEqual(list(made.values("loss")), [4, 5, 6, 7]);
  });
});

test("of changes in several lives, those count that led to where the run stands", () => {
  const events = [
    { life: 0, step: 10, name: "a" },
    { life: 0, step: 30, name: "lost" },
    { life: 1, step: 0, name: "reset" },
    { life: 1, step: 10, name: "lost too" },
    { life: 2, step: 20, name: "back" },
  ];
  const names = (/** @type {number} */ life) => ofLineage(events, BACK, life).map(({ name }) => name);
  assert.deepEqual(
    [names(0), names(1), names(2)],
    [
      ["a", "lost"],
      ["reset", "lost too"],
      ["a", "back"],
    ],
  );
});
