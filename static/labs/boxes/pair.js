/** Intersection over union of the two chosen boxes: as a fraction of pictures, and in numbers. */

/** @import { Box } from "./geometry.js" */

import { element, picture, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { fitCanvas } from "../../draw/plot.js";
import { color, plotFont } from "../../draw/theme_colors.js";
import { hull, measured, shared } from "./geometry.js";

const TEXTS = texts(import.meta.url, {
  heading: "Intersection over union",
  ofBoxes: "Boxes {one} and {other}",
  chooseTwo: "Choose one box, then another.",
  intersection: "Intersection",
  union: "Union",
  iou: "IoU",
  giou: "GIoU",
  pixels: "{count} px²",
  fraction: "Their intersection over their union: {shared} of {union} square pixels, {iou}",
  none: "No two boxes are chosen",
});

/** @type {Record<string, string>} the terms of the glossary */
const TERMS = {
  intersection: "box_intersection",
  union: "box_union",
  iou: "iou",
  giou: "giou",
};

const whole = (/** @type {number} */ value) => value.toLocaleString("en").replaceAll(",", "\u202f");

export class Pair {
  #canvas = picture("boxes-fraction", { "aria-label": TEXTS.none });
  #note = element("p", { class: "note" });
  #values = {
    intersection: element("dd", {}),
    union: element("dd", {}),
    iou: element("dd", { class: "boxes-iou" }),
    giou: element("dd", {}),
  };
  element = element(
    "section",
    { class: "boxes-pair" },
    element("h2", { class: "caption", "data-term": "iou" }, TEXTS.heading),
    this.#note,
    this.#canvas,
    element(
      "dl",
      { class: "study-facts" },
      ...Object.entries(this.#values).flatMap(([name, value]) => [
        element("dt", { "data-term": TERMS[name] }, TEXTS[/** @type {"iou"} */ (name)]),
        value,
      ]),
    ),
  );

  /** @param {Box[]} boxes @param {[number, number]} pair */
  show(boxes, pair) {
    const [one, other] = [boxes[pair[0]], boxes[pair[1]]];
    const two = one && other && one !== other ? { one, other } : null;
    setText(this.#note, two ? TEXTS.ofBoxes({ one: pair[0] + 1, other: pair[1] + 1 }) : TEXTS.chooseTwo);
    const found = two && measured(two.one, two.other);
    setText(this.#values.intersection, found ? TEXTS.pixels({ count: whole(found.shared) }) : "–");
    setText(this.#values.union, found ? TEXTS.pixels({ count: whole(found.union) }) : "–");
    setText(this.#values.iou, found ? found.iou.toFixed(3) : "–");
    setText(this.#values.giou, found ? found.giou.toFixed(3).replace("-", "−") : "–");
    const said = found
      ? TEXTS.fraction({ shared: found.shared, union: found.union, iou: found.iou.toFixed(3) })
      : TEXTS.none;
    if (this.#canvas.getAttribute("aria-label") !== said) this.#canvas.setAttribute("aria-label", said);
    this.#paint(two, found?.iou ?? 0);
  }

  /** @param {{ one: Box, other: Box } | null} two @param {number} iou */
  #paint(two, iou) {
    const context = this.#canvas.getContext("2d");
    if (!context || this.#canvas.clientWidth < 40) return;
    const { width, height } = fitCanvas(this.#canvas, context);
    context.clearRect(0, 0, width, height);
    if (!two) return;
    const part = { width: Math.min(width - 96, 190), height: (height - 13) / 2 };
    const both = shared(two.one, two.other);
    paintPart(context, two, part, 0, [both]);
    paintPart(context, two, part, part.height + 13, [two.one, two.other]);
    context.fillStyle = color("ink");
    context.fillRect(0, part.height + 6, part.width, 1.5);
    context.font = plotFont(15);
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillText(`= ${iou.toFixed(3)}`, part.width + 14, part.height + 7);
  }
}

/**
 * Two boxes in outline, with what counts of them filled.
 *
 * @param {CanvasRenderingContext2D} context @param {{ one: Box, other: Box }} two
 * @param {{ width: number, height: number }} room @param {number} down @param {Box[]} filled
 */
function paintPart(context, { one, other }, room, down, filled) {
  const around = hull(one, other);
  const wide = Math.max(1, around.right - around.left);
  const high = Math.max(1, around.bottom - around.top);
  const scale = Math.min((room.width - 6) / wide, (room.height - 4) / high);
  context.save();
  context.translate((room.width - scale * wide) / 2, down + (room.height - scale * high) / 2);
  const place = (/** @type {Box} */ box) =>
    /** @type {const} */ ([
      (box.left - around.left) * scale,
      (box.top - around.top) * scale,
      (box.right - box.left) * scale,
      (box.bottom - box.top) * scale,
    ]);
  context.fillStyle = color("accent");
  context.globalAlpha = 0.45;
  context.beginPath();
  for (const box of filled) if (box.right > box.left && box.bottom > box.top) context.rect(...place(box));
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = color("line-strong");
  context.lineWidth = 1;
  for (const box of [one, other]) context.strokeRect(...place(box));
  context.restore();
}
