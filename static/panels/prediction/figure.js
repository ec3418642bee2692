/** A body from the side, by its joint angles. Pure: angles in, lines out. */

/** @typedef {{ upper: number, lower: number, leg: boolean }} Limb channels of the angles of its two parts */

/** @typedef {[number, number]} Point from the hip, in lengths of a thigh; down is positive */

/** Lengths, in those of a thigh. */
const [THIGH, SHIN, UPPER_ARM, FOREARM, TORSO, NECK] = [1, 1, 0.75, 0.7, 1.5, 0.35];

/** The radius of the head. */
export const HEAD = 0.3;

/**
 * The limbs of a body at one moment: an angle of 0 hangs down, forward (to the right) is positive; knees bend backward,
 * elbows forward.
 *
 * @param {(channel: number) => number} angle @param {Limb[]} limbs
 * @returns {{ limbs: Point[][], back: Point[], head: Point }}
 */
export function bodyOf(angle, limbs) {
  /** @type {Point} */
  const shoulder = [0, -TORSO];
  return {
    limbs: limbs.map(({ upper, lower, leg }) => {
      const first = angle(upper);
      const second = leg ? first - angle(lower) : first + angle(lower);
      const [long, short] = leg ? [THIGH, SHIN] : [UPPER_ARM, FOREARM];
      const joint = away(leg ? [0, 0] : shoulder, first, long);
      return [leg ? [0, 0] : shoulder, joint, away(joint, second, short)];
    }),
    back: [[0, 0], shoulder],
    head: [0, -TORSO - NECK],
  };
}

/** @param {Point} from @param {number} angle @param {number} length @returns {Point} */
function away([x, y], angle, length) {
  return [x + length * Math.sin(angle), y + length * Math.cos(angle)];
}
