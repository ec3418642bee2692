import assert from "node:assert/strict";
import { test } from "node:test";

import { bodyOf } from "../../../static/panels/prediction/figure.js";

const LIMBS = [
  { upper: 0, lower: 1, leg: true },
  { upper: 2, lower: 3, leg: false },
];

/** @param {[number, number] | undefined} place */
const rounded = (place) => place?.map((value) => Math.round(1000 * value) / 1000 + 0);

test("a body whose angles are all zero hangs straight down from hip and shoulder", () => {
  const { limbs, head } = bodyOf(() => 0, LIMBS);
  assert.deepEqual(limbs[0]?.map(rounded), [[0, 0], [0, 1], [0, 2]]); // prettier-ignore
  assert.deepEqual(limbs[1]?.map(rounded), [[0, -1.5], [0, -0.75], [0, -0.05]]); // prettier-ignore
  assert.ok((head[1] ?? 0) < -1.5);
});

test("a hip goes forward, its knee bends backward, and an elbow forward", () => {
  const angles = [Math.PI / 2, Math.PI / 2, 0, Math.PI / 2];
  const { limbs } = bodyOf((channel) => angles[channel] ?? 0, LIMBS);
  assert.deepEqual(limbs[0]?.map(rounded), [[0, 0], [1, 0], [1, 1]]); // prettier-ignore
  assert.deepEqual(limbs[1]?.map(rounded), [[0, -1.5], [0, -0.75], [0.7, -0.75]]); // prettier-ignore
});
