/** A signal's channels as lines below each other. Pure: numbers in, places out. */

/**
 * @typedef {{ zero: number, points: [number, number][] }} Lane the height of its zero, and the way of its line
 */

/**
 * The channels of a signal, each in a lane of its own and all on one scale about zero. Where there are more
 * numbers than columns, each column has the least and the greatest of its own.
 *
 * @param {ArrayLike<number>} values (channels, length) @param {number} channels @param {number} length
 * @param {{ width: number, height: number }} room @returns {Lane[]}
 */
export function lanesOf(values, channels, length, { width, height }) {
  let size = 1e-9;
  for (let index = 0; index < values.length; index++) size = Math.max(size, Math.abs(values[index] ?? 0));
  const lane = height / channels;
  return Array.from({ length: channels }, (_, channel) => {
    const zero = (channel + 0.5) * lane;
    const toY = (/** @type {number} */ value) => zero - (value / size) * (lane / 2 - 1);
    const at = (/** @type {number} */ index) => values[channel * length + index] ?? 0;
    return {
      zero,
      points: length > 2 * width ? envelope(at, length, width, toY) : polyline(at, length, width, toY),
    };
  });
}

/** @typedef {(of: number) => number} Numbers */
/** @typedef {[number, number][]} Points */

/** @param {Numbers} at @param {number} length @param {number} width @param {Numbers} toY @returns {Points} */
function polyline(at, length, width, toY) {
  const step = width / Math.max(1, length - 1);
  return Array.from({ length }, (_, index) => [index * step, toY(at(index))]);
}

/** @param {Numbers} at @param {number} length @param {number} width @param {Numbers} toY @returns {Points} */
function envelope(at, length, width, toY) {
  return Array.from({ length: Math.max(1, Math.floor(width)) }, (_, column) => {
    const [from, to] = [Math.floor((column * length) / width), Math.floor(((column + 1) * length) / width)];
    const own = Array.from({ length: Math.max(1, to - from) }, (_, index) => toY(at(from + index)));
    /** @type {[number, number][]} */
    const ends = [
      [column, Math.min(...own)],
      [column, Math.max(...own)],
    ];
    return ends;
  }).flat();
}
