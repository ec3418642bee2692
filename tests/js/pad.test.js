import assert from "node:assert/strict";
import { test } from "node:test";

import { base64, frameOf, lightOf, sampleOf } from "../../static/draw/pad.js";

/** @param {number} width @param {number} height @param {(x: number, y: number) => number} value */
function grey(width, height, value) {
  const plane = new Float32Array(width * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) plane[y * width + x] = value(x, y);
  return { width, height, channels: [plane] };
}

test("a drawing of whole cells becomes those cells", () => {
  const light = grey(32, 32, (x, y) => (Math.floor(x / 4) + Math.floor(y / 4)) % 2);
  const found = sampleOf(light, [1, 8, 8], 16, "plain");
  assert.deepEqual(
    found,
    Array.from({ length: 64 }, (_, index) => 16 * (((index % 8) + Math.floor(index / 8)) % 2)),
  );
});

test("a pixel that is covered in part gets that part", () => {
  const light = grey(30, 10, (x) => (x < 5 ? 1 : 0));
  assert.deepEqual(sampleOf(light, [1, 1, 3], 16, "plain"), [8, 0, 0]);
});

test("filled: ink in a corner fills the picture's height, in the middle of its width", () => {
  const light = grey(64, 64, (x, y) => (x >= 2 && x < 4 && y >= 40 && y < 56 ? 1 : 0));
  const found = sampleOf(light, [1, 8, 8], 16, "filled");
  for (let row = 0; row < 8; row++)
    assert.deepEqual(found.slice(8 * row, 8 * row + 8), [0, 0, 0, 8, 8, 0, 0, 0]);
});

test("centred: the ink spans 20 of 28 pixels, and its centre of mass is in the middle", () => {
  // An L: its centre of mass is not the middle of its box.
  const light = grey(100, 100, (x, y) =>
    (x >= 10 && x < 15 && y >= 20 && y < 60) || (x >= 10 && x < 30 && y >= 55 && y < 60) ? 1 : 0,
  );
  const found = sampleOf(light, [1, 28, 28], 255, "centred");
  let [mass, x, y] = [0, 0, 0];
  const rows = new Set();
  found.forEach((value, index) => {
    mass += value;
    x += value * ((index % 28) + 0.5);
    y += value * (Math.floor(index / 28) + 0.5);
    if (value > 127) rows.add(Math.floor(index / 28));
  });
  assert.ok(Math.abs(x / mass - 14) < 0.1, `${x / mass}`);
  assert.ok(Math.abs(y / mass - 14) < 0.1, `${y / mass}`);
  assert.ok(Math.abs(rows.size - 20) <= 1, `${rows.size}`);
});

test("an empty pad is all dark, whatever the style", () => {
  const light = grey(16, 16, () => 0);
  for (const style of /** @type {const} */ (["plain", "filled", "centred"])) {
    assert.deepEqual(sampleOf(light, [1, 4, 4], 255, style), new Array(16).fill(0));
    assert.deepEqual(frameOf(light, 1, style), { left: 0, top: 0, width: 16, height: 16 });
  }
});

test("a canvas is read in colour channel by channel, or in grey by its luma", () => {
  const image = /** @type {ImageData} */ (
    /** @type {unknown} */ ({
      width: 2,
      height: 1,
      data: new Uint8ClampedArray([255, 0, 0, 255, 0, 0, 255, 255]),
    })
  );
  assert.deepEqual(
    lightOf(image, 3).channels.map((plane) => [...plane]),
    [
      [1, 0],
      [0, 0],
      [0, 1],
    ],
  );
  assert.deepEqual(
    [...(lightOf(image, 1).channels[0] ?? [])].map((value) => value.toFixed(3)),
    ["0.299", "0.114"],
  );
  assert.deepEqual(sampleOf(lightOf(image, 3), [3, 1, 2], 255, "plain"), [255, 0, 0, 0, 0, 255]);
});

test("bytes are written in base64", () => {
  const bytes = Array.from({ length: 300 }, (_, index) => index % 256);
  assert.equal(base64(bytes), Buffer.from(bytes).toString("base64"));
});
