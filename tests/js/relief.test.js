import assert from "node:assert/strict";
import { test } from "node:test";

import { lossAt, lossScale, placesOn, rowsTurned } from "../../static/draw/relief.js";
import { firstFour, nameOf, nothing, patchOf } from "../../static/widgets/variant_patch.js";
import { reliefOf } from "../../static/panels/landscape/model.js";

/** Only what is read here. */
const spiral = () =>
  /** @type {import("../../static/types.d.ts").Experiment} */ (
    /** @type {unknown} */ ({
      network: [
        { kind: "linear", name: "output", inputs: null, units: null, initializer: { kind: "xavier" } },
      ],
      training: {
        updates: [
          {
            nodes: "*",
            optimizer: { kind: "adam", learning_rate: 0.01 },
            schedule: { kind: "constant" },
            every: 1,
          },
        ],
        batch_size: 10,
      },
    })
  );

const relief = {
  x: [-1, 0, 1],
  y: [-2, 0, 2],
  losses: [4, 2, 4, 2, 1, 2, 4, 2, 4],
  paths: [{ places: [1, 2, 0, 0], losses: [8, 1] }],
};

test("a path's losses share the scale of the landscape, so that equal colours are equal losses", () => {
  const { shares, ofPaths, heightAt } = lossScale(relief);
  assert.equal(shares.length, 9);
  assert.equal(ofPaths[0]?.length, 2);
  assert.ok(Math.abs((ofPaths[0]?.[0] ?? 0) - 1) < 1e-6, "the greatest of all is the path's");
  assert.equal(ofPaths[0]?.[1], shares[4]);
  assert.ok(Math.abs(heightAt(shares[0] ?? 0) - 4) < 1e-3);
});

test("places go to pixels and back, the second axis upwards", () => {
  const { toX, toY, fromX, fromY, box } = placesOn(400, 300, relief);
  assert.equal(toX(-1), box.left);
  assert.equal(toY(2), box.top);
  assert.ok(toY(1) < toY(0));
  assert.ok(Math.abs(fromX(toX(0.3)) - 0.3) < 1e-9);
  assert.ok(Math.abs(fromY(toY(-1.2)) + 1.2) < 1e-9);
});

test("the loss under a pointer is the nearest grid point's, and none beyond the grid", () => {
  assert.equal(lossAt({ ...relief, axes: ["", ""] }, 0.1, -0.4), 1);
  assert.equal(lossAt({ ...relief, axes: ["", ""] }, 1, 2), 4);
  assert.ok(Number.isNaN(lossAt({ ...relief, axes: ["", ""] }, 3, 0)));
});

test("where the network is, stands at its own loss, not at the nearest grid point's", () => {
  const floats = (/** @type {number[]} */ ...values) => ({
    shape: [values.length],
    data: Float32Array.from(values),
  });
  /** @type {[string, import("../../static/types.d.ts").NamedArray][]} */
  const arrays = [
    ["x", floats(-2, 0.5)],
    ["y", floats(-1, 1)],
    ["losses", { shape: [2, 2], data: Float32Array.of(5, 6, 7, 8) }],
    ["centre", floats(0.25)],
  ];
  assert.deepEqual(reliefOf({ metadata: {}, arrays: new Map(arrays) }, "path").marks, [
    { x: 0, y: 0, text: "here", loss: 0.25 },
  ]);
  assert.deepEqual(reliefOf({ metadata: {}, arrays: new Map(arrays.slice(0, 3)) }, "path").marks, [
    { x: 0, y: 0, text: "here" },
  ]);
});

test("rows are turned for pictures that begin at the top", () => {
  assert.deepEqual([...rowsTurned(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3)], [5, 6, 3, 4, 1, 2]);
});

test("choices become a patch that changes only what was chosen", () => {
  const experiment = spiral();
  assert.deepEqual(patchOf(nothing(), experiment), []);
  assert.deepEqual(patchOf({ ...nothing(), rate: 0.5, batch: 32 }, experiment), [
    { op: "replace", path: "/training/updates/0/optimizer/learning_rate", value: 0.5 },
    { op: "replace", path: "/training/batch_size", value: 32 },
  ]);
  assert.deepEqual(patchOf({ ...nothing(), optimizer: "sgd", rate: 0.1 }, experiment), [
    { op: "replace", path: "/training/updates/0/optimizer", value: { kind: "sgd", learning_rate: 0.1 } },
  ]);
  const inside = {
    ...experiment,
    network: /** @type {any} */ ([
      { kind: "residual", body: [{ kind: "linear", initializer: { kind: "xavier" } }] },
    ]),
  };
  assert.deepEqual(patchOf({ ...nothing(), initializer: "he" }, inside), [
    { op: "replace", path: "/network/0/body/0/initializer", value: { kind: "he" } },
  ]);
});

test("lanes are called by what they change", () => {
  const find = (/** @type {string} */ _family, /** @type {string} */ kind) =>
    /** @type {any} */ ({ label: kind.toUpperCase() });
  assert.equal(nameOf(nothing(), find), "as it is");
  const example = { name: "without pooling", experiment: spiral() };
  assert.equal(nameOf({ ...nothing(), example }, find), "without pooling");
  assert.deepEqual(
    patchOf({ ...nothing(), example, rate: 0.5 }, spiral()).map(({ path }) => path),
    ["/network", "/task", "/training/updates", "/training/updates/0/optimizer/learning_rate"],
  );
  assert.equal(nameOf({ ...nothing(), optimizer: "sgd", rate: 0.1, batch: 8 }, find), "SGD, η 0.1, batch 8");
  const four = firstFour(spiral());
  assert.equal(four.length, 4);
  assert.equal(new Set(four.map((choices) => nameOf(choices, find))).size, 4);
});
