import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { askedFor, queryOf, reordered, rowOf, wantedBy } from "../../../static/site/runs/model.js";

const RUN = {
  id: "a1",
  number: 7,
  title: "Spiral, mine",
  data: "Spiral",
  network: "2-8-8-1 tanh",
  state: /** @type {const} */ ("paused"),
  reason: null,
  step: 1250,
  loss: 0.03125,
  created: 1_000,
};

describe("what is wanted of the list of runs", () => {
  test("is what its address says, and goes back into it", () => {
    for (const query of ["", "?text=spiral+tanh&state=Waiting&order=loss&ascending=&page=3"])
      assert.equal(queryOf(wantedBy(query)), query);
  });

  test("is as at first where the address says what cannot be", () => {
    assert.deepEqual(wantedBy("?state=asleep&order=colour&page=-4"), wantedBy(""));
    assert.deepEqual(wantedBy("?page=x"), wantedBy(""));
  });

  test("is asked of the server with the states that a choice stands for", () => {
    const asked = askedFor(wantedBy("?text=spiral&state=Waiting&page=3"));
    assert.deepEqual(asked.getAll("state"), ["queued", "starting"]);
    assert.equal(asked.get("offset"), "100");
    assert.equal(asked.get("descending"), "true");
  });

  test("is ordered by another column from its first page on, and the other way round by the same", () => {
    const wanted = wantedBy("?page=3");
    const byLoss = reordered(wanted, "loss");
    assert.deepEqual([byLoss.order, byLoss.descending, byLoss.page], ["loss", false, 0]);
    assert.equal(reordered(byLoss, "loss").descending, true);
    assert.equal(reordered(wanted, "step").descending, true);
  });
});

describe("a run in the list", () => {
  test("says of data and network what its title does not", () => {
    const row = rowOf(RUN, 1_000 + 3 * 60);
    assert.equal(row.facts, "2-8-8-1 tanh");
    assert.deepEqual([row.step, row.loss, row.created], ["1,250", "0.0313", "3 min ago"]);
    assert.equal(rowOf({ ...RUN, title: "Mine" }, 1_000).facts, "Spiral · 2-8-8-1 tanh");
  });

  test("says what is wrong with it, and has no loss before there is one", () => {
    const damaged = {
      ...RUN,
      state: /** @type {const} */ ("damaged"),
      reason: { detail: "no journal" },
      loss: null,
    };
    assert.deepEqual([rowOf(damaged, 1_000).facts, rowOf(damaged, 1_000).loss], ["no journal", "–"]);
  });
});
