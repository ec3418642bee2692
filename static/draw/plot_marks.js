/** Marks on a plot: labelled ticks at places of the x axis. Those that fall together are one, and labels thin out. */

import { texts } from "../core/texts.js";

/**
 * Something that happened at a place of the x axis: in few words, and in all.
 *
 * @typedef {{ x: number, short: string, long: string }} PlotMark
 */

/**
 * Marks that fall on one place of the screen, and the label that there is room for.
 *
 * @typedef {{ at: number, marks: PlotMark[], text: string | null, left: boolean }} PlacedMark `at`: in pixels;
 * `left`: the label stands left of it
 */

/** Marks nearer than this many pixels are one. */
const TOGETHER = 5;

/** Pixels between a tick and its label, and between two labels. */
const GAP = 3;

/** How near a pointer must be to a mark, in pixels. */
const NEAR = 6;

const TEXTS = texts(import.meta.url, {
  more: "{last} +{others}",
});

/**
 * Marks where they stand on the screen. Of labels that would overlap the newest stay.
 *
 * @param {PlotMark[]} marks @param {(x: number) => number} toX pixel of a place
 * @param {{ left: number, right: number }} room the pixels that labels may take
 * @param {(text: string) => number} widthOf a text, in pixels
 * @returns {PlacedMark[]} from left to right
 */
export function placeMarks(marks, toX, room, widthOf) {
  const groups = gathered(marks, toX).filter(({ at }) => at >= room.left - 1 && at <= room.right + 1);
  let free = room.right;
  for (const group of groups.toReversed()) {
    const text = labelOf(group.marks);
    const width = widthOf(text);
    const rightwards = group.at + GAP + width <= free;
    if (!rightwards && (group.at - GAP > free || group.at - GAP - width < room.left)) continue;
    Object.assign(group, { text, left: !rightwards });
    free = (rightwards ? group.at : group.at - GAP - width) - GAP;
  }
  return groups;
}

/**
 * @param {PlotMark[]} marks @param {(x: number) => number} toX
 * @returns {PlacedMark[]}
 */
function gathered(marks, toX) {
  /** @type {PlacedMark[]} */
  const groups = [];
  for (const mark of [...marks].sort((one, other) => one.x - other.x)) {
    const at = toX(mark.x);
    const last = groups.at(-1);
    if (last && at - last.at < TOGETHER) last.marks.push(mark);
    else groups.push({ at, marks: [mark], text: null, left: false });
  }
  return groups;
}

/** @param {PlotMark[]} marks */
function labelOf(marks) {
  const last = marks.at(-1)?.short ?? "";
  return marks.length > 1 ? TEXTS.more({ last, others: marks.length - 1 }) : last;
}

/**
 * The marks under a pointer.
 *
 * @param {PlotMark[]} marks @param {(x: number) => number} toX @param {number} at pixel of the pointer
 * @returns {PlotMark[]} none where it is near to none
 */
export function marksNear(marks, toX, at) {
  const [nearest] = gathered(marks, toX).sort(
    (one, other) => Math.abs(one.at - at) - Math.abs(other.at - at),
  );
  return nearest && Math.abs(nearest.at - at) <= NEAR ? nearest.marks : [];
}

/**
 * @param {CanvasRenderingContext2D} context @param {PlacedMark[]} placed
 * @param {{ top: number, bottom: number, below: boolean }} inner `below`: labels stand at its lower edge @param {{
 * line: string, text: string, paper: string }} colors
 */
export function drawMarks(context, placed, { top, bottom, below }, colors) {
  context.save();
  context.lineWidth = 1;
  context.textBaseline = below ? "bottom" : "top";
  const level = below ? bottom - GAP : top;
  for (const { at, text, left } of placed) {
    const x = Math.round(at) + 0.5;
    context.strokeStyle = colors.line;
    context.setLineDash([2, 2]);
    context.beginPath();
    context.moveTo(x, top);
    context.lineTo(x, bottom);
    context.stroke();
    context.setLineDash([]);
    if (text === null) continue;
    context.textAlign = left ? "right" : "left";
    // Over a curve it must be read as well.
    context.lineWidth = 3;
    context.strokeStyle = colors.paper;
    const place = left ? x - GAP : x + GAP;
    context.strokeText(text, place, level);
    context.lineWidth = 1;
    context.fillStyle = colors.text;
    context.fillText(text, place, level);
  }
  context.restore();
}
