import assert from "node:assert/strict";
import { test } from "node:test";

import { summaryOf } from "../../static/widgets/link_question.js";

/** @type {any} */
const CATALOG = { datasets: [{ kind: "xor", label: "Exclusive or" }] };

test("what a link holds is told in words", () => {
  /** @type {any} */
  const experiment = {
    title: "From a link",
    data: { kind: "xor", samples: 500 },
    network: [{ name: "linear1", kind: "linear" }, { kind: "tanh" }],
    training: { epochs: 300, batch_size: 10 },
  };
  assert.deepEqual(summaryOf(experiment, CATALOG), {
    title: "From a link",
    facts: [
      ["Data", "Exclusive or, 500 samples"],
      ["Network", "2 nodes: linear 1, tanh"],
      ["Training", "300 epochs, batches of 10"],
    ],
  });
});

test("a link may hold anything, and what it does not say is not told", () => {
  for (const held of [
    null,
    7,
    "text",
    [],
    {},
    { title: 5, data: "no", network: {}, training: null },
    { network: [null, 3, {}] },
  ]) {
    const { title } = summaryOf(/** @type {any} */ (held), CATALOG);
    assert.equal(title, "An experiment without a title");
  }
  const long = summaryOf(
    /** @type {any} */ ({ title: "x".repeat(10_000), network: Array(1000).fill({ name: "n" }) }),
    CATALOG,
  );
  assert.ok(long.title.length < 200);
  assert.match(long.facts[0]?.[1] ?? "", /^1,000 nodes: (n, ){8}and 992 more$/);
});
