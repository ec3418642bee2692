/** The rates that stand out, one below the other: what each is, its number, and a button that uses it. */

/** @import { Picture } from "./model.js" */
/** @import { Try } from "./tries.js" */

import { element, setText } from "../../core/dom.js";
import { texts } from "../../core/texts.js";
import { MARKS } from "./model.js";

const TEXTS = texts(import.meta.url, {
  ratesWereTried: "Rates that were tried, and their losses",
  useThisRate: "Use this rate: {title}",
  useThisRate2: "Use this rate",
});

export class RateMarks {
  #tried = element("ul", { class: "lr-tried", "aria-label": TEXTS.ratesWereTried });
  #rows;

  /** @param {(rate: number) => void} use */
  constructor(use) {
    this.#rows = MARKS.map((mark) => markRow(mark, use, mark.id === "good" ? this.#tried : null));
    this.element = element("dl", { class: "lr-marks" }, ...this.#rows.map((row) => row.element));
  }

  /** @param {Picture} picture */
  show(picture) {
    for (const row of this.#rows) row.show(picture);
    this.#showTried(picture.tried);
  }

  /** @param {Try[]} tried */
  #showTried(tried) {
    this.#tried.hidden = tried.length === 0;
    const rows = [{ rate: "rate", loss: "loss", state: "" }, ...tried].map(({ rate, loss, state }) =>
      element("li", { class: state }, element("span", {}, rate), element("span", {}, loss)),
    );
    this.#tried.replaceChildren(...rows);
  }
}

/**
 * @param {typeof MARKS[number]} mark @param {(rate: number) => void} use @param {HTMLElement | null} below
 */
function markRow(mark, use, below) {
  let found = NaN;
  const value = element("b", {}, "–");
  const note = element("span", { class: "note" });
  const button = element(
    "button",
    {
      type: "button",
      class: "button",
      disabled: true,
      "aria-label": TEXTS.useThisRate({ title: mark.title }),
      onclick: () => use(found),
    },
    TEXTS.useThisRate2,
  );
  const row = element(
    "div",
    { class: `lr-mark lr-${mark.id}` },
    element("dt", {}, element("span", {}, mark.title), note),
    element("dd", {}, value, mark.usable && button),
    below && element("dd", { class: "lr-below" }, below),
  );
  return {
    element: row,
    /** @param {Picture} picture */
    show({ marks }) {
      const own = marks.find(({ id }) => id === mark.id);
      found = own?.use ?? NaN;
      row.hidden = !own; // of accuracy, where there is none
      setText(value, own?.text ?? "–");
      setText(note, own?.description ?? "");
      button.disabled = !Number.isFinite(found);
    },
  };
}
