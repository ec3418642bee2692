/** A button that deletes a run, and asks once more at the same place. */

import { element, iconButton } from "../core/dom.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  delete: "Delete {title}",
  deleteForGood: "Delete {title} for good",
});

/** @param {string} title of the run @param {() => void} remove */
export function deleteButton(title, remove) {
  const trash = iconButton("trash", TEXTS.delete({ title }), () => {
    trash.replaceWith(sure);
    sure.focus();
  });
  const sure = element(
    "button",
    {
      type: "button",
      class: "button",
      "aria-label": TEXTS.deleteForGood({ title }),
      onclick: remove,
      onblur: () => sure.isConnected && sure.replaceWith(trash),
    },
    "Delete",
  );
  return trash;
}
