/** The data's colours as seen with each of the three kinds of dichromacy, and the shapes that stand in for them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { CATEGORIES, dashOf, diverging, MARKERS, rgb, toLab } from "../../static/draw/colors.js";

/** @import { Rgb } from "../../static/draw/colors.js" */

/**
 * What is left of linear red, green and blue: Machado, Oliveira and Fernandes 2009, table 1, severity 1.
 *
 * @type {Record<string, [Rgb, Rgb, Rgb]>}
 */
const DICHROMACY = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** @param {number} channel */
const linear = (channel) =>
  channel / 255 <= 0.04045 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4;

/** @param {number} light */
const companded = (light) =>
  255 * (light <= 0.0031308 ? 12.92 * Math.max(0, light) : 1.055 * Math.min(1, light) ** (1 / 2.4) - 0.055);

/** @param {Rgb} color @param {[Rgb, Rgb, Rgb]} rows @returns {Rgb} */
function seen(color, rows) {
  const [red, green, blue] = /** @type {Rgb} */ (color.map(linear));
  const mixed = rows.map(([r, g, b]) => companded(r * red + g * green + b * blue));
  return /** @type {Rgb} */ (mixed);
}

/** Distance in OKLab: about 0.02 is just seen. @param {Rgb} one @param {Rgb} other */
function distance(one, other) {
  const [from, to] = [toLab(one), toLab(other)];
  return Math.hypot(...from.map((value, axis) => value - (to[axis] ?? 0)));
}

const THEMES = /** @type {const} */ (["light", "dark"]);

for (const [name, rows] of Object.entries(DICHROMACY)) {
  test(`${name}: any two of the eight categories are told apart`, () => {
    const colors = CATEGORIES.map((hex) => seen(rgb(hex), rows));
    colors.forEach((one, index) =>
      colors.slice(index + 1).forEach((other, after) => {
        const pair = `${CATEGORIES[index]} and ${CATEGORIES[index + 1 + after]}`;
        assert.ok(distance(one, other) > 0.07, `${pair}: ${distance(one, other)}`);
      }),
    );
  });

  for (const theme of THEMES)
    test(`${name}: negative, nothing and positive differ along the whole ramp, in ${theme}`, () => {
      const at = (/** @type {number} */ value) => seen(diverging(value, theme), rows);
      assert.ok(distance(at(-1), at(1)) > 0.2, "the ends");
      assert.ok(distance(at(-0.25), at(0.25)) > 0.05, "a quarter to either side");
      for (const sign of [-1, 1])
        for (let share = 0.1; share <= 1.001; share += 0.1)
          assert.ok(distance(at(sign * (share - 0.1)), at(sign * share)) > 0.02, `${sign * share}`);
    });
}

test("classes have as many shapes as colours, none twice", () => {
  assert.equal(new Set(MARKERS).size, CATEGORIES.length);
});

test("any two of the eight looks of a line differ in their dashes, too", () => {
  assert.equal(new Set(CATEGORIES.map((_, index) => dashOf(index).join(" "))).size, CATEGORIES.length);
});
