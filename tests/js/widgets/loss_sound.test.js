import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { pitchOf, tonesOf } from "../../../static/widgets/loss_sound/tones.js";

const near = (/** @type {number | null} */ one, /** @type {number} */ other) =>
  assert.ok(one !== null && Math.abs(one - other) < 1e-3 * other, `${one} is not about ${other}`);

/** @param {number} rows @param {(row: number) => number} loss */
function curves(rows, loss) {
  const epoch = Array.from({ length: rows }, (_, row) => row / 10);
  const train = epoch.map((_, row) => loss(row));
  return { x: epoch, unit: /** @type {const} */ ("epoch"), train, test: train.map((each) => 10 * each) };
}

describe("the pitch of a loss", () => {
  test("is an octave lower for each factor of ten", () => {
    near(pitchOf(1), 523.25);
    near(pitchOf(0.1), 523.25 / 2);
    near(pitchOf(10), 523.25 * 2);
  });

  test("stays within what can be heard, and of no number there is none", () => {
    assert.equal(pitchOf(0), 65);
    assert.equal(pitchOf(1e-30), 65);
    assert.equal(pitchOf(Infinity), 4000);
    assert.equal(pitchOf(NaN), null);
  });
});

describe("the tones of the loss", () => {
  test("fall as it falls, the test loss's beside the training loss's", () => {
    const tones = tonesOf(
      curves(50, (row) => 10 ** -(row / 49)),
      String,
    );
    assert.ok(tones);
    const [train, held] = tones.voices;
    assert.ok(train && held);
    train.pitches.forEach((pitch, at) => at > 0 && assert.ok(pitch <= (train.pitches[at - 1] ?? 0)));
    near(train.pitches[0] ?? 0, 523.25);
    near(train.pitches.at(-1) ?? 0, 523.25 / 2);
    near((held.pitches[100] ?? 0) / (train.pitches[100] ?? 1), 2);
    assert.match(tones.description, /train, left, from 1 to 0\.1; test, right, from 10 to 1/);
  });

  test("take two to four seconds, the longer the more there is", () => {
    const seconds = [2, 150, 9000].map(
      (rows) =>
        tonesOf(
          curves(rows, () => 1),
          String,
        )?.seconds,
    );
    assert.deepEqual(seconds, [2, 3, 4]);
  });

  test("are evenly spaced in epochs, however the rows are", () => {
    const x = [0, 1, 2, 3, 100];
    const tones = tonesOf({ x, unit: "epoch", train: [1, 1, 1, 0.1, 0.1], test: [1, 1, 1, 1, 1] }, String);
    near(tones?.voices[0]?.pitches[100] ?? 0, 523.25 / 2);
  });

  test("come and go without a click, and are silent where a loss is no number", () => {
    const tones = tonesOf(
      curves(100, (row) => (row > 49 ? NaN : 1)),
      String,
    );
    const loudness = tones?.voices[0]?.loudness ?? new Float32Array();
    assert.equal(loudness[0], 0);
    assert.equal(loudness[50], 1);
    assert.equal(loudness[150], 0);
    assert.equal(loudness.at(-1), 0);
  });

  test("need two points", () => {
    assert.equal(
      tonesOf(
        curves(1, () => 1),
        String,
      ),
      null,
    );
  });
});
