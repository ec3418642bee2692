/** The samples behind a cell of the confusion matrix, below their title; or the surest mistakes. */

/** @import { Frame, JsonObject } from "../../types.d.ts" */
/** @import { RunControl } from "../../run/run.js" */
/** @import { Cell } from "../confusion_matrix/model.js" */

import { element, iconButton, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { examplesList } from "../examples.js";
import { isAnswer, titleOf } from "./cell.js";

const TEXTS = texts(import.meta.url, {
  showSurestMistakesAgain: "Show the surest mistakes again",
});

export class CellExamples {
  #title = element("h3", { class: "caption" });
  #close;
  #list;

  /** @param {RunControl} run @param {() => void} close called to leave the cell that is shown */
  constructor(run, close) {
    this.#list = examplesList(run);
    this.#close = iconButton("remove", TEXTS.showSurestMistakesAgain, close);
    this.element = element(
      "section",
      { class: "metric-part" },
      element("div", { class: "metric-head" }, this.#title, this.#close),
      this.#list.element,
    );
  }

  /**
   * @param {{ frame: Frame, asked: JsonObject } | null} newest frame, and what it answers
   * @param {{ set: string, cell: Cell, classes: string[] }} wanted
   */
  paint(newest, { set, cell, classes }) {
    this.#close.hidden = cell.truth === null && cell.predicted === null;
    if (!newest || !isAnswer(newest.asked, set, cell)) return;
    const count = newest.frame.arrays.get("count")?.data[0] ?? 0;
    setText(this.#title, titleOf(cell, classes, count));
    this.#list.show(newest.frame, set, classes);
  }
}
