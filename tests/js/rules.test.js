import assert from "node:assert/strict";
import { test } from "node:test";

import { RULES } from "../../static/labs/rules.js";

test("the rules at a ReLU are those of the papers", () => {
  const seen = [1, -1, 1, -1];
  const signals = [2, 2, -2, -2];
  const found = Object.fromEntries(
    RULES.map(({ name, rule }) => [name, signals.map((signal, at) => rule(signal, seen[at] ?? 0))]),
  );
  assert.deepEqual(found, { saliency: [2, 0, -2, 0], deconvnet: [2, 2, 0, 0], guided: [2, 0, 0, 0] });
});
