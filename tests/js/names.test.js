import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { unitPixels } from "../../static/draw/surface.js";
import { edgeName, nodeName, unitName } from "../../static/network/names.js";

describe("names", () => {
  test("of nodes have their number apart, and no underscores", () => {
    assert.deepEqual(["tanh1", "conv2d12", "max_pool2d1", "output", "stage1.block2.conv1"].map(nodeName), [
      "tanh 1",
      "conv2d 12",
      "max pool2d 1",
      "output",
      "stage 1.block 2.conv 1",
    ]);
  });

  test("of units say their node, of inputs their feature", () => {
    const column = { name: "tanh1", data: false, maps: false, tiled: true };
    assert.equal(unitName(column, 2, []), "tanh 1, unit 3");
    assert.equal(unitName({ ...column, maps: true }, 0, []), "tanh 1, map 1");
    assert.equal(unitName({ ...column, tiled: false }, 0, []), "tanh 1");
    const input = { ...column, name: "input", data: true };
    assert.equal(unitName(input, 1, ["x1", "sin_x2"]), "sin x₂");
    assert.equal(unitName(input, 1, []), "input 2");
    assert.equal(unitName({ ...input, maps: true }, 0, []), "Input");
    assert.equal(edgeName("x₁", "tanh 1, unit 3"), "x₁ → tanh 1, unit 3");
  });
});

test("a unit shown large has its own colours and their ends; one that is not in the frame is none", () => {
  const arrays = new Map([
    ["unit/tanh1", { shape: [2, 1, 2], data: Uint8Array.of(0, 255, 0, 255) }],
    ["unit/tanh1.range", { shape: [2, 2], data: Float32Array.of(-0.5, 0.5, -4, 2) }],
  ]);
  const frame = /** @type {any} */ ({ metadata: {}, arrays });
  const [small, large] = [0, 1].map((unit) => unitPixels(frame, "tanh1", unit, "light"));
  assert.deepEqual([small?.width, small?.height, small?.end, large?.end], [2, 1, 1, 4]);
  assert.notEqual(small?.pixels[0], small?.pixels[1]);
  assert.equal(unitPixels(frame, "tanh1", 2, "light"), null);
  assert.equal(unitPixels(frame, "relu1", 0, "light"), null);
  assert.equal(unitPixels(undefined, "tanh1", 0, "light"), null);
});
