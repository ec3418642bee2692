import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { recentRuns } from "../../../static/page/home.js";
import { entryOf } from "../../../static/page/runs.js";

/** @param {object} [more] @returns {any} */
const run = (more = {}) => ({
  id: "a",
  number: 12,
  title: "Mine",
  data: "Spiral",
  network: "2-8-1 tanh",
  state: "training",
  step: 1250,
  loss: 0.03123,
  created: 1000,
  ...more,
});

describe("an entry of the runs", () => {
  test("has the data, the network, how it stands and when it was started", () => {
    assert.deepEqual(entryOf(run(), 1180), {
      title: "Mine",
      facts: ["Spiral · 2-8-1 tanh", "training · step 1,250 · 3 min ago"],
    });
  });

  test("does not say again what the title says", () => {
    assert.deepEqual(entryOf(run({ title: "Spiral, 2-8-1 tanh" }), 1002).facts, [
      "training · step 1,250 · just now",
    ]);
    assert.equal(entryOf(run({ title: "Spiral, my own" }), 1002).facts[0], "2-8-1 tanh");
  });
});

describe("the row of recent runs", () => {
  test("has the newest four besides the one that is shown, with a loss or a step", () => {
    const runs = ["a", "b", "c", "d", "e", "f"].map((id) => run({ id, loss: id === "c" ? null : 0.03123 }));
    const told = recentRuns(runs, "b", 1000 + 86_400 * 3);
    assert.deepEqual(
      told.map(({ id, facts }) => [id, facts]),
      [
        ["a", "Spiral · loss 0.0312 · 3 days ago"],
        ["c", "Spiral · step 1,250 · 3 days ago"],
        ["d", "Spiral · loss 0.0312 · 3 days ago"],
        ["e", "Spiral · loss 0.0312 · 3 days ago"],
      ],
    );
  });

  test("leaves out what cannot be read", () => {
    assert.deepEqual(recentRuns([run({ state: "damaged" })], null, 1000), []);
  });
});
