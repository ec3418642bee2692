/** A pad to draw on, with a pen of some width and colour. */

/** @import { Chooser, Source } from "./source.d.ts" */

import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { DrawingPad } from "./drawing_pad.js";

const TEXTS = texts(import.meta.url, {
  widthOfThePen: "Width of the pen",
  colourOfThePen: "Colour of the pen",
  pen: "Pen",
  colour: "Colour",
  clear: "Clear",
});

/** Milliseconds between two samples while the pen moves. */
const EVERY = 80;

/** @param {Chooser} chooser @returns {Source} */
export function drawingSource(chooser) {
  const width = element("input", {
    type: "range",
    min: 4,
    max: 48,
    value: 20,
    "aria-label": TEXTS.widthOfThePen,
  });
  const ink = element("input", { type: "color", value: "#ffffff", "aria-label": TEXTS.colourOfThePen });
  const grey = () => (chooser.shape()[0] ?? 1) === 1;
  let due = 0;
  const send = () => {
    window.clearTimeout(due);
    due = 0;
    chooser.chooseDrawn(pad.canvas, pad.context, chooser.style());
  };
  const pad = new DrawingPad({
    pen: () => ({ color: grey() ? "#fff" : ink.value, width: Number(width.value) }),
    drawn: () => (due ||= window.setTimeout(send, EVERY)),
    lifted: send,
  });
  const clear = () => {
    pad.clear();
    send();
  };
  const tools = element(
    "div",
    { class: "pad-tools" },
    element("label", { class: "note" }, TEXTS.pen, width),
    element("label", { class: "note pad-ink" }, TEXTS.colour, ink),
    element("button", { type: "button", class: "button", onclick: clear }, TEXTS.clear),
  );
  const whole = element("div", { class: "chosen-pad" }, pad.canvas, tools);
  return {
    element: whole,
    show: () => {
      whole.classList.toggle("grey", grey());
      send();
    },
    hide: () => window.clearTimeout(due),
  };
}
