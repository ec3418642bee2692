/** Explanations found: by an item and its option, by a term of the glossary, by the words of a label. Pure. */

/** @import { Catalog, CatalogItem, Glossary, Term } from "../../types.d.ts" */
/** @import { Explanation, Reason } from "../../core/explained.js" */

import { descriptionOf } from "../../catalog/catalog.js";

/** Parts of an experiment's document that the reference has pages of, by the beginning of a pointer. */
const PARTS = [
  { beginning: /^\/training\/updates\/\d+\/(\w+)$/, page: "/reference/experiment/updates" },
  { beginning: /^\/training\/(\w+)$/, page: "/reference/experiment/training" },
  { beginning: /^\/(\w+)$/, page: "/reference/experiment/experiment" },
];

export class Dictionary {
  #catalog;
  #glossary;
  /** @type {Map<string, string>} terms by the words that pages show */
  #shown = new Map();
  /** @type {Map<string, { family: string, item: CatalogItem }>} items by their labels */
  #labels = new Map();

  /** @param {Catalog} catalog @param {Glossary} glossary */
  constructor(catalog, glossary) {
    this.#catalog = catalog;
    this.#glossary = glossary;
    for (const [name, term] of Object.entries(glossary))
      for (const word of term.shown ?? [term.label]) this.#shown.set(plain(word), name);
    for (const [family, items] of Object.entries(catalog))
      for (const item of items) {
        const label = plain(item.panel?.title ?? item.label);
        if (!this.#labels.has(label)) this.#labels.set(label, { family, item });
      }
  }

  /** @param {string} name of a term @returns {Explanation | null} */
  ofTerm(name) {
    const term = this.#glossary[name];
    return term ? ofTerm(name, term) : null;
  }

  /**
   * By what a label says, whatever its capitals; numbers in it are passed over.
   *
   * @param {string} words @returns {Explanation | null}
   */
  ofWords(words) {
    const word = plain(words);
    const term = this.#shown.get(word);
    if (term !== undefined) return this.ofTerm(term);
    const found = this.#labels.get(word);
    return found ? ofItem(found.family, found.item) : null;
  }

  /** What a label's own reason amounts to, completed by its item. @param {Reason} reason @returns {Explanation} */
  ofReason({ term, kind, among = [], option, pointer, ...own }) {
    const named = term === undefined ? null : this.ofTerm(term);
    if (named) return named;
    const found = kind === undefined ? null : this.#find(kind, among);
    const whole = found && option === undefined ? ofItem(found.family, found.item) : null;
    const page = found
      ? `/reference/${found.family}/${kind}${option === undefined ? "" : `#${option}`}`
      : partOf(pointer ?? "");
    return {
      ...whole,
      ...own,
      label: [own.label, whole?.label].filter(Boolean).join(": "),
      description: [own.description, whole?.description].filter(Boolean).join(" "),
      ...(page ? { page } : {}),
    };
  }

  /**
   * An item of a kind; of several families that have one, that which has most of the others to choose from.
   *
   * @param {string} kind @param {string[]} among
   */
  #find(kind, among) {
    const families = Object.entries(this.#catalog).flatMap(([family, items]) => {
      const item = items.find((each) => each.kind === kind);
      const alike = items.filter((each) => among.includes(each.kind)).length;
      return item ? [{ family, item, alike }] : [];
    });
    return families.sort((one, other) => other.alike - one.alike)[0] ?? null;
  }
}

/** @param {string} name @param {Term} term @returns {Explanation} */
function ofTerm(name, { label, description, formula, see }) {
  return { label, description, ...(formula ? { formula } : {}), page: see ?? `/reference/words#${name}` };
}

/** @param {string} family @param {CatalogItem} item @returns {Explanation} */
function ofItem(family, item) {
  const { kind, label, formula } = item;
  const description = descriptionOf(item);
  return { label, description, ...(formula ? { formula } : {}), page: `/reference/${family}/${kind}` };
}

/** The page of an option of the experiment's document. @param {string} pointer */
function partOf(pointer) {
  for (const { beginning, page } of PARTS) {
    const [, option] = beginning.exec(pointer) ?? [];
    if (option) return `${page}#${option}`;
  }
  return undefined;
}

/** `Test  loss 0.31` → `test loss` @param {string} words */
function plain(words) {
  return words
    .replace(/[−+-]?\d[\d.,]*(?:e[−-]?\d+)?(?=\s|$|[:;)])/g, " ")
    .replace(/[:…]+\s*$/, "")
    .replace(/\s+/g, " ")
    .trim()
    .toLowerCase();
}
