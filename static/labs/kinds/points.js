/** The points that a line is fitted to. Pure. */

/** @typedef {[number, number]} Pair */
/** @typedef {{ x: [number, number], y: [number, number] }} View */

/** Points about y = 1.5 x − 0.5, always the same ones. @returns {Pair[]} */
export function somePoints() {
  let state = 7;
  const random = () => (state = (state * 16807) % 2147483647) / 2147483647;
  const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: 40 }, (_, index) => {
    const x = -2 + (4 * index) / 39;
    return rounded(x, 1.5 * x - 0.5 + 0.6 * normal(), 2);
  });
}

/** @param {number} x @param {number} y @param {number} digits @returns {Pair} */
export function rounded(x, y, digits) {
  return [Number(x.toFixed(digits)), Number(y.toFixed(digits))];
}

/** What of the plane is shown: the points, and some room around them. @param {Pair[]} points @returns {View} */
export function viewOf(points) {
  return { x: side(points.map(([x]) => x)), y: side(points.map(([, y]) => y)) };
}

/** @param {number[]} values @returns {[number, number]} */
function side(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = Math.max(0.5, 0.12 * (high - low));
  return [low - room, high + room];
}

/**
 * The points without one, or with one more; null where a line could not be fitted to what is left.
 *
 * @param {Pair[]} points @param {number} index of the one to take away; −1: none @param {Pair} fresh the one to add
 * @returns {Pair[] | null}
 */
export function turned(points, index, fresh) {
  const after = index >= 0 ? points.filter((_, each) => each !== index) : [...points, fresh];
  return new Set(after.map(([x]) => x)).size < 2 ? null : after;
}
