/** What can be set: the study's options in groups, with the server's words at the fields it refuses. */

/** @import { Json, Located, Schema } from "../../types.d.ts" */
/** @import { Context } from "../../form/field.js" */
/** @import { Settings } from "./result.js" */

import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { clearProblems, groupControl, showProblems } from "../../form/form.js";
import { CONDITIONAL, counts } from "./settings.js";

const TEXTS = texts(import.meta.url, {
  picture: "Picture",
  filter: "Filter",
  stepsAndBorders: "Steps and borders",
  pooling: "Pooling",
  drawPictureShift: "Draw on the picture; with Shift, rub out.",
  clear: "Clear",
});

/** The parts of the form and the options in each. @type {[title: string, options: string[]][]} */
const PARTS = [
  [TEXTS.picture, ["picture", "digit", "size"]],
  [TEXTS.filter, ["filter", "side", "mode"]],
  [TEXTS.stepsAndBorders, ["padding", "border", "stride", "dilation"]],
  [TEXTS.pooling, ["pooling", "window", "window_stride"]],
];

export class Setup {
  #context;
  #forms;
  #drawing;
  element;

  /**
   * @param {Schema} schema of the study @param {(name: string, value: Json) => void} change
   * @param {() => void} clear the drawing
   */
  constructor(schema, change, clear) {
    /** @type {Context} */
    const context = {
      root: schema,
      change: (pointer, value) => change(pointer.slice(1), value),
      item: () => undefined,
      fields: new Map(),
    };
    this.#context = context;
    this.#forms = PARTS.map(([title, names]) => ({
      title,
      form: groupControl(context, "", schema, (name) => names.includes(name)),
    }));
    this.#drawing = element(
      "div",
      { class: "drawing", hidden: true },
      element("p", { class: "note" }, TEXTS.drawPictureShift),
      element("button", { type: "button", class: "button", onclick: clear }, TEXTS.clear),
    );
    const cards = this.#forms.map(({ title, form }, index) =>
      element(
        "section",
        { class: "lab-card" },
        element("h2", { class: "caption" }, title),
        form.element,
        index === 0 && this.#drawing,
      ),
    );
    this.element = element("div", { class: "convolution-setup" }, ...cards);
  }

  /** @param {Settings} settings */
  show(settings) {
    for (const { form } of this.#forms) form.update(/** @type {any} */ (settings));
    for (const name of CONDITIONAL) {
      const row = this.element.querySelector(`[data-pointer="/${name}"]`);
      if (row instanceof HTMLElement) row.hidden = !counts(settings, name);
    }
    this.#drawing.hidden = settings.picture !== "drawn";
  }

  /** Nothing is refused any more. */
  accept() {
    clearProblems(this.#context.fields);
  }

  /**
   * Say at the fields what is refused.
   *
   * @param {Located[]} problems of the study
   * @returns {string | null} what is about no field
   */
  refuse(problems) {
    const own = problems.map(({ pointer, message }) => ({
      pointer: pointer.replace(/^\/study/, ""),
      message,
    }));
    return showProblems(this.#context.fields, own)[0]?.message ?? null;
  }
}
