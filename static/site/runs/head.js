/** What stands above and below the list of runs: words and a state to choose by, columns to order by, pages. */

/** @import { Order, Wanted } from "./model.js" */

import { element, setText } from "../../core/dom.js";
import { PAGE, reordered } from "./model.js";
import { COLUMNS, placeWords, STATES, WORDS } from "./words.js";

/** @typedef {(wanted: Wanted) => void} Want */

/**
 * The words and the state that runs are chosen by.
 *
 * @param {() => Wanted} wanted @param {Want} want
 */
export function filters(wanted, want) {
  const text = element("input", {
    class: "text",
    type: "search",
    "aria-label": WORDS.search,
    placeholder: WORDS.search,
    autocomplete: "off",
    spellcheck: "false",
    maxlength: 200,
    oninput: () => want({ ...wanted(), text: text.value.trim(), page: 0 }),
  });
  const state = element(
    "select",
    { "aria-label": COLUMNS.state, onchange: () => want({ ...wanted(), state: state.value, page: 0 }) },
    element("option", { value: "" }, WORDS.any),
    ...STATES.map(([name]) => element("option", {}, name)),
  );
  const show = () => {
    const { text: words, state: chosen } = wanted();
    if (document.activeElement !== text) text.value = words;
    state.value = chosen;
  };
  return {
    root: element("div", { class: "filters" }, text, element("span", { class: "select" }, state)),
    show,
  };
}

/**
 * The heads of the columns, each a button that orders by it.
 *
 * @param {() => Wanted} wanted @param {Want} want @param {boolean} changing whether rows have buttons at their end
 */
export function columns(wanted, want, changing) {
  const heads = Object.entries(COLUMNS).map(([name, label]) => {
    const order = /** @type {Order} */ (name);
    const press = () => want(reordered(wanted(), order));
    return {
      order,
      cell: element(
        "th",
        { scope: "col", class: name },
        element("button", { type: "button", onclick: press }, label),
      ),
    };
  });
  const show = () => {
    const { order, descending } = wanted();
    for (const { order: each, cell } of heads)
      cell.setAttribute("aria-sort", each !== order ? "none" : descending ? "descending" : "ascending");
  };
  const end =
    changing && element("th", { scope: "col" }, element("span", { class: "visually-hidden" }, WORDS.actions));
  return { row: element("tr", {}, ...heads.map(({ cell }) => cell), end), show };
}

/** The way to the pages before and after. @param {() => Wanted} wanted @param {Want} want */
export function pages(wanted, want) {
  const place = element("span", { role: "status" });
  const turn = (/** @type {number} */ by) => () => want({ ...wanted(), page: wanted().page + by });
  const newer = element("button", { type: "button", class: "button", onclick: turn(-1) }, WORDS.newer);
  const older = element("button", { type: "button", class: "button", onclick: turn(1) }, WORDS.older);
  const show = (/** @type {number} */ total) => {
    const from = wanted().page * PAGE;
    const to = Math.min(from + PAGE, total);
    setText(place, total ? placeWords(from + 1, to, total) : "");
    newer.hidden = older.hidden = total <= PAGE;
    newer.disabled = from === 0;
    older.disabled = to >= total;
  };
  return { root: element("nav", { class: "turning", "aria-label": WORDS.pages }, place, newer, older), show };
}
