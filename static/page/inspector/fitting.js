/** Which of several things in a row have room. */

/**
 * Whether each of a row fits: the first ones do, and always the chosen one. Where not all fit, the button that shows
 * the others takes its room as well.
 *
 * @param {number[]} widths @param {{ all: number, more: number }} room of the row, and of that button
 * @param {number} chosen its place; −1 where it is in another row
 * @returns {boolean[]}
 */
export function fitting(widths, { all, more }, chosen) {
  const total = widths.reduce((sum, width) => sum + width, 0);
  if (total <= all) return widths.map(() => true);
  let left = all - more - (widths[chosen] ?? 0);
  let full = false;
  return widths.map((width, index) => {
    if (index === chosen) return true;
    full ||= width > left;
    if (!full) left -= width;
    return !full;
  });
}
