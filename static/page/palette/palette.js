/** The command palette: a field that finds every action, page, example, item and run, and does or opens it. */

/** @import { Offer } from "../../core/offers.js" */

import { getPlaces, listRuns } from "../../core/api.js";
import { element, icon, iconButton, setAttribute, setText, uniqueId } from "../../core/dom.js";
import { ranked } from "../../core/fuzzy.js";
import { offered } from "../../core/offers.js";
import { sheet } from "../../core/sheet.js";
import { atFirst, placeOffers, runOffers } from "./entries.js";
import { TEXT } from "./words.js";

/** Results that are listed at most. */
const MOST = 50;

/** Results that Page Up and Page Down pass. */
const PAGE = 8;

/** @type {Palette | null} */
let open = null;

/**
 * Open the palette, or close the one that is open.
 *
 * @param {() => string} typed what was typed since it was asked for; a line's end is Enter
 */
export async function togglePalette(typed) {
  if (open) return open.close();
  await sheet(new URL("../../styles/palette.css", import.meta.url));
  open ??= new Palette(typed(), () => (open = null));
}

/**
 * What is listed besides actions, each group when it has come.
 *
 * @returns {{ name: string, offers: Promise<Offer[]> }[]}
 */
function sources() {
  return [
    { name: TEXT.runs, offers: listRuns().then((runs) => runOffers(runs, Date.now() / 1000)) },
    { name: TEXT.pages, offers: getPlaces().then(placeOffers) },
  ];
}

class Palette {
  #list = element("ul", { role: "listbox", id: uniqueId("palette"), "aria-label": TEXT.results });
  #field = element("input", {
    type: "text",
    role: "combobox",
    "aria-expanded": "true",
    "aria-controls": this.#list.id,
    "aria-autocomplete": "list",
    "aria-label": TEXT.title,
    placeholder: TEXT.placeholder,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    oninput: () => this.#search(),
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
  });
  #status = element("p", { class: "visually-hidden", role: "status" });
  #note = element("p", { class: "palette-note", hidden: true });
  #dialog = element(
    "dialog",
    { class: "palette", "aria-label": TEXT.title },
    element(
      "div",
      { class: "palette-field" },
      icon("search"),
      this.#field,
      iconButton("remove", TEXT.close, () => this.close()),
    ),
    this.#list,
    this.#note,
    this.#status,
  );
  #actions = offered().filter(({ id }) => id !== "search");
  /** @type {Offer[][]} */
  #further = [];
  /** @type {Offer[]} */
  #results = [];
  #active = 0;

  /**
   * @param {string} typed
   * @param {() => void} closed
   */
  constructor(typed, closed) {
    const [query = "", ...entered] = typed.split("\n");
    this.#field.value = query;
    this.#dialog.addEventListener("close", () => (this.#dialog.remove(), closed()));
    this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && this.close());
    document.body.append(this.#dialog);
    this.#dialog.showModal();
    this.#field.focus();
    this.#search();
    const taken = Promise.all(sources().map((source, index) => this.#take(source, index)));
    if (entered.length > 0) void taken.then(() => this.#enter(query));
  }

  /** Choose what Enter chose before the palette was there, if no more was typed. @param {string} query */
  #enter(query) {
    if (this.#dialog.open && this.#field.value === query) this.#choose(this.#active);
  }

  close() {
    this.#dialog.close();
  }

  /** @param {ReturnType<typeof sources>[number]} source @param {number} index */
  async #take({ name, offers }, index) {
    try {
      this.#further[index] = await offers;
    } catch (error) {
      this.#note.append(
        `${TEXT.unlisted({ what: name, why: error instanceof Error ? error.message : String(error) })} `,
      );
      this.#note.hidden = false;
    }
    this.#search(this.#results[this.#active]?.id);
  }

  /**
   * List what the field's text finds.
 
   * @param {string} [kept] the entry that stays the active one
   */
  #search(kept) {
    const query = this.#field.value.trim();
    const all = [...this.#actions, ...this.#further.flat()];
    const found = ranked(query, query ? all : atFirst(all), MOST);
    this.#results = found.map(({ entry }) => entry);
    this.#list.replaceChildren(
      ...found.map(({ entry, places }, index) => this.#option(entry, places, index)),
    );
    if (found.length === 0)
      this.#list.append(element("li", { class: "palette-none", role: "presentation" }, TEXT.none));
    setText(this.#status, TEXT.found({ count: found.length }));
    this.#activate(Math.max(0, kept ? this.#results.findIndex(({ id }) => id === kept) : 0));
  }

  /** @param {Offer} offer @param {number[]} places @param {number} index */
  #option(offer, places, index) {
    const { label, detail, group, keys, reason } = offer;
    return element(
      "li",
      {
        role: "option",
        id: `${this.#list.id}-${index}`,
        "aria-selected": "false",
        "aria-disabled": reason ? "true" : undefined,
        onclick: () => this.#choose(index),
        onpointermove: () => index !== this.#active && this.#activate(index),
      },
      element("span", { class: "palette-label" }, ...marked(label, places)),
      (reason ?? detail) && element("small", {}, reason ?? detail ?? ""),
      element(
        "span",
        { class: "palette-end" },
        ...(keys ? keys.map((key) => element("kbd", {}, key)) : [element("small", {}, group)]),
      ),
    );
  }

  /** @param {number} index */
  #activate(index) {
    this.#active = index;
    const options = [...this.#list.querySelectorAll("[role=option]")];
    options.forEach((option, at) => setAttribute(option, "aria-selected", String(at === index)));
    const active = options[index];
    setAttribute(this.#field, "aria-activedescendant", active?.id ?? null);
    active?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const last = this.#results.length - 1;
    /** @type {Record<string, number>} */
    const moves = {
      ArrowDown: this.#active === last ? 0 : this.#active + 1,
      ArrowUp: this.#active === 0 ? last : this.#active - 1,
      PageDown: Math.min(last, this.#active + PAGE),
      PageUp: Math.max(0, this.#active - PAGE),
    };
    const to = moves[event.key];
    if (to === undefined && event.key !== "Enter") return;
    event.preventDefault();
    if (to === undefined) this.#choose(this.#active);
    else if (last >= 0) this.#activate(to);
  }

  /** @param {number} index */
  #choose(index) {
    const offer = this.#results[index];
    if (!offer) return;
    if (offer.reason) {
      setText(this.#status, TEXT.disabled({ label: offer.label, reason: offer.reason }));
      return this.#activate(index);
    }
    this.close();
    if (offer.href) location.assign(offer.href);
    else offer.act?.();
  }
}

/**
 * A label with the matched letters marked.
 *
 * @param {string} label
 * @param {number[]} places
 * @returns {(string | Node)[]}
 */
function marked(label, places) {
  const at = new Set(places);
  return Array.from(label, (letter, index) => (at.has(index) ? element("mark", {}, letter) : letter));
}
