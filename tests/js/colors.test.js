import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  CATEGORIES,
  MARKERS,
  category,
  certaintyTable,
  cssColor,
  diverging,
  divergingTable,
  fromLab,
  magnitude,
  magnitudeTable,
  mix,
  pixel,
  rgb,
  table,
  toLab,
} from "../../static/draw/colors.js";
import { chance, present } from "./support.js";

/** @import { Rgb, Theme } from "../../static/draw/colors.js" */

const THEMES = /** @type {Theme[]} */ (["light", "dark"]);

/** Relative luminance, WCAG 2.2. @param {Rgb} color */
function luminance(color) {
  const [red = 0, green = 0, blue = 0] = color.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** How different two colours look. @param {Rgb} one @param {Rgb} other */
function distance(one, other) {
  const [a, b] = [toLab(one), toLab(other)];
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/** The bytes of a pixel as the canvas reads them. @param {number | undefined} value @returns {number[]} */
const channels = (value) => [...new Uint8Array(Uint32Array.of(present(value)).buffer)];

/** @param {Rgb} actual @param {Rgb} expected @param {number} tolerance */
function near(actual, expected, tolerance) {
  actual.forEach((each, index) =>
    assert.ok(Math.abs(each - (expected[index] ?? NaN)) <= tolerance, `${actual}, not ${expected}`),
  );
}

describe("OKLab", () => {
  // Björn Ottosson's own values, and CSS Color 4's for the primaries.
  /** @type {[Rgb, Rgb][]} */
  const known = [
    [
      [255, 255, 255],
      [1, 0, 0],
    ],
    [
      [0, 0, 0],
      [0, 0, 0],
    ],
    [
      [255, 0, 0],
      [0.62796, 0.22486, 0.12585],
    ],
    [
      [0, 255, 0],
      [0.86644, -0.23389, 0.1795],
    ],
    [
      [0, 0, 255],
      [0.45201, -0.03246, -0.31153],
    ],
  ];
  for (const [color, lab] of known)
    test(`of ${cssColor(color)} is ${lab}`, () => near(toLab(color), lab, 2e-4));

  test("comes back as the colour it was", () => {
    const random = chance(11);
    for (let count = 0; count < 500; count++) {
      /** @type {Rgb} */
      const color = [255 * random(), 255 * random(), 255 * random()];
      near(fromLab(toLab(color)), color, 0.01);
    }
  });

  test("beyond what a screen shows stays within 0 and 255", () => {
    for (const lab of /** @type {Rgb[]} */ ([
      [1.5, 0, 0],
      [0.5, 0.4, 0.4],
      [-0.2, 0, 0],
    ])) {
      assert.ok(fromLab(lab).every((channel) => channel >= 0 && channel <= 255));
    }
  });
});

describe("hexadecimal colours", () => {
  test("are read, mixed and written", () => {
    assert.deepEqual(rgb("#e8730c"), [232, 115, 12]);
    assert.equal(cssColor([231.6, 0, 255]), "rgb(232 0 255)");
    near(mix([10, 200, 30], [200, 10, 90], 0), [10, 200, 30], 0.01);
    near(mix([10, 200, 30], [200, 10, 90], 1), [200, 10, 90], 0.01);
    const half = luminance(mix([0, 0, 0], [255, 255, 255], 0.5));
    assert.ok(Math.abs(half - 0.125) < 1e-3, "half of white in lightness is an eighth in light");
  });

  test("become pixels in the byte order of ImageData", () => {
    assert.deepEqual(channels(pixel([1, 2, 254.6])), [1, 2, 255, 255]);
  });
});

describe("the ramp of magnitudes", () => {
  test("grows lighter with every level, but for what rounding to bytes takes", () => {
    const exact = Array.from({ length: 256 }, (_, level) => luminance(magnitude(level / 255)));
    const rounded = [...magnitudeTable()].map((value) => {
      const [red = 0, green = 0, blue = 0] = channels(value);
      return luminance([red, green, blue]);
    });
    assert.equal(rounded.length, 256);
    for (let level = 1; level < 256; level++) {
      assert.ok(present(exact[level]) > present(exact[level - 1]), `level ${level}`);
      assert.ok(present(rounded[level]) > present(rounded[level - 1]) - 1e-3, `level ${level}, rounded`);
    }
  });

  test("rises evenly in lightness, so that equal steps look equal", () => {
    const lightness = Array.from({ length: 11 }, (_, index) => toLab(magnitude(index / 10))[0]);
    const steps = lightness.slice(1).map((each, index) => each - present(lightness[index]));
    for (const step of steps) assert.ok(Math.abs(step - 0.074) < 0.012, `${step}`);
  });

  test("goes from nearly black to nearly white", () => {
    assert.ok(luminance(magnitude(0)) < 0.02);
    assert.ok(luminance(magnitude(1)) > 0.8);
  });

  test("ends at its ends", () => {
    assert.deepEqual(magnitude(-3), magnitude(0));
    assert.deepEqual(magnitude(7), magnitude(1));
    assert.deepEqual(magnitude(NaN), magnitude(0));
  });
});

describe("the diverging scale", () => {
  for (const theme of THEMES) {
    test(`has a neutral middle, orange below and blue above (${theme})`, () => {
      const [, a, b] = toLab(diverging(0, theme));
      assert.ok(Math.hypot(a, b) < 0.015, "grey");
      const [red, , blue] = diverging(-1, theme);
      assert.ok(red > blue + 100);
      const [cold, , warm] = diverging(1, theme);
      assert.ok(warm > cold + 100);
    });

    test(`leaves the middle alike on both sides, ever further (${theme})`, () => {
      const middle = diverging(0, theme);
      const reach = [distance(middle, diverging(-1, theme)), distance(middle, diverging(1, theme))];
      for (let last = 0, level = 1; level <= 20; level++) {
        const away = distance(middle, diverging(level / 20, theme));
        assert.ok(away > last);
        last = away;
        const other = distance(middle, diverging(-level / 20, theme));
        // Lab is straight from the middle: each side is at the same share of its own way.
        assert.ok(Math.abs(away / present(reach[1]) - other / present(reach[0])) < 1e-3);
        assert.ok(away / other > 0.7 && away / other < 1.4, `${away} and ${other} from the middle`);
      }
    });

    test(`is bounded, and neutral for what is no number (${theme})`, () => {
      assert.deepEqual(diverging(-9, theme), diverging(-1, theme));
      assert.deepEqual(diverging(Infinity, theme), diverging(1, theme));
      assert.deepEqual(diverging(NaN, theme), diverging(0, theme));
      assert.deepEqual(diverging(-0, theme), diverging(0, theme));
    });

    test(`is a table from −1 to 1 (${theme})`, () => {
      const pixels = divergingTable(theme);
      assert.equal(pixels.length, 256);
      assert.equal(pixels[0], pixel(diverging(-1, theme)));
      assert.equal(pixels[255], pixel(diverging(1, theme)));
      assert.equal(divergingTable(theme), pixels, "made once");
    });
  }

  test("follows the theme in its middle: light on light, dark on dark", () => {
    assert.ok(luminance(diverging(0, "light")) > 0.8);
    assert.ok(luminance(diverging(0, "dark")) < 0.05);
  });
});

describe("categories", () => {
  test("are eight colours with eight markers, all different, and start over", () => {
    assert.equal(new Set(CATEGORIES).size, 8);
    assert.equal(new Set(MARKERS).size, 8);
    assert.equal(category(9), category(1));
  });

  test("of a neighbouring pair differ clearly", () => {
    CATEGORIES.forEach((color, index) => {
      const next = category(index + 1);
      assert.ok(distance(rgb(color), rgb(next)) > 0.1, `${color} and ${next}`);
    });
  });

  for (const theme of THEMES) {
    test(`fade to paper where the answer is a guess (${theme})`, () => {
      const pixels = certaintyTable(1, 4, theme);
      const paper = diverging(0, theme);
      const away = [...pixels].map((value) => {
        const [red = 0, green = 0, blue = 0] = channels(value);
        return distance(paper, [red, green, blue]);
      });
      assert.ok(present(away[64]) < 0.2 * present(away[255]), "a quarter, of four classes, says nothing");
      for (let level = 4; level < 256; level += 4)
        assert.ok(present(away[level]) >= present(away[level - 4]) - 2e-3, `level ${level}`);
      assert.notEqual(certaintyTable(1, 4, theme)[255], certaintyTable(2, 4, theme)[255]);
    });
  }

  test("a table asks its scale for 0, 1 and 254 shares between", () => {
    /** @type {number[]} */
    const shares = [];
    table((share) => {
      shares.push(share);
      return [0, 0, 0];
    });
    assert.deepEqual([shares.length, shares[0], shares[255], shares[51]], [256, 0, 1, 0.2]);
  });
});
