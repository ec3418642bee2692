/** What the colours of a graph mean. */

import { element } from "../../core/dom.js";
import { CATEGORY_ORDER, categoryName, colorOf } from "./words.js";

/** @param {HTMLElement} list */
export function legendInto(list) {
  list.replaceChildren(
    ...CATEGORY_ORDER.map((category) => {
      const mark = element("i", { "aria-hidden": "true" });
      mark.style.setProperty("background", colorOf(category));
      return element("li", {}, mark, categoryName(category));
    }),
  );
}
