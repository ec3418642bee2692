/** Named numbers as bars. */

/** @import { BarsPart } from "../../types.d.ts" */

import { element } from "../../core/dom.js";
import { shortNumber } from "../../core/format.js";

export class BarsView {
  #list = element("ul", { class: "figure-bars" });

  /** @param {string} title */
  constructor(title) {
    this.element = element("section", { class: "figure-part" }, element("h3", {}, title), this.#list);
  }

  /** @param {BarsPart} part */
  show({ bars, unit }) {
    const greatest = Math.max(...bars.map(({ value }) => Math.abs(value ?? 0)), 1e-12);
    this.#list.replaceChildren(
      ...bars.map(({ name, value, note }) => {
        const bar = element("span", { class: "figure-bar", "aria-hidden": "true" });
        bar.style.setProperty("--share", String(Math.abs(value ?? 0) / greatest));
        const number = `${value === null ? "–" : shortNumber(value)} ${unit}`.trim();
        return element(
          "li",
          {},
          element("span", { class: "figure-bar-name" }, name),
          bar,
          element("span", { class: "figure-bar-value" }, note ? `${number} · ${note}` : number),
        );
      }),
    );
  }
}
