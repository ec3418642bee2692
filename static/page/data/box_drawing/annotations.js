/** Boxes of pictures as COCO's JSON and as YOLO's text. Pure. */

/** @import { Corners } from "../../../core/boxes.js" */

/** @typedef {Corners & { class: number }} DrawnBox in pixels of its picture */
/** @typedef {{ name: string, width: number, height: number, boxes: DrawnBox[] }} Annotated a picture and its boxes */

/** @param {readonly Annotated[]} pictures @param {readonly string[]} classes */
export function cocoOf(pictures, classes) {
  let number = 0;
  return {
    images: pictures.map(({ name, width, height }, index) => ({
      id: index + 1,
      file_name: name,
      width,
      height,
    })),
    annotations: pictures.flatMap(({ boxes }, index) =>
      boxes.map(({ left, top, right, bottom, class: kind }) => ({
        id: ++number,
        image_id: index + 1,
        category_id: kind + 1,
        bbox: [left, top, right - left, bottom - top],
        area: (right - left) * (bottom - top),
        iscrowd: 0,
      })),
    ),
    categories: classes.map((name, index) => ({ id: index + 1, name })),
  };
}

/** The text of a picture: a line for each box, its middle and sides in shares. @param {Annotated} picture */
export function yoloOf({ width, height, boxes }) {
  return boxes
    .map(({ left, top, right, bottom, class: kind }) => {
      const shares = [
        (left + right) / 2 / width,
        (top + bottom) / 2 / height,
        (right - left) / width,
        (bottom - top) / height,
      ];
      return `${kind} ${shares.map((share) => share.toFixed(6)).join(" ")}\n`;
    })
    .join("");
}

/** A name without its ending. @param {string} name */
export const stem = (name) => name.replace(/\.[^.]*$/, "");

/** The name, or the first with a number that is not taken. @param {string} name @param {ReadonlySet<string>} taken */
export function untaken(name, taken) {
  const ending = name.slice(stem(name).length);
  for (let number = 2, free = name; ; number++) {
    if (!taken.has(stem(free))) return free;
    free = `${stem(name)}-${number}${ending}`;
  }
}
