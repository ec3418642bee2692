/** A button that deletes a run, and asks once more at the same place. */

import { element, iconButton } from "../core/dom.js";

/** @param {string} title of the run @param {() => void} remove */
export function deleteButton(title, remove) {
  const trash = iconButton("trash", `Delete ${title}`, () => {
    trash.replaceWith(sure);
    sure.focus();
  });
  const sure = element(
    "button",
    {
      type: "button",
      class: "button",
      "aria-label": `Delete ${title} for good`,
      onclick: remove,
      onblur: () => sure.isConnected && sure.replaceWith(trash),
    },
    "Delete",
  );
  return trash;
}
