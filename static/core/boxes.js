/** How much two boxes overlap. */

/** @typedef {{ left: number, top: number, right: number, bottom: number }} Corners right and bottom are exclusive */

/** The area of a box; 0 where it is upside down. @param {Corners} box */
export const area = ({ left, top, right, bottom }) => Math.max(0, right - left) * Math.max(0, bottom - top);

/** Intersection over union; 0 where neither has an area. @param {Corners} one @param {Corners} other */
export function overlap(one, other) {
  const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  if (width <= 0 || height <= 0) return 0;
  const both = width * height;
  return both / (area(one) + area(other) - both);
}
