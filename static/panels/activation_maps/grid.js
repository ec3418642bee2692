/** Where maps stand in a grid of squares. */

/** Pixels between two maps. */
const GAP = 5;

/** Height of a grid without maps: a line of text. */
const EMPTY_HEIGHT = 18;

/** @typedef {{ size: number, count: number, across: number }} Grid the side of a map, how many, and how many a row */

/** @param {number} size @param {number} count @param {number} width that there is @returns {Grid} */
export function gridOf(size, count, width) {
  return { size, count, across: Math.max(1, Math.floor((width + GAP) / (size + GAP))) };
}

/** How many times as large as asked for maps get where a row has room. */
const MOST_GROWN = 2;

/**
 * The side of maps that fill their row where all of them have room in one.
 *
 * @param {number} size that is asked for @param {number} count @param {number} width that there is
 */
export function grownSize(size, count, width) {
  const fits = Math.floor(width / Math.max(1, count)) - GAP;
  return Math.max(size, Math.min(MOST_GROWN * size, fits));
}

/** @param {Grid} grid */
export function heightOf({ size, count, across }) {
  return count ? Math.ceil(count / across) * (size + GAP) : EMPTY_HEIGHT;
}

/** The top left of a map. @param {Grid} grid @param {number} place @returns {{ x: number, y: number }} */
export function cornerOf({ size, across }, place) {
  const step = size + GAP;
  return { x: (place % across) * step, y: Math.floor(place / across) * step };
}

/**
 * The place under a point, and where on its map that is, as shares of the sides; null between the maps.
 *
 * @param {Grid} grid @param {{ x: number, y: number }} point
 * @returns {{ place: number, x: number, y: number } | null}
 */
export function placeUnder({ size, count, across }, { x, y }) {
  const step = size + GAP;
  const [column, row] = [Math.floor(x / step), Math.floor(y / step)];
  const place = row * across + column;
  const on = column < across && x % step < size && y % step < size && place < count;
  return on ? { place, x: (x % step) / size, y: (y % step) / size } : null;
}

/**
 * The place that an arrow key leads to; null for other keys.
 *
 * @param {Grid} grid @param {number} place @param {string} key
 */
export function placeBeside({ count, across }, place, key) {
  /** @type {Record<string, number>} */
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across };
  const by = steps[key];
  return by === undefined ? null : Math.min(count - 1, Math.max(0, place + by));
}
