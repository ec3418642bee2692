/** The lives of a run: each begins at step 0 by a reset, or at a checkpoint of an earlier one. Pure. */

/**
 * @typedef {object} Life
 * @property {number} life
 * @property {number} step at which it begins
 * @property {number | null} of the life that it goes on from, whose steps up to that one are its own as well
 * @property {Record<string, number> | null} rows the numbers of its first rows, by probe; null: not known
 */

/**
 * Rows from one number to another, exclusive, up to a step.
 *
 * @typedef {{ from: number, to: number, until: number }} Piece
 */

/** @type {Life} */
const FIRST = { life: 0, step: 0, of: null, rows: {} };

/**
 * The lives whose steps led to where one stands, the oldest first, each with the last step that counts.
 *
 * @param {ReadonlyMap<number, Life>} lives all but the first @param {number} life
 * @returns {{ life: Life, until: number }[] | null} null where one of them is not known
 */
function lineage(lives, life) {
  /** @type {{ life: Life, until: number }[]} */
  const line = [];
  let until = Infinity;
  for (let number = life; ;) {
    const found = number === 0 ? FIRST : lives.get(number);
    if (!found || !found.rows) return null;
    line.unshift({ life: found, until });
    if (found.of === null || found.of >= number) return line;
    until = Math.min(until, found.step);
    number = found.of;
  }
}

/**
 * The rows of a probe that led to where a life stands.
 *
 * @param {ReadonlyMap<number, Life>} lives
 * @param {number} life
 * @param {string} probe
 * @returns {Piece[] | null} null where they are not known
 */
export function piecesOf(lives, life, probe) {
  return (
    lineage(lives, life)?.map(({ life: { life: number, rows }, until }) => ({
      from: rows?.[probe] ?? 0,
      to: lives.get(number + 1)?.rows?.[probe] ?? Infinity,
      until,
    })) ?? null
  );
}

/**
 * Of what happened at steps of several lives, that which led to where one stands.
 *
 * @template {{ life: number, step: number }} Event @param {Event[]} events
 * @param {ReadonlyMap<number, Life>} lives @param {number} life @returns {Event[]}
 */
export function ofLineage(events, lives, life) {
  const line = lineage(lives, life);
  if (!line) return events.filter((event) => event.life === life);
  const last = new Map(line.map(({ life: each, until }) => [each.life, until]));
  return events.filter((event) => event.step <= (last.get(event.life) ?? -1));
}
