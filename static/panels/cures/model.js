/** The numbers of a trial of cures: how its frames are read, who comes first, and where each band lies. */

/** @import { NamedArray } from "../../types.d.ts" */

import { shortNumber } from "../../core/format.js";

/** The series that cures are ranked by, as the study counts them. */
const MEASURES = /** @type {const} */ (["train_loss", "validation_loss", "test_loss"]);

/** A state of a trial, as the study counts it. */
const DIVERGED = 2;

/**
 * One of those that are tried.
 *
 * @typedef {object} Tried
 * @property {number} slot its place in the study: 0 is the unchanged run
 * @property {number} rank from 0
 * @property {string} text its median, or what became of it
 * @property {string} band from its least to its greatest, in words; empty where there is one seed
 * @property {number} diverged how many of its seeds have
 * @property {{ low: number, middle: number, high: number } | null} place of its band, from 0 to 1; null where
 * every seed has diverged
 */

/**
 * How the cures stand, the best first.
 *
 * @param {Map<string, NamedArray>} arrays of a frame
 * @returns {{ measure: typeof MEASURES[number], steps: number, seeds: number, start: number, tried: Tried[] }}
 */
export function model(arrays) {
  const numbers = (/** @type {string} */ name) => Array.from(arrays.get(name)?.data ?? [], Number);
  const [count = 0, seeds = 1] = arrays.get("effect")?.shape ?? [];
  const states = numbers("states");
  const [lows, middles, highs, ranks] = ["low", "median", "high", "rank"].map(numbers);
  const place = placer([...(lows ?? []), ...(highs ?? [])].filter(Number.isFinite));
  const tried = Array.from({ length: count }, (_, slot) => {
    const [low = NaN, middle = NaN, high = NaN] = [lows?.[slot], middles?.[slot], highs?.[slot]];
    const diverged = states
      .slice(slot * seeds, (slot + 1) * seeds)
      .filter((state) => state === DIVERGED).length;
    return {
      slot,
      rank: ranks?.[slot] ?? slot,
      text: shortNumber(middle),
      band: seeds > 1 ? `${shortNumber(low)} – ${shortNumber(high)}` : "",
      diverged,
      place: Number.isFinite(low) ? { low: place(low), middle: place(middle), high: place(high) } : null,
    };
  });
  return {
    measure: MEASURES[numbers("measure")[0] ?? 0] ?? "train_loss",
    steps: numbers("steps").at(-1) ?? 0,
    seeds,
    start: numbers("start")[0] ?? 0,
    tried: tried.sort((one, other) => one.rank - other.rank),
  };
}

/**
 * Where a loss lies between the least and the greatest, by its logarithm; what is no finite number, at the end.
 *
 * @param {number[]} losses
 */
function placer(losses) {
  const logarithms = losses.filter((loss) => loss > 0).map(Math.log10);
  const [low, high] = [Math.min(...logarithms), Math.max(...logarithms)];
  return (/** @type {number} */ loss) => {
    if (!Number.isFinite(loss)) return 1;
    if (loss <= 0 || !(high > low)) return loss <= 0 ? 0 : 0.5;
    return (Math.log10(loss) - low) / (high - low);
  };
}
