import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { describe as described } from "../../static/page/data/own_samples.js";
import { isDecided } from "../../static/page/data/source.js";
import { playable } from "../../static/widgets/play_button.js";

const SOUNDS = { names: ["a", "b"], samples: 1200, length: 4096, rate: 8000, validated: 0, tested: 0 };

describe("own sounds and volumes", () => {
  test("are told by their number, length and rate, and how they are divided", () => {
    assert.equal(described(SOUNDS), "1,200 sounds of 0.512 s at 8,000 Hz, 2 classes");
    assert.equal(
      described({ ...SOUNDS, validated: 100, tested: 200 }),
      "1,200 sounds of 0.512 s at 8,000 Hz, 2 classes: 900 to train on, 100 for validation, 200 to test",
    );
  });

  test("are told by their sides, where they are volumes", () => {
    const { length, rate, ...others } = SOUNDS;
    assert.equal(
      described({ ...others, depth: 8, height: length / 256, width: rate / 500 }),
      "1,200 volumes of 8 × 16 × 16, 2 classes",
    );
  });

  test("have fields that the upload decides, and that are options of generated ones", () => {
    assert.equal(isDecided("rate", "own_sounds"), true);
    assert.equal(isDecided("rate", "waveforms"), false);
    assert.equal(isDecided("depth", "own_volumes"), true);
    assert.equal(isDecided("size", "own_images"), true);
    assert.equal(isDecided("window", "own_spectrograms"), false);
  });

  test("are played at their pitch, also where browsers have no such rate", () => {
    assert.deepEqual(playable(22_050), { rate: 22_050, speed: 1 });
    assert.deepEqual(playable(2000), { rate: 8000, speed: 0.25 });
  });
});
