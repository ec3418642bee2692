/** The boxes in the order of greedy suppression: scores to edit, classes, and how each stands. */

/** @import { Box } from "./geometry.js" */
/** @import { Standing } from "./suppression.js" */

import { element, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { category } from "../../draw/colors.js";
import { typedNumber } from "../../form/number.js";
import { CLASSES } from "./scenes.js";

const TEXTS = texts(import.meta.url, {
  boxes: "Boxes, from the highest score down",
  box: "Box",
  score: "Score",
  class: "Class",
  outcome: "Outcome",
  scoreOf: "Score of box {box}",
  classOf: "Class of box {box}",
  choose: "Choose box {box}",
  kept: "kept",
  removed: "removed by {by}, IoU {iou}",
  waiting: "waits",
  more: { one: "and {count} more box", other: "and {count} more boxes" },
});

/** So many rows are shown. */
const ROWS = 30;

/** The letter of a class. @param {number} kind */
const classLetter = (kind) => String.fromCharCode(65 + kind);

/** @typedef {{ choose: (index: number) => void, change: (index: number, box: Box) => void }} Listener */

/** @typedef {ReturnType<typeof rowOf>} Row */

export class BoxList {
  #body = element("tbody", {});
  #more = element("p", { class: "note" });
  element = element(
    "section",
    { class: "boxes-list" },
    element("h2", { class: "caption", "data-term": "greedy_order" }, TEXTS.boxes),
    element(
      "table",
      {},
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          ...[
            ["box", TEXTS.box],
            ["box_score", TEXTS.score],
            ["box_class", TEXTS.class],
            ["box_outcome", TEXTS.outcome],
          ].map(([term, words]) => element("th", { scope: "col", "data-term": term }, words)),
        ),
      ),
      this.#body,
    ),
    this.#more,
  );
  /** @type {Row[]} */
  #rows = [];
  #listener;

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  /** @param {Box[]} boxes @param {number[]} order @param {Standing[]} standings @param {number} chosen */
  show(boxes, order, standings, chosen) {
    const shown = order.slice(0, ROWS);
    while (this.#rows.length < shown.length) this.#rows.push(rowOf(this.#listener));
    this.#rows.length = shown.length;
    shown.forEach((index, rank) => {
      const [row, box, standing] = [this.#rows[rank], boxes[index], standings[index]];
      if (row && box && standing) row.show(index, box, standing, index === chosen);
    });
    if (this.#body.childElementCount !== shown.length)
      this.#body.replaceChildren(...this.#rows.map((row) => row.element));
    const rest = order.length - shown.length;
    setText(this.#more, rest > 0 ? TEXTS.more({ count: rest }) : "");
  }
}

/** A row that shows one box after the other. @param {Listener} listener */
function rowOf(listener) {
  let shown = -1;
  /** @type {Box | null} */
  let now = null;
  const name = element("button", {
    type: "button",
    class: "boxes-name",
    onclick: () => listener.choose(shown),
  });
  const score = element("input", {
    type: "text",
    class: "number",
    inputmode: "decimal",
    autocomplete: "off",
  });
  const kind = element(
    "select",
    {},
    ...Array.from({ length: CLASSES }, (_, each) => element("option", { value: each }, classLetter(each))),
  );
  const outcome = element("td", { class: "boxes-outcome" });
  score.addEventListener("change", () => {
    const typed = typedNumber(score, { min: 0, max: 1, step: "any" });
    if (typed !== null && now) listener.change(shown, { ...now, score: typed });
  });
  kind.addEventListener("change", () => {
    if (now) listener.change(shown, { ...now, class: Number(kind.value) });
  });
  const row = element(
    "tr",
    {},
    element("td", {}, name),
    element("td", {}, score),
    element("td", {}, element("span", { class: "select" }, kind)),
    outcome,
  );
  /** @param {number} index @param {Box} box @param {Standing} standing @param {boolean} chosen */
  const show = (index, box, standing, chosen) => {
    [shown, now] = [index, box];
    setText(name, String(index + 1));
    name.style.setProperty("--series", category(box.class));
    name.setAttribute("aria-pressed", String(chosen));
    name.setAttribute("aria-label", TEXTS.choose({ box: index + 1 }));
    score.setAttribute("aria-label", TEXTS.scoreOf({ box: index + 1 }));
    kind.setAttribute("aria-label", TEXTS.classOf({ box: index + 1 }));
    if (document.activeElement !== score) score.value = box.score.toFixed(2);
    kind.value = String(box.class);
    row.dataset["state"] = standing.state;
    setText(outcome, outcomeOf(standing));
  };
  return { element: row, show };
}

/** @param {Standing} standing */
function outcomeOf({ state, by, iou }) {
  if (state === "removed") return TEXTS.removed({ by: by + 1, iou: iou.toFixed(2) });
  return state === "kept" ? TEXTS.kept : TEXTS.waiting;
}
