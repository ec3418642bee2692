/** What the forms of uploads are made of. */

/** @import { Option } from "./guesses.js" */

import { element } from "../../core/dom.js";
import { texts } from "../../core/texts.js";

const TEXTS = texts(import.meta.url, {
  chooseAFile: "Choose a file",
  orDropItHere: "or drop it here",
  whichSet: "Which set",
  choose: "choose …",
  allInOne: "all in one",
});

/**
 * Where files are chosen, or dropped.
 *
 * @param {{ label: string, accept: string, multiple?: boolean, taken: (files: File[]) => void }} zone
 */
export function dropZone({ label, accept, multiple = false, taken }) {
  const input = element("input", {
    type: "file",
    class: "visually-hidden",
    multiple,
    accept,
    "aria-label": label,
    onchange: () => {
      taken([...(input.files ?? [])]);
      input.value = "";
    },
  });
  const title = element("strong", {}, TEXTS.chooseAFile);
  const drop = element("label", { class: "drop-zone" }, title, " ", TEXTS.orDropItHere, input);
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    drop.classList.remove("over");
    taken([...(event.dataTransfer?.files ?? [])]);
  });
  return drop;
}

/**
 * Which of several sets of a file it is to be; they may be `poolable`, all as one.
 *
 * @param {unknown[]} choices @param {boolean} poolable @param {(asked: Record<string, string>) => void} chosen
 */
export function setChooser(choices, poolable, chosen) {
  const named = choices.map((each, index) => /** @type {Option} */ ([String(index), String(each)]));
  const all = poolable ? [/** @type {Option} */ (["all", TEXTS.allInOne])] : [];
  const which = select(TEXTS.whichSet, [["", TEXTS.choose], ...named, ...all], "");
  which.addEventListener("change", () => {
    if (which.value === "all") chosen({ sets: "pooled", only: "" });
    else if (which.value) chosen({ sets: "own", only: String(choices[Number(which.value)]) });
  });
  return row(TEXTS.whichSet, which);
}

/** @param {string} title @param {string[]} items */
export function list(title, items) {
  if (items.length === 0) return [];
  return [
    element(
      "div",
      { class: "upload-notes" },
      element("h3", {}, title),
      element("ul", {}, ...items.map((each) => element("li", {}, each))),
    ),
  ];
}

/** @param {string} label @param {() => void} onclick @param {string} [kind] */
export function button(label, onclick, kind = "") {
  return element("button", { type: "button", class: `button ${kind}`.trim(), onclick }, label);
}

/** @param {string} title @param {HTMLSelectElement} control */
export function row(title, control) {
  return element(
    "div",
    { class: "field inline" },
    element("span", {}, title),
    element("span", { class: "select" }, control),
  );
}

/** @param {string} label @param {Option[]} options @param {string} value */
export function select(label, options, value) {
  const made = element(
    "select",
    { "aria-label": label },
    ...options.map(([name, title]) => element("option", { value: name }, title)),
  );
  made.value = value;
  return made;
}
