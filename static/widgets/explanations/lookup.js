/** The explanation of a label, from the glossary and the catalogue, which are asked for with the first. */

/** @import { Catalog } from "../../types.d.ts" */
/** @import { Explanation } from "../../core/explained.js" */

import { getCatalog, getGlossary } from "../../core/api.js";
import { reasonOf } from "../../core/explained.js";
import { Dictionary } from "./dictionary.js";
import { wordsOf } from "./labels.js";

/** The page of labels that have none of their own. */
const WORDS_PAGE = "/reference/words";

/** @type {Promise<Dictionary> | null} */
let asked = null;

/**
 * @param {Catalog | null} catalog where the page has it
 * @returns {Promise<Dictionary>} rejected where the server does not answer; the next call asks again
 */
function dictionary(catalog) {
  asked ??= Promise.all([catalog ?? getCatalog(), getGlossary()]).then(
    ([items, glossary]) => new Dictionary(items, glossary),
    (error) => {
      asked = null;
      throw error;
    },
  );
  return asked;
}

/**
 * @param {Element} label @param {Catalog | null} catalog where the page has it
 * @returns {Promise<Explanation | null>} null where none is known
 */
export async function explanationOf(label, catalog) {
  const known = await dictionary(catalog);
  const reason = reasonOf(label);
  if (reason) return known.ofReason(reason);
  const term = label.getAttribute("data-term");
  if (term) return known.ofTerm(term);
  const [words, description] = [wordsOf(label).trim(), label.getAttribute("title")];
  // What a label says when pointed at was all that explained it.
  return known.ofWords(words) ?? (description ? { label: words, description, page: WORDS_PAGE } : null);
}
