import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { extent, niceStep, scaleFor, shareOf, ticks, valueOf } from "../../static/draw/ticks.js";
import { chance, present } from "./support.js";

const LINEAR = { low: 0, high: 10, log: false };
const LOG = { low: 1e-4, high: 10, log: true };

describe("scales", () => {
  test("map their ends to 0 and 1", () => {
    for (const scale of [LINEAR, LOG, { low: -3, high: -1, log: false }]) {
      assert.ok(Math.abs(shareOf(scale, scale.low)) < 1e-12);
      assert.ok(Math.abs(shareOf(scale, scale.high) - 1) < 1e-12);
    }
    assert.equal(shareOf(LINEAR, 2.5), 0.25);
    assert.ok(Math.abs(shareOf(LOG, 1e-3) - 0.2) < 1e-12);
  });

  test("are undone by their inverse", () => {
    for (const scale of [LINEAR, LOG]) {
      for (const share of [0, 0.123, 0.5, 1])
        assert.ok(Math.abs(shareOf(scale, valueOf(scale, share)) - share) < 1e-12);
    }
  });

  test("hold their values with a little air", () => {
    const { low, high } = scaleFor([2, 4], false);
    assert.ok(low < 2 && low > 1.5 && high > 4 && high < 4.5);
  });

  test("start at zero where that is wanted, unless values are below", () => {
    assert.equal(scaleFor([2, 4], false, true).low, 0);
    assert.ok(scaleFor([-2, 4], false, true).low < -2);
  });

  test("have room where all values are one, zero included", () => {
    for (const value of [0, 5, -5, 1e-9]) {
      for (const fromZero of [false, true]) {
        const { low, high } = scaleFor([value, value], false, fromZero);
        assert.ok(low <= value && high >= value && high > low, `${value}: ${low} to ${high}`);
      }
    }
    const { low, high } = scaleFor([0.5, 0.5], true);
    assert.ok(low < 0.5 && high > 0.5);
  });

  test("are there before any value", () => {
    for (const log of [false, true]) {
      const scale = scaleFor(null, log);
      assert.ok(scale.high > scale.low && (!log || scale.low > 0));
    }
  });
});

describe("the extent of columns", () => {
  test("passes over what is not finite", () => {
    assert.deepEqual(
      extent([Float64Array.of(NaN, 3, Infinity), Float64Array.of(-2, -Infinity)], false),
      [-2, 3],
    );
  });

  test("passes over what has no logarithm", () => {
    assert.deepEqual(extent([Float64Array.of(-1, 0, 0.1, 5)], true), [0.1, 5]);
  });

  test("is nothing where there is no number", () => {
    assert.equal(extent([], false), null);
    assert.equal(extent([Float64Array.of(NaN), new Float64Array()], false), null);
    assert.equal(extent([Float64Array.of(0, -1)], true), null);
  });
});

describe("ticks", () => {
  test("step by 1, 2 or 5 times a power of ten", () => {
    const random = chance(3);
    for (let count = 0; count < 500; count++) {
      const range = 10 ** (20 * random() - 10);
      const wanted = 2 + Math.floor(10 * random());
      const step = niceStep(range, wanted);
      const mantissa = step / 10 ** Math.floor(Math.log10(step) + 1e-9);
      assert.ok(
        [1, 2, 5].some((each) => Math.abs(each - mantissa) < 1e-9),
        `${step}`,
      );
      assert.ok(
        range / step <= wanted * 1.76 && range / step >= wanted * 0.66,
        `${range / step} parts for ${wanted}`,
      );
    }
  });

  test("lie inside the scale, at even distances, zero without a sign", () => {
    assert.deepEqual(
      ticks(LINEAR, 5).map(({ value }) => value),
      [0, 2, 4, 6, 8, 10],
    );
    assert.deepEqual(
      ticks({ low: -0.25, high: 0.31, log: false }, 5).map(({ text }) => text),
      ["−0.2", "−0.1", "0", "0.1", "0.2", "0.3"],
    );
    const random = chance(4);
    for (let count = 0; count < 300; count++) {
      const low = (random() - 0.5) * 10 ** (8 * random() - 4);
      const high = low + 10 ** (8 * random() - 4);
      const values = ticks({ low, high, log: false }, 6).map(({ value }) => value);
      const slack = (high - low) * 1e-6;
      assert.ok(values.every((value) => value >= low - slack && value <= high + slack));
      assert.ok(values.length >= 3 && values.length <= 11, `${values.length} ticks`);
      for (const value of values) assert.ok(!Object.is(value, -0));
    }
  });

  test("of a log scale are powers of ten, thinned to the count", () => {
    assert.deepEqual(
      ticks(LOG, 10).map(({ value }) => value),
      [1e-4, 1e-3, 1e-2, 0.1, 1, 10],
    );
    const thin = ticks({ low: 1e-12, high: 1, log: true }, 4).map(({ value }) => value);
    assert.ok(thin.length <= 5 && thin.length >= 3);
    for (const value of thin) assert.ok(Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9);
  });

  test("of a short log scale are 1, 2 and 5 between", () => {
    assert.deepEqual(
      ticks({ low: 0.15, high: 0.9, log: true }, 4).map(({ value }) => value),
      [0.2, 0.5],
    );
    assert.deepEqual(
      ticks({ low: 1, high: 9, log: true }, 4).map(({ value }) => value),
      [1, 2, 5],
    );
  });

  test("are one where the scale has no length", () => {
    assert.deepEqual(ticks({ low: 3, high: 3, log: false }, 5), [{ value: 3, text: "3" }]);
  });

  test("can be told apart by their words, however near to each other", () => {
    for (const [low, high] of /** @type {[number, number][]} */ ([
      [0, 1],
      [0.69312, 0.69319],
      [1e6, 1e6 + 40],
      [12_300, 12_420],
      [-2e-5, 3e-5],
    ])) {
      const words = ticks({ low, high, log: false }, 5).map(({ text }) => text);
      assert.equal(new Set(words).size, words.length, words.join(" "));
    }
    assert.equal(present(ticks(LINEAR, 5)[1]).text, "2");
  });
});
