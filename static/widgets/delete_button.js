/** A button that deletes a run, and asks once more at the same place; Escape, or leaving, takes the question back. */

import { element, iconButton } from "../core/dom.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  delete: "Delete {title}",
  sure: "Delete",
  deleteForGood: "Delete {title} for good",
});

/** @param {string} title of the run @param {() => void} remove */
export function deleteButton(title, remove) {
  const trash = iconButton("trash", TEXTS.delete({ title }), () => {
    trash.replaceWith(sure);
    asks = true;
    sure.focus();
  });
  let asks = false;
  const takeBack = () => {
    if (!asks) return;
    asks = false; // first: to be taken out of the page is to lose the focus
    sure.replaceWith(trash);
  };
  const sure = element(
    "button",
    {
      type: "button",
      class: "button",
      "aria-label": TEXTS.deleteForGood({ title }),
      onclick: remove,
      onblur: takeBack,
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation(); // what it stands in stays open
        takeBack();
        trash.focus();
      },
    },
    TEXTS.sure,
  );
  return trash;
}
