/** Greedy non-maximum suppression, one kept box after the other. Pure. */

/** @import { Box } from "./geometry.js" */

import { overlap } from "./geometry.js";

/** A box that is kept, and those that it removes. @typedef {{ kept: number, removed: Removed[] }} Round */
/** @typedef {{ box: number, iou: number }} Removed */

/**
 * How a box stands after some rounds: it waits, is kept since a round, or was removed by another box.
 *
 * @typedef {{ state: "waiting" | "kept" | "removed", round: number, by: number, iou: number }} Standing
 */

/** Indices of the boxes from the highest score down; of equal scores the earlier first. @param {Box[]} boxes */
export function ranked(boxes) {
  return boxes.map((_, index) => index).sort((a, b) => (boxes[b]?.score ?? 0) - (boxes[a]?.score ?? 0));
}

/**
 * Rounds until no box waits: the best of those that wait is kept, and removes all that overlap it by more than
 * the threshold.
 *
 * @param {Box[]} boxes @param {number} threshold @param {boolean} byClass whether boxes remove their own class only
 * @returns {Round[]}
 */
export function suppressed(boxes, threshold, byClass) {
  /** @type {Round[]} */
  const rounds = [];
  const waiting = ranked(boxes);
  let count = waiting.length;
  // Those that go on waiting move up in place: a thousand boxes are looked at sixty times a second.
  while (count > 0) {
    const kept = waiting[0] ?? 0;
    const winner = /** @type {Box} */ (boxes[kept]);
    /** @type {Removed[]} */
    const removed = [];
    let left = 0;
    for (let place = 1; place < count; place++) {
      const index = waiting[place] ?? 0;
      const box = /** @type {Box} */ (boxes[index]);
      const iou = byClass && box.class !== winner.class ? 0 : overlap(winner, box);
      if (iou > threshold) removed.push({ box: index, iou });
      else waiting[left++] = index;
    }
    count = left;
    rounds.push({ kept, removed });
  }
  return rounds;
}

/**
 * How every box stands when so many rounds are over.
 *
 * @param {Round[]} rounds @param {number} count of boxes @param {number} shown @returns {Standing[]}
 */
export function standings(rounds, count, shown) {
  /** @type {Standing[]} */
  const all = Array.from({ length: count }, () => ({ state: "waiting", round: -1, by: -1, iou: 0 }));
  rounds.slice(0, shown).forEach(({ kept, removed }, round) => {
    all[kept] = { state: "kept", round, by: -1, iou: 0 };
    for (const { box, iou } of removed) all[box] = { state: "removed", round, by: kept, iou };
  });
  return all;
}
