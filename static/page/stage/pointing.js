/** What of the drawing the pointer and the keyboard are on. */

/** @import { Focus } from "../../draw/edges.js" */
/** @import { Layout } from "../../network/layout.js" */
/** @import { Edge, Place } from "./hints.js" */

import { edgeAt } from "../../draw/edges.js";

export class Pointing {
  /** The unit that is pointed at, and where on it. @type {{ column: string, unit: number, place: Place } | null} */
  unit = null;
  /** The edge that is pointed at. @type {Edge | null} */
  edge = null;
  /** The unit that the keyboard is on. @type {Focus} */
  keyed = null;
  /** The unit whose edges stand out. @type {Focus} */
  focus = null;
  /** Where on the screen the pointer rests; null where it is elsewhere. @type {{ x: number, y: number } | null} */
  pointer = null;

  /**
   * The pointer rests on a place of the screen, or has left.
   *
   * @param {{ x: number, y: number } | null} pointer @param {Layout} layout
   * @param {{ left: number, top: number }} box of the drawing on the screen
   */
  moveTo(pointer, layout, { left, top }) {
    this.pointer = pointer;
    const [x, y] = pointer ? [pointer.x - left, pointer.y - top] : [NaN, NaN];
    this.unit = unitAt(layout, x, y);
    this.edge = this.unit || !pointer ? null : edgeAt(layout, x, y);
    this.focus = this.unit ?? this.keyed;
  }

  /**
   * A unit has the page's focus, or none has.
   *
   * @param {Focus} focus @param {boolean} byKeyboard whose words are said, too: a click has the pointer's
   */
  moveFocus(focus, byKeyboard) {
    this.keyed = byKeyboard ? focus : null;
    if (byKeyboard) [this.pointer, this.unit, this.edge] = [null, null, null]; // until it moves again
    this.focus = focus;
  }
}

/**
 * The unit at a place of the drawing, and where on its tile.
 *
 * @param {Layout} layout @param {number} x @param {number} y
 */
export function unitAt({ columns }, x, y) {
  const column = columns.find((each) => Math.abs(each.x - x) <= each.size / 2);
  const unit = column?.shown.find((each) => Math.abs(each.y - y) <= column.size / 2);
  if (!column || !unit) return null;
  const place = { x: (x - unit.x) / column.size + 0.5, y: (y - unit.y) / column.size + 0.5 };
  return { column: column.name, unit: unit.index, place };
}
