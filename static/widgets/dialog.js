/** A dialog over the page, with a title and a button that closes it. */

import { element } from "../core/dom.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  close: "Close",
});

/** @param {string} title @param {...Node} content @returns {HTMLDialogElement} */
export function openDialog(title, ...content) {
  const close = element(
    "button",
    // Focused first, whatever else can be pressed: Enter closes what was only to be read.
    { type: "button", class: "button primary", autofocus: true, onclick: () => dialog.close() },
    TEXTS.close,
  );
  const dialog = element(
    "dialog",
    { "aria-label": title },
    element("h2", {}, title),
    ...content,
    element("div", { class: "dialog-end" }, close),
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
