/** The order of what stands in layers, and how far to the right each is. The items' `x` and their order change. */

/**
 * An item of a layer: a part of the group, its entry, or where an edge passes.
 *
 * @typedef {object} Item
 * @property {number} width
 * @property {number} height
 * @property {number} x middle
 * @property {number} rank
 * @property {boolean} lane
 * @property {Item[]} above
 * @property {Item[]} below
 */

/** Sweeps down and up; after so many hardly anything moves. */
const SWEEPS = 8;

/**
 * Order each layer by where those stand that its items are joined with (barycentres), so that few edges cross.
 *
 * @param {Item[][]} rows
 */
export function ordered(rows) {
  rows.forEach(numbered);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows.slice(1) : rows.slice(0, -1).reverse()) {
      const wanted = new Map(row.map((item) => [item, mean(down ? item.above : item.below) ?? item.x]));
      row.sort((one, other) => (wanted.get(one) ?? 0) - (wanted.get(other) ?? 0)); // stable
      numbered(row);
    }
  }
}

/** @param {Item[]} row */
function numbered(row) {
  row.forEach((item, index) => (item.x = index));
}

/**
 * Put each item as near below and above its neighbours as order and gaps allow.
 *
 * @param {Item[][]} rows @param {number} gap
 */
export function spread(rows, gap) {
  for (const row of rows)
    settled(
      row,
      row.map(() => 0),
      gap,
    );
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows.slice(1) : rows.slice(0, -1).reverse()) {
      const wanted = row.map((item) => mean(down ? item.above : item.below) ?? item.x);
      settled(row, wanted, gap);
    }
  }
}

/**
 * The places nearest to the wanted ones, by squares, at which items keep their order and distance: the isotonic
 * regression of what is wanted less what stands to the left (pool adjacent violators).
 *
 * @param {Item[]} row @param {number[]} wanted @param {number} gap
 */
function settled(row, wanted, gap) {
  const offsets = [0];
  row.slice(1).forEach((item, index) => {
    const before = /** @type {Item} */ (row[index]);
    offsets.push((offsets[index] ?? 0) + (before.width + item.width) / 2 + gap);
  });
  /** @type {{ sum: number, weight: number, count: number }[]} */
  const pools = [];
  row.forEach((item, index) => {
    const weight = item.lane ? 4 : 1; // a line that bends is worse than a box beside its middle
    pools.push({ sum: weight * ((wanted[index] ?? 0) - (offsets[index] ?? 0)), weight, count: 1 });
    for (;;) {
      const [before, last] = pools.slice(-2);
      if (!before || !last || before.sum / before.weight <= last.sum / last.weight) break;
      pools.splice(-2, 2, {
        sum: before.sum + last.sum,
        weight: before.weight + last.weight,
        count: before.count + last.count,
      });
    }
  });
  const places = pools.flatMap(({ sum, weight, count }) => Array.from({ length: count }, () => sum / weight));
  row.forEach((item, index) => (item.x = (places[index] ?? 0) + (offsets[index] ?? 0)));
}

/** @param {Item[]} items */
function mean(items) {
  return items.length ? items.reduce((total, { x }) => total + x, 0) / items.length : null;
}
