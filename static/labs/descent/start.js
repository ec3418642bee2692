/** The start as two numbers; the picture is the main way to set it. */

/** @import { Json } from "../../types.d.ts" */
/** @import { Context, Control } from "../../form/field.js" */

import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { control } from "../../form/form.js";

const TEXTS = texts(import.meta.url, {
  x: "Start x",
  y: "Start y",
  startLabel: "Where all runners start; or drag the ring on the map.",
});

/** @param {Context} context @param {(axis: 0 | 1, value: Json) => void} move @returns {Control} */
export function startControl(context, move) {
  const number = { type: "number", description: TEXTS.startLabel };
  const own = {
    ...context,
    change: (/** @type {string} */ pointer, /** @type {Json} */ value) =>
      move(pointer.endsWith("/0") ? 0 : 1, value),
  };
  const [x, y] = [
    control(own, "/start/0", "start_x", { ...number, label: TEXTS.x }),
    control(own, "/start/1", "start_y", { ...number, label: TEXTS.y }),
  ];
  return {
    element: element("div", { class: "group start" }, x.element, y.element),
    update(value) {
      if (!Array.isArray(value)) return;
      x.update(value[0] ?? null);
      y.update(value[1] ?? null);
    },
  };
}
