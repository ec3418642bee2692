import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { model } from "../../../../static/panels/sharpness/model.js";
import { present, vectors } from "../../support.js";

describe("the readings of a frame", () => {
  const COLUMNS = { steps: [0, 10], eigenvalue: [10, 18], limit: [20, 20], edge: [40, 20] };

  test("hold the optimizer's own edge where it is known, and compare with it", () => {
    const readings = present(model(vectors(COLUMNS)));
    assert.deepEqual([...readings.edge], [40, 20]);
    assert.equal(readings.summary, "λ 18, edge of stability 20: at it");
    const above = present(model(vectors({ ...COLUMNS, eigenvalue: [10, 21] })));
    assert.match(above.summary, /: beyond it$/);
    const below = present(model(vectors({ ...COLUMNS, eigenvalue: [10, 15] })));
    assert.match(below.summary, /: below it$/);
  });

  test("hold 2/η where the optimizer has an edge that is not known", () => {
    const readings = present(model(vectors({ ...COLUMNS, edge: [NaN, NaN] })));
    assert.deepEqual([...readings.edge], [20, 20]);
    assert.equal(readings.summary, "λ 18, 2/η 20; an adaptive optimizer has another edge");
  });

  test("leave an edge that is far away out of the scale", () => {
    const near = present(model(vectors(COLUMNS))).scales.y;
    const far = present(model(vectors({ ...COLUMNS, edge: [4000, 4000] }))).scales.y;
    assert.ok(near.high >= 40);
    assert.ok(far.high < 40);
  });

  test("have an axis of steps from the first point on", () => {
    const one = { steps: [7], eigenvalue: [1], limit: [2], edge: [2] };
    assert.deepEqual(present(model(vectors(one))).scales.x, { low: 7, high: 8, log: false });
  });

  test("are none before the first point", () => {
    assert.equal(model(vectors({})), null);
  });
});
