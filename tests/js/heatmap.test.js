import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";

import { centredTable, colorize, Strip } from "../../static/draw/heatmap.js";

/** A table whose colours are their own positions. */
const POSITIONS = Uint32Array.from({ length: 256 }, (_, index) => index);

describe("a centred table", () => {
  test("puts zero in the middle and ±size at the ends", () => {
    const table = centredTable(POSITIONS, -2, 2, 2);
    assert.deepEqual([table[0], table[255]], [0, 255]);
    assert.ok(Math.abs((table[127] ?? 0) - 127.5) <= 1 && Math.abs((table[128] ?? 0) - 127.5) <= 1);
  });

  test("keeps zero where it is in a picture that is not centred", () => {
    const table = centredTable(POSITIONS, 0, 1, 1);
    assert.deepEqual([table[0], table[255]], [128, 255]);
    const negative = centredTable(POSITIONS, -1, 0, 1);
    assert.deepEqual([negative[0], negative[255]], [0, 128]);
  });

  test("stays pale where the picture is small beside the size", () => {
    const table = centredTable(POSITIONS, -0.1, 0.1, 1);
    assert.deepEqual([table[0], table[255]], [115, 140]);
  });

  test("ends at its ends where values go beyond the size", () => {
    const table = centredTable(POSITIONS, -10, 10, 1);
    assert.deepEqual([table[0], table[255]], [0, 255]);
  });

  test("never falls as levels rise", () => {
    const table = centredTable(POSITIONS, -0.3, 0.8, 0.9);
    for (let level = 1; level < 256; level++) assert.ok((table[level] ?? 0) >= (table[level - 1] ?? 0));
  });

  test("is neutral for no range, no size and no number", () => {
    for (const [low, high, size] of /** @type {[number, number, number][]} */ ([
      [0, 0, 1],
      [0, 0, 0],
      [-1, 1, 0],
      [NaN, NaN, 1],
      [-Infinity, Infinity, 1],
    ])) {
      const table = centredTable(POSITIONS, low, high, size);
      for (const level of [1, 100, 254]) {
        assert.ok(
          Math.abs((table[level] ?? 0) - 127.5) <= 0.5,
          `${low} to ${high} of ${size}: ${table[level]}`,
        );
      }
    }
  });
});

describe("colouring levels", () => {
  test("writes each level's colour at the offset, and nothing else", () => {
    const image = new Uint32Array(6).fill(999);
    colorize(image, Uint8Array.of(0, 255, 7), POSITIONS, 2);
    assert.deepEqual([...image], [999, 999, 0, 255, 7, 999]);
  });

  test("is refused where there is no room, before a pixel is written", () => {
    const image = new Uint32Array(4);
    assert.throws(
      () => colorize(image, Uint8Array.of(1, 2, 3), POSITIONS, 2),
      /3 levels at 2; expected at most 4 pixels/,
    );
    assert.deepEqual([...image], [0, 0, 0, 0]);
  });
});

describe("a strip of pictures", () => {
  /** @type {{ image: any, x: number, y: number }[]} */
  let puts;
  /** @type {unknown[][]} */
  let drawn;
  let images = 0;

  beforeEach(() => {
    [puts, drawn, images] = [[], [], 0];
    const context = {
      createImageData: (/** @type {number} */ width, /** @type {number} */ height) => {
        images++;
        return { width, height, data: new Uint8ClampedArray(4 * width * height) };
      },
      putImageData: (/** @type {any} */ image, /** @type {number} */ x, /** @type {number} */ y) =>
        puts.push({ image, x, y }),
    };
    const canvas = () => ({ width: 0, height: 0, getContext: () => context });
    Object.defineProperty(globalThis, "document", { value: { createElement: canvas }, configurable: true });
  });
  afterEach(() => Reflect.deleteProperty(globalThis, "document"));

  test("puts all its pictures at once, one below the other", () => {
    const strip = new Strip();
    strip.resize(2, 2, 1);
    strip.color(1, Uint8Array.of(3, 4), POSITIONS);
    strip.color(0, Uint8Array.of(1, 2), POSITIONS);
    assert.equal(puts.length, 0);
    strip.put();
    assert.equal(puts.length, 1);
    assert.deepEqual([...new Uint32Array(puts[0]?.image.data.buffer)], [1, 2, 3, 4]);
    assert.deepEqual([strip.canvas.width, strip.canvas.height], [2, 2]);
  });

  test("makes new room only where the size is another", () => {
    const strip = new Strip();
    strip.resize(2, 2, 1);
    strip.resize(2, 2, 1);
    assert.equal(images, 1);
    strip.resize(3, 2, 1);
    assert.equal(images, 2);
  });

  test("refuses a picture of another size", () => {
    const strip = new Strip();
    strip.resize(1, 2, 2);
    assert.throws(() => strip.color(0, new Uint8Array(3), POSITIONS), /3 levels; expected 2 × 2/);
    assert.throws(() => strip.color(1, new Uint8Array(4), POSITIONS), RangeError);
  });

  test("draws a picture from its place, and none that is not there", () => {
    const strip = new Strip();
    strip.resize(3, 5, 4);
    const context = /** @type {any} */ ({
      drawImage: (/** @type {unknown[]} */ ...given) => drawn.push(given),
    });
    strip.draw(context, 2, 10, 20, 30);
    strip.draw(context, 3, 10, 20, 30);
    assert.deepEqual(drawn, [[strip.canvas, 0, 8, 5, 4, 10, 20, 30, 30]]);
  });
});
