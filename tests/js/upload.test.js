import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { describe as described } from "../../static/page/data/own_pictures.js";
import { guessesOf, leftOutText, needsReview } from "../../static/page/data/guesses.js";

const ASKED = { scale: "auto", encoding: "auto", sets: "own", case: "same", only: "" };
const PLAIN = {
  blob: "sha256:0",
  names: ["a", "b"],
  counts: [5, 5],
  pictures: 10,
  size: 8,
  channels: 1,
  validated: 0,
  tested: 0,
  targets: /** @type {const} */ ("class"),
  data: {},
  network: null,
  scale: null,
  encoding: null,
  left_out: [],
  notes: [],
};
const SCALE = {
  used: "0..1000",
  guessed: true,
  least: 0,
  greatest: 1.0000001192092896,
  most_below: 0.5,
  clipped_share: 0.001,
};

describe("what was guessed of an upload", () => {
  test("is nothing where every picture is plain, which is used at once", () => {
    assert.deepEqual(guessesOf(PLAIN, ASKED), []);
    assert.equal(needsReview(PLAIN, ASKED), false);
    assert.equal(needsReview({ ...PLAIN, notes: ["one page of three"] }, ASKED), true);
  });

  test("is the scale, with what there is and what it may be instead", () => {
    const [scale] = guessesOf({ ...PLAIN, scale: SCALE }, ASKED);
    assert.equal(
      scale?.finding,
      "Values go from 0 to 1.0000001, 99 of 100 up to 0.5; some lie outside, and are black or white.",
    );
    assert.deepEqual(scale?.options[0], ["0..1000", "0 to 1000"], "one that is no usual one can be kept");
    assert.ok(scale?.options.some(([value]) => value === "0..4095"));
    assert.equal(
      guessesOf({ ...PLAIN, scale: SCALE }, { ...ASKED, scale: "min..max" })[0]?.value,
      "min..max",
    );
  });

  test("is how names are encoded, which sets there are, and whether case tells classes apart", () => {
    const kept = {
      ...PLAIN,
      encoding: "cp437",
      tested: 3,
      validated: 2,
      notes: ["'Cats' and 'cats' differ in case alone, and are one class, 'Cats'"],
    };
    assert.deepEqual(
      guessesOf(kept, ASKED).map(({ key, value }) => [key, value]),
      [
        ["encoding", "cp437"],
        ["sets", "own"],
        ["case", "same"],
      ],
    );
    assert.ok(
      guessesOf(kept, ASKED)[1]?.finding.startsWith("3 pictures are kept for testing and 2 for validation"),
    );
    const changed = guessesOf({ ...PLAIN }, { ...ASKED, sets: "pooled", case: "apart" });
    assert.deepEqual(
      changed.map(({ key }) => key),
      ["sets", "case"],
      "what was changed can be changed back",
    );
  });

  test("is said with what was left out", () => {
    const left_out = [
      { why: "no picture", count: 9, files: ["README", "a.csv", "b.csv", "c.csv"] },
      { why: "left by a system", count: 1, files: ["Thumbs.db"] },
    ];
    assert.deepEqual(leftOutText({ ...PLAIN, left_out }), [
      "README, a.csv, b.csv and 6 more: no picture",
      "Thumbs.db: left by a system",
    ]);
  });
});

test("own sets are counted", () => {
  assert.equal(described(PLAIN), "10 pictures of 8 × 8, 2 classes");
  assert.equal(
    described({ ...PLAIN, validated: 2, tested: 3 }),
    "10 pictures of 8 × 8, 2 classes: 5 to train on, 2 for validation, 3 to test",
  );
});
