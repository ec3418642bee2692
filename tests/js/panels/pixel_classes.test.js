import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { category, pixel, rgb } from "../../../static/draw/colors.js";
import { LIGHT, MISTAKE, mistaken, namedPlaces, tinted } from "../../../static/draw/masks.js";
import { legendOf, model, shareRight } from "../../../static/panels/pixel_classes/model.js";
import { array, frame, present } from "../support.js";

/** Two pictures of three channels, two by one pixels. */
const FRAME = frame({
  index: array([2], [7, 41]),
  pictures: array([2, 3, 1, 2], [...Array(12).keys()], Uint8Array),
  mask: array([2, 1, 2], [0, 1, 2, 2], Uint8Array),
  truth: array([2, 1, 2], [0, 2, 2, 255], Uint8Array),
  certainty: array([2, 1, 2], [255, 128, 255, 0], Uint8Array),
  iou: array([2, 3], [1, 0, NaN, NaN, NaN, 1]),
});

describe("pictures with the class of each pixel", () => {
  test("have their own levels and masks, and say how much is right", () => {
    const { pictures, width, height } = present(model(FRAME, "test"));
    assert.deepEqual([width, height], [2, 1]);
    assert.deepEqual([...present(pictures[1]).levels], [6, 7, 8, 9, 10, 11]);
    assert.deepEqual([...present(pictures[1]).mask], [2, 2]);
    assert.equal(present(pictures[0]).caption, "50 % right");
    assert.equal(present(pictures[0]).label, "test sample 7: 50 % of the pixels right, mean IoU 50 %");
  });

  test("are not drawn while an array is missing", () => {
    const { arrays } = FRAME;
    assert.equal(model({ arrays: new Map([...arrays].filter(([name]) => name !== "truth")) }, "test"), null);
  });

  test("count no pixel without a class", () => {
    assert.equal(shareRight(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 255, 2)), 0.5);
    assert.ok(Number.isNaN(shareRight(Uint8Array.of(1), Uint8Array.of(255))));
  });
});

describe("the legend", () => {
  test("has the newest overlap of each class, and leaves the first one untinted", () => {
    const rows = (/** @type {string} */ name) => (name === "test_iou_1" ? [0.2, 0.75] : []);
    assert.deepEqual(legendOf(["ground", "disc"], rows, "test"), [
      { name: "ground", color: null, overlap: "–" },
      { name: "disc", color: category(1), overlap: "75 %" },
    ]);
  });
});

describe("the legend of a step of the past", () => {
  /** @type {Record<string, number[]>} */
  const columns = { step: [0, 100, 200], test_iou_0: [0.25, 0.5, 0.75] };
  const overlapAt = (/** @type {number | null} */ step) =>
    legendOf(["ground"], (name) => columns[name] ?? [], "test", step)[0]?.overlap;

  test("has the overlaps that were known then", () => {
    assert.deepEqual([0, 99, 100, 150, 900].map(overlapAt), ["25 %", "25 %", "50 %", "50 %", "75 %"]);
    assert.equal(overlapAt(null), "75 %");
  });

  test("has none before the first row", () => {
    assert.equal(overlapAt(-1), "–");
  });
});

describe("masks over pictures", () => {
  const levels = Uint8Array.of(100, 100);

  test("tint by certainty, and not the first class nor what has none", () => {
    const [ground, none] = tinted(levels, Uint8Array.of(0, 255), null);
    assert.deepEqual([ground, none], [pixel([100, 100, 100]), pixel([100, 100, 100])]);
    const [sure, unsure] = tinted(levels, Uint8Array.of(2, 2), Uint8Array.of(255, 0));
    assert.equal(unsure, pixel([100, 100, 100]));
    const strong = /** @type {import("../../../static/draw/colors.js").Rgb} */ (
      rgb(category(2)).map((part) => 100 + (part - 100) * 0.8)
    );
    assert.equal(sure, pixel(strong));
  });

  test("tint one class alone, the first as well", () => {
    const [one, other] = tinted(levels, Uint8Array.of(0, 2), null, 0);
    assert.notEqual(one, pixel([100, 100, 100]));
    assert.equal(other, pixel([100, 100, 100]));
  });

  test("have the name of a class where it is deepest, also of a ring, and of none that is small", () => {
    const width = 16;
    const mask = new Uint8Array(width * width).fill(0);
    const fill = (
      /** @type {number[]} */ [left = 0, top = 0, right = 0, bottom = 0],
      /** @type {number} */ name,
    ) => {
      for (let y = top; y < bottom; y++) mask.fill(name, y * width + left, y * width + right);
    };
    fill([1, 1, 12, 12], 3);
    fill([3, 3, 10, 10], 0); // a ring, two wide: its middle is not of it
    fill([13, 4, 16, 9], 2);
    fill([15, 15, 16, 16], 1);
    fill([14, 12, 16, 14], 255);
    const places = namedPlaces(mask, width);
    assert.deepEqual(
      places.map(({ name, x, y }) => [name, mask[Math.floor(y) * width + Math.floor(x)]]),
      [
        [3, 3],
        [2, 2],
      ],
    );
    assert.deepEqual(places[1], { name: 2, x: 14.5, y: 5.5 });
  });

  test("show mistakes lighter than all else to those who see no colours", () => {
    const light = ([red, green, blue] = [0, 0, 0]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    assert.ok(light(MISTAKE) > 1.3 * light([LIGHT * 255, LIGHT * 255, LIGHT * 255]));
  });

  test("mark mistakes in one colour", () => {
    const [wrong, unknown] = mistaken(levels, Uint8Array.of(1, 1), Uint8Array.of(2, 255));
    assert.equal(wrong, pixel(MISTAKE));
    assert.notEqual(unknown, wrong);
  });
});
