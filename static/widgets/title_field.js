/** A field that asks for another title of a run, in the place of what shows it. */

import { element } from "../core/dom.js";
import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  label: "Another title for {title}",
  empty: "Empty: the title follows its data and network.",
});

/**
 * Show the field: Enter gives the title, Escape or going elsewhere leaves all as it was.
 *
 * @param {HTMLElement} shown what it takes the place of
 * @param {string} title
 * @param {{ class: string, focusBack: () => void, given: (title: string) => void }} options `focusBack` puts
 * the focus where it was; `given` receives a title that is another, empty where it is to follow the data
 */
export function askTitle(shown, title, { class: name, focusBack, given }) {
  const field = element("input", {
    class: name,
    "aria-label": TEXTS.label({ title }),
    title: TEXTS.empty,
    value: title,
    autocomplete: "off",
    spellcheck: "false",
    maxlength: 200,
  });
  let asking = true;
  const leave = () => {
    if (!asking) return; // to be taken away is a blur, too
    asking = false;
    field.replaceWith(shown);
  };
  field.addEventListener("blur", leave);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault(); // Escape would close a menu around it
    event.stopPropagation();
    leave();
    focusBack();
    const wanted = field.value.trim();
    if (event.key === "Enter" && wanted !== title) given(wanted);
  });
  shown.replaceWith(field);
  field.select();
}
