/** The answer as a bar for each class, with its name and share, at the right of the column that gives it. */

/** @import { Colors } from "./colors.js" */
/** @import { Placed } from "../network/layout.js" */

import { percent } from "../core/format.js";

/** How wide names and bars are at least and at most, on wide stages and on narrow ones. */
const WIDE = { least: 82, most: 150 };
const NARROW = { least: 64, most: 86 };
/** What a letter takes in the mean, and what a percentage does. */
const LETTER = 6.2;
const PERCENT = 38;
/** Tiles smaller than this have room for one line beside them. */
const TWO_LINES = 22;

/**
 * How wide the bars are: so wide that the names stand whole, within bounds.
 *
 * @param {readonly string[]} classes @param {boolean} narrow whether the stage has little room
 */
export function barsWidth(classes, narrow) {
  const { least, most } = narrow ? NARROW : WIDE;
  const longest = LETTER * Math.max(0, ...classes.map((name) => name.length));
  return Math.round(Math.min(most, Math.max(least, longest + (narrow ? 0 : PERCENT))));
}

/**
 * Draw them. Where a name has no room beside its percentage, all names have a line of their own.
 *
 * @param {CanvasRenderingContext2D} context @param {Placed} column @param {ArrayLike<number>} shares
 * @param {readonly string[]} classes @param {number | null} truth
 * @param {number} width @param {Colors & { strong: string, right: string }} colors
 */
export function drawBars(context, column, shares, classes, truth, width, colors) {
  const best = Array.from(shares).reduce(
    (most, share, index) => (share > (shares[most] ?? -1) ? index : most),
    0,
  );
  const nameOf = (/** @type {number} */ index) => classes[index] ?? String(index + 1);
  // A detector gives more numbers than it tells classes apart.
  const shown = column.shown.filter(({ index }) => index < shares.length);
  context.textBaseline = "middle";
  context.font = colors.caption;
  const small = column.size < TWO_LINES;
  const beside = width - PERCENT;
  const apart = !small && shown.some(({ index }) => context.measureText(nameOf(index)).width > beside);
  const bar = apart ? beside : width;
  for (const { index, x, y } of shown) {
    const left = x + column.size / 2 + 9;
    const share = shares[index] ?? 0;
    const line = small ? y : y - 4;
    context.textAlign = "left";
    context.fillStyle = index === best ? colors.strong : colors.text;
    context.fillText(shortened(context, nameOf(index), apart ? width : beside), left, line);
    context.textAlign = "right";
    context.fillText(percent(share), left + width, apart ? y + 9 : line);
    context.fillStyle = colors.tile;
    context.fillRect(left, y + 6, bar, 4);
    context.fillStyle =
      truth === null || truth === best || index !== best ? colors.positive : colors.negative;
    context.fillRect(left, y + 6, bar * share, 4);
    if (index === truth) {
      context.fillStyle = colors.right;
      context.fillRect(left - 5, y - 9, 2, 19);
    }
  }
  context.textBaseline = "alphabetic";
}

/** @param {CanvasRenderingContext2D} context @param {string} text @param {number} width */
function shortened(context, text, width) {
  let kept = text;
  while (kept.length > 1 && context.measureText(kept).width > width) kept = kept.slice(0, -1);
  return kept === text ? text : `${kept.slice(0, -1)}…`;
}
