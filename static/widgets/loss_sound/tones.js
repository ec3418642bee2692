/** A loss as a pitch, and its curves as tones. Pure: numbers in, frequencies out. */

import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  epochs: "{count} epochs",
  steps: "{count} steps",
  fromTo: "from {said} to {said2}",
  lossOver: "Loss over {span}: train, left, {ends}; test, right, {ends2}.",
});

/** The pitch of a loss of 1: the C above middle C. An octave lower is a loss of a tenth. */
const OF_ONE = 523.25; // Hz
/** What small loudspeakers can still play, and ears endure. */
const LOWEST = 65;
const HIGHEST = 4000;

/** Frequencies of a curve; between them the pitch glides. */
const POINTS = 200;
/** Points at either end over which a tone comes and goes, so that it does not click. */
const FADE = 4;
/** Seconds that a curve takes: two for a short one, four for a long one. */
const SHORTEST = 2;
const LONGEST = 4;
const ROWS_A_SECOND = 50;

/** @typedef {"train" | "test"} Set */

/**
 * @typedef {{ set: Set, pitches: Float32Array, loudness: Float32Array }} Voice `pitches`: Hz, evenly spaced in
 * time; `loudness`: 0 to 1 at the same times, 0 where there is no loss
 */

/** @typedef {{ seconds: number, voices: Voice[], description: string }} Tones */

/** @param {number} loss @returns {number | null} Hz: an octave for each factor of ten; null where it is no number */
export function pitchOf(loss) {
  if (Number.isNaN(loss)) return null;
  return loss > 0 ? Math.min(HIGHEST, Math.max(LOWEST, OF_ONE * 2 ** Math.log10(loss))) : LOWEST;
}

/**
 * The tones of the training and test loss over the same seconds, and what they say in words.
 *
 * @param {{ x: ArrayLike<number>, unit: "epoch" | "step", train: ArrayLike<number>, test: ArrayLike<number> }} curves
 * over ascending `x`
 * @param {(value: number) => string} said a number in words
 * @returns {Tones | null} null where there are not two points to go between
 */
export function tonesOf({ x, unit, train, test }, said) {
  const rows = x.length;
  if (rows < 2) return null;
  const seconds = Math.min(LONGEST, Math.max(SHORTEST, rows / ROWS_A_SECOND));
  const voices = [voiceOf("train", x, train), voiceOf("test", x, test)];
  const ends = (/** @type {ArrayLike<number>} */ curve) =>
    TEXTS.fromTo({ said: said(curve[0] ?? NaN), said2: said(curve[rows - 1] ?? NaN) });
  const span = TEXTS[`${unit}s`]({ count: said(x[rows - 1] ?? NaN) });
  const description = TEXTS.lossOver({ span, ends: ends(train), ends2: ends(test) });
  return { seconds, voices, description };
}

/** @param {Set} set @param {ArrayLike<number>} x @param {ArrayLike<number>} losses @returns {Voice} */
function voiceOf(set, x, losses) {
  const pitches = new Float32Array(POINTS).fill(LOWEST);
  const loudness = new Float32Array(POINTS);
  const [first = 0, last = 0] = [x[0], x[x.length - 1]];
  for (let point = 0, row = 0; point < POINTS; point++) {
    const at = first + ((last - first) * point) / (POINTS - 1);
    while (row < x.length - 1 && (x[row + 1] ?? Infinity) <= at) row++;
    const pitch = pitchOf(losses[row] ?? NaN);
    if (pitch === null) continue;
    pitches[point] = pitch;
    loudness[point] = Math.min(1, point / FADE, (POINTS - 1 - point) / FADE);
  }
  return { set, pitches, loudness };
}
