/** A pad to draw on. */

/** @import { Chooser, Source } from "./chosen.js" */

import { element } from "../../core/dom.js";

/** Pixels along one side of the pad. */
const SIDE = 224;

/** Milliseconds between two samples while the pen moves. */
const EVERY = 80;

/** @param {Chooser} chooser @returns {Source} */
export function drawingSource(chooser) {
  const canvas = element("canvas", {
    class: "pad",
    width: SIDE,
    height: SIDE,
    tabindex: 0,
    role: "img",
    "aria-label": "Drawing pad: draw with the mouse, a finger or a pen",
  });
  const pen = element("input", {
    type: "range",
    min: 4,
    max: 48,
    value: 20,
    "aria-label": "Width of the pen",
  });
  const ink = element("input", { type: "color", value: "#ffffff", "aria-label": "Colour of the pen" });
  const context = /** @type {CanvasRenderingContext2D} */ (
    canvas.getContext("2d", { willReadFrequently: true })
  );
  /** @type {{ x: number, y: number } | null} */
  let last = null;
  let due = 0;

  const send = () => {
    window.clearTimeout(due);
    due = 0;
    chooser.chooseDrawn(canvas, context, chooser.style());
  };
  const clear = () => {
    context.fillStyle = "#000";
    context.fillRect(0, 0, SIDE, SIDE);
  };
  const stroke = (/** @type {PointerEvent} */ event) => {
    const at = {
      x: (event.offsetX * SIDE) / canvas.clientWidth,
      y: (event.offsetY * SIDE) / canvas.clientHeight,
    };
    context.strokeStyle = (chooser.shape()[0] ?? 1) === 1 ? "#fff" : ink.value;
    context.lineWidth = Number(pen.value);
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo((last ?? at).x, (last ?? at).y);
    context.lineTo(at.x, at.y);
    context.stroke();
    last = at;
    due ||= window.setTimeout(send, EVERY);
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    stroke(event);
  });
  canvas.addEventListener("pointermove", (event) => last && stroke(event));
  const lift = () => {
    if (last) send();
    last = null;
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  clear();

  return {
    element: element(
      "div",
      { class: "chosen-pad" },
      canvas,
      element(
        "div",
        { class: "pad-tools" },
        element("label", { class: "note" }, "Pen", pen),
        element("label", { class: "note pad-ink" }, "Colour", ink),
        element(
          "button",
          {
            type: "button",
            class: "button",
            onclick: () => {
              clear();
              send();
            },
          },
          "Clear",
        ),
      ),
    ),
    show: () => {
      canvas.parentElement?.classList.toggle("grey", (chooser.shape()[0] ?? 1) === 1);
      send();
    },
    hide: () => window.clearTimeout(due),
  };
}
