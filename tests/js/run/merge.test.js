import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { merged } from "../../../static/run/merge.js";
import { chance } from "../support.js";

const a = { name: "a", units: 1 };
const b = { name: "b", units: 2 };
const c = { name: "c", units: 3 };
const d = { name: "d", units: 4 };

describe("two changes of one document", () => {
  test("are both there where they are of different places", () => {
    assert.deepEqual(merged({ x: 1, y: { z: 1 } }, { x: 2, y: { z: 1 } }, { x: 1, y: { z: 3 }, w: 0 }), {
      x: 2,
      y: { z: 3 },
      w: 0,
    });
  });

  test("are settled where they are of one value: mine, unless said otherwise", () => {
    assert.equal(merged({ x: 1 }, { x: 2 }, { x: 3 }).x, 3);
    assert.equal(merged({ x: 1 }, { x: 2 }, { x: 3 }, (theirs) => theirs).x, 2);
  });

  test("one that removes a field, and one that leaves it alone, remove it", () => {
    assert.deepEqual(merged({ x: 1, y: 1 }, { x: 1, y: 2 }, /** @type {any} */ ({ y: 1 })), { y: 2 });
  });

  test("items of another kind are taken whole", () => {
    const item = merged(
      { kind: "sgd", rate: 1 },
      { kind: "sgd", rate: 2 },
      /** @type {any} */ ({ kind: "adam", beta: 3 }),
    );
    assert.deepEqual(item, { kind: "adam", beta: 3 });
  });
});

describe("two changes of a list of named entries", () => {
  test("insert at both their places, and change what they mean", () => {
    assert.deepEqual(merged([a, b], [c, a, b], [a, { ...b, units: 9 }, d]), [c, a, { ...b, units: 9 }, d]);
  });

  test("remove what either removed", () => {
    assert.deepEqual(merged([a, b, c], [a, c], [b, c]), [c]);
  });

  test("keep the order that one of them made", () => {
    assert.deepEqual(merged([a, b, c], [c, a, b], [a, b, d, c]), [c, a, b, d]);
    assert.deepEqual(merged([a, b, c], [a, b, d, c], [c, a, b]), [c, a, b, d]);
  });

  test("lists without names are taken whole", () => {
    assert.deepEqual(merged(["x1"], ["x1", "x2"], ["x1", "x3"]), ["x1", "x3"]);
  });
});

test("where one of both changed nothing, the other's document is what comes of it", () => {
  const random = chance(7);
  const pick = () =>
    [a, b, c, d]
      .filter(() => random() < 0.6)
      .map((each) => (random() < 0.3 ? { ...each, units: 7 } : each))
      .sort(() => random() - 0.5);
  for (let round = 0; round < 300; round++) {
    const [base, other] = [pick(), pick()];
    assert.deepEqual(merged(base, base, other), other);
    assert.deepEqual(merged(base, other, base), other);
  }
});
