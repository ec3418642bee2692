import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  evenNumber,
  duration,
  featureName,
  fullNumber,
  percent,
  roundedTo,
  shapeText,
  shareNumber,
  shortNumber,
  steadyNumber,
  wholeNumber,
  sentenceCase,
} from "../../static/core/format.js";
import { chance } from "./support.js";

describe("a short number", () => {
  /** @type {[number, string][]} */
  const cases = [
    [0, "0"],
    [-0, "0"],
    [1, "1"],
    [0.5, "0.5"],
    [0.1 + 0.2, "0.3"],
    [0.03123, "0.0312"],
    [-0.5, "−0.5"],
    [1e-3, "0.001"],
    [3e-5, "3e-5"],
    [-1.256e-7, "−1.26e-7"],
    [0.00099999, "1e-3"],
    [10, "10"],
    [100, "100"],
    [999, "999"],
    [999.6, "1k"],
    [1000, "1k"],
    [1250, "1.25k"],
    [-12345, "−12.3k"],
    [999_600, "1M"],
    [1e6, "1M"],
    [2.5e9, "2.5G"],
    [1e12, "1T"],
    [999e12, "999T"],
    [1e15, "1e15"],
    [1.256e18, "1.26e18"],
    [-1e300, "−1e300"],
    [NaN, "NaN"],
    [Infinity, "∞"],
    [-Infinity, "−∞"],
  ];
  for (const [value, text] of cases)
    test(`${value} reads ${text}`, () => assert.equal(shortNumber(value), text));

  test("says as many digits as are asked for", () => {
    assert.equal(shortNumber(0.123456, 5), "0.12346");
    assert.equal(shortNumber(123_456, 5), "123.46k");
  });

  test("is never long and never off by more than a digit of three", () => {
    const random = chance(1);
    for (let count = 0; count < 2000; count++) {
      const value = (random() < 0.5 ? -1 : 1) * 10 ** (40 * random() - 20);
      const text = shortNumber(value);
      assert.ok(text.length <= 9, text);
      const scale = { k: 1e3, M: 1e6, G: 1e9, T: 1e12 }[text.at(-1) ?? ""] ?? 1;
      const read = Number(text.replace("−", "-").replace(/[kMGT]$/, "")) * scale;
      assert.ok(Math.abs(read - value) <= 0.00501 * Math.abs(value), `${value} reads ${text}`);
    }
  });
});

describe("a number known in steps", () => {
  /** @type {[number, number, string][]} */
  const cases = [
    [0.0078, 0.15423, "0.15"],
    [0.002, 0.15423, "0.154"],
    [0.0078, -0.0042, "0"],
    [0.0078, 0.0968, "0.1"],
    [40, 12_345, "12.3k"],
    [1000, 150, "0"],
    [0.1, 0, "0"],
    [0, 0.15423, "0.154"],
    [0.1, NaN, "NaN"],
    [0.1, Infinity, "∞"],
  ];
  for (const [step, value, text] of cases)
    test(`${value} in steps of ${step} reads ${text}`, () => assert.equal(roundedTo(step, value), text));
});

describe("a share", () => {
  for (const [share, text] of /** @type {[number, string][]} */ ([
    [0, "0 %"],
    [0.001, "<1 %"],
    [0.954, "95 %"],
    [0.9999, ">99 %"],
    [1, "100 %"],
    [NaN, "–"],
  ])) {
    test(`${share} reads ${text}`, () => assert.equal(percent(share), text));
  }
  for (const [share, samples, text] of /** @type {[number, number, string][]} */ ([
    [0.95, 20, "0.95"],
    [0.5, 4, "0.5"],
    [0.9532, 359, "0.953"],
    [0.9998, 5000, ">0.999"],
    [1, 5000, "1.000"],
    [1, 1, "1.0"],
    [NaN, 20, "NaN"],
  ])) {
    test(`${share} of ${samples} reads ${text}`, () => assert.equal(shareNumber(share, samples), text));
  }
});

describe("a number that stands still", () => {
  /** @type {[number, number, string][]} */
  const cases = [
    [0.5, 3, "0.500"],
    [0, 3, "0.000"],
    [-0.25, 2, "−0.25"],
    [12.3456, 1, "12.3"],
    [0.0004, 3, "4e-4"],
    [-0.0004, 3, "−4e-4"],
    [123_456, 3, "123k"],
    [NaN, 3, "NaN"],
    [Infinity, 3, "∞"],
  ];
  for (const [value, decimals, text] of cases) {
    test(`${value} with ${decimals} decimals reads ${text}`, () =>
      assert.equal(steadyNumber(value, decimals), text));
  }
});

describe("a number that is about as wide whatever its size", () => {
  /** @type {[number, string][]} */
  const cases = [
    [0.0312, "0.031"],
    [2.3151, "2.315"],
    [11.7344, "11.73"],
    [-104.23, "−104.2"],
    [99_999, "99999"],
    [2e-4, "2e-4"],
    [NaN, "NaN"],
    [Infinity, "∞"],
  ];
  for (const [value, text] of cases)
    test(`${value} reads ${text}`, () => assert.equal(evenNumber(value), text));
});

test("whole numbers have commas and a true minus", () => {
  assert.deepEqual([0, 999, 1234567, -1234.4].map(wholeNumber), ["0", "999", "1,234,567", "−1,234"]);
});

test("a number in full loses nothing but its hyphen", () => {
  assert.equal(fullNumber(-0.1234567890123456), "−0.1234567890123456");
});

test("durations are in the unit that fits", () => {
  assert.deepEqual([0, 12.4, 90, 3500, 7300].map(duration), ["0 s", "12 s", "2 min", "58 min", "2 h"]);
});

test("names become words", () => {
  assert.deepEqual(["batch_size", "seed", "a_b_c", ""].map(sentenceCase), [
    "Batch size",
    "Seed",
    "A b c",
    "",
  ]);
});

test("features are written as mathematics writes them, unknown ones as they are", () => {
  assert.deepEqual(["x1", "x2_squared", "sin_x2", "petal length"].map(featureName), [
    "x₁",
    "x₂²",
    "sin x₂",
    "petal length",
  ]);
});

test("shapes are sizes with times between", () => {
  assert.deepEqual([[8], [1, 8, 8], []].map(shapeText), ["8", "1 × 8 × 8", ""]);
});

test("few digits never turn into an exponent", () => {
  assert.deepEqual(
    [110, 999, 12_345, 123_456, -250].map((value) => shortNumber(value, 2)),
    ["110", "999", "12k", "123k", "−250"],
  );
});
