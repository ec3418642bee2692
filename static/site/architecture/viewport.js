/** What part of a large drawing is seen, and how large. Pure: a view in, another out. */

/** @import { Box } from "./layering.js" */

/** A drawing's point (0, 0) stands at (x, y) of the window. @typedef {{ x: number, y: number, scale: number }} View */
/** @typedef {{ width: number, height: number }} Size */

/** Below it names cannot be read any more. */
export const LEGIBLE = 0.5;
const SMALLEST = 0.01;
const LARGEST = 3;
const MARGIN = 20;

/**
 * The view in which all of a drawing is seen, or, where it would be too small to read, its width from the top.
 *
 * @param {Size} drawing @param {Size} window @param {number} [least] the smallest scale
 * @returns {View}
 */
export function fitted(drawing, window, least = 0.75) {
  const across = (window.width - 2 * MARGIN) / Math.max(1, drawing.width);
  const down = (window.height - 2 * MARGIN) / Math.max(1, drawing.height);
  const scale = Math.min(1, Math.max(Math.min(across, down), Math.min(across, least)));
  const y = Math.max(MARGIN, (window.height - drawing.height * scale) / 2);
  return { scale, x: (window.width - drawing.width * scale) / 2, y };
}

/**
 * @param {View} view @param {number} factor @param {{ x: number, y: number }} at what stays where it is
 * @returns {View}
 */
export function zoomed(view, factor, at) {
  const scale = Math.min(LARGEST, Math.max(SMALLEST, view.scale * factor));
  const by = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by };
}

/**
 * A view in which something of the drawing is still in the window.
 *
 * @param {View} view @param {Size} drawing @param {Size} window @returns {View}
 */
export function kept(view, drawing, window) {
  const within = (/** @type {number} */ at, /** @type {number} */ length, /** @type {number} */ room) =>
    Math.min(room - 3 * MARGIN, Math.max(3 * MARGIN - length, at));
  return {
    scale: view.scale,
    x: within(view.x, drawing.width * view.scale, window.width),
    y: within(view.y, drawing.height * view.scale, window.height),
  };
}

/** The part of the drawing that is seen. @param {View} view @param {Size} window */
export function seen({ x, y, scale }, { width, height }) {
  return { left: -x / scale, top: -y / scale, right: (width - x) / scale, bottom: (height - y) / scale };
}

/** @param {View} view @param {{ x: number, y: number }} point of the window */
export function pointOf({ x, y, scale }, point) {
  return { x: (point.x - x) / scale, y: (point.y - y) / scale };
}

/** Room for fingers above the frame of an open group. */
const HEAD = 30;

/**
 * What is pressed at a point: a node, a closed group, or the heading of an open one; null elsewhere.
 *
 * @param {Box[]} boxes @param {{ x: number, y: number }} point of the drawing
 */
export function boxAt(boxes, { x, y }) {
  const under = boxes.filter(
    (box) =>
      x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + (box.open ? HEAD : box.height),
  );
  return under.sort((one, other) => other.depth - one.depth)[0] ?? null;
}

/** @typedef {"ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight"} Arrow */

/**
 * The nearest box in a direction, those straight ahead before those aside.
 *
 * @param {Box[]} boxes @param {Box} from @param {Arrow} direction
 */
export function neighbour(boxes, from, direction) {
  const upright = direction === "ArrowUp" || direction === "ArrowDown";
  const sign = direction === "ArrowDown" || direction === "ArrowRight" ? 1 : -1;
  const middle = (/** @type {Box} */ box) => ({
    x: box.x + box.width / 2,
    y: box.y + (box.open ? 0 : box.height / 2),
  });
  const start = middle(from);
  let best = null;
  let least = Infinity;
  for (const box of boxes) {
    if (box === from) continue;
    const at = middle(box);
    const ahead = sign * (upright ? at.y - start.y : at.x - start.x);
    const aside = Math.abs(upright ? at.x - start.x : at.y - start.y);
    const distance = ahead + (upright ? 2 : 4) * aside;
    if (ahead > 4 && distance < least) [best, least] = [box, distance];
  }
  return best;
}
