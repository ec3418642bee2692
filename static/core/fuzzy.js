/** Fuzzy matching: the letters of a query, in order, anywhere in a text. */

/** @typedef {{ score: number, places: number[] }} Match a higher score is a better match; places of its letters */

/** Points for a matched letter that follows the one before, that begins a word, and that begins the text. */
const ADJACENT = 6;
const WORD_START = 8;
const TEXT_START = 4;

/** Points lost for each letter between two that match, at most so many; and more where no word begins there. */
const GAP = 1;
const MOST_GAP = 6;
const INSIDE = 3;

/** Points that a match must have for each of its letters: those of letters in a row within a word. */
const LEAST = 4;

/** Points of a word that only the further terms have. */
const UNSEEN = 1;

/**
 * A text by its plain letters, each at its place: x₁ is found by x1, é by e.
 *
 * @param {string} text
 */
export function plainLetters(text) {
  return Array.from(text, (letter) => {
    const [plain = letter] = letter.normalize("NFKD");
    return plain.toLowerCase();
  });
}

/**
 * The best places of one word's letters in a text.
 *
 * @param {string} word without spaces
 * @param {string} text
 * @returns {Match | null} null where not all of its letters are there in their order
 */
export function matchWord(word, text) {
  const [first, ...others] = plainLetters(word);
  const letters = plainLetters(text);
  /** Of each letter of the word, the best match that ends at each place. @type {(Match | null)[]} */
  let ends = letters.map((letter, at) =>
    letter === first ? { score: pointsAt(letters, at), places: [at] } : null,
  );
  for (const letter of others)
    ends = letters.map((found, at) => (found === letter ? extended(ends, letters, at) : null));
  return ends.reduce((best, end) => (end && end.score > (best?.score ?? -Infinity) ? end : best), null);
}

/**
 * The best match that one more letter at a place makes.
 *
 * @param {(Match | null)[]} ends
 * @param {string[]} letters
 * @param {number} at
 */
function extended(ends, letters, at) {
  /** @type {Match | null} */
  let best = null;
  for (let before = 0; before < at; before++) {
    const end = ends[before];
    if (!end) continue;
    const score = end.score + pointsAt(letters, at) + stepPoints(letters, before, at);
    if (!best || score > best.score) best = { score, places: [...end.places, at] };
  }
  return best;
}

/**
 * What it counts that one letter comes so far behind the one before.
 *
 * @param {string[]} letters
 * @param {number} before
 * @param {number} at
 */
function stepPoints(letters, before, at) {
  const gap = at - before - 1;
  if (gap === 0) return ADJACENT;
  return -Math.min(MOST_GAP, GAP * gap) - (beginsWord(letters, at) ? 0 : INSIDE);
}

/**
 * @param {string[]} letters
 * @param {number} at
 */
function pointsAt(letters, at) {
  return 1 + (beginsWord(letters, at) ? WORD_START : 0) + (at === 0 ? TEXT_START : 0);
}

/**
 * @param {string[]} letters
 * @param {number} at
 */
function beginsWord(letters, at) {
  return !/[\p{L}\p{N}]/u.test(letters[at - 1] ?? "");
}

/**
 * Every word of a query, found in a text or else among its further terms.
 *
 * @param {string} query
 * @param {string} text
 * @param {string} [terms]
 * @returns {Match | null} places are in the text alone; null where a word is found in neither
 */
export function match(query, text, terms = "") {
  let score = 0;
  const places = new Set();
  for (const word of query.split(/\s+/).filter(Boolean)) {
    const seen = good(matchWord(word, text), word);
    if (!seen && !begins(word, terms)) return null;
    score += seen ? seen.score : UNSEEN;
    for (const place of seen?.places ?? []) places.add(place);
  }
  return { score: score - text.length / 100, places: [...places].sort((a, b) => a - b) };
}

/**
 * A match whose letters are scattered over a text by chance is none.
 *
 * @param {Match | null} found
 * @param {string} word
 */
function good(found, word) {
  return found && found.score >= LEAST * plainLetters(word).length ? found : null;
}

/**
 * Whether a word of a text begins so: letters far apart in a sentence mean nothing.
 *
 * @param {string} word
 * @param {string} text
 */
function begins(word, text) {
  const wanted = plainLetters(word).join("");
  const words = plainLetters(text)
    .join("")
    .split(/[^\p{L}\p{N}]+/u);
  return words.some((each) => each.startsWith(wanted));
}

/**
 * What matches a query, the best first; with an empty query all, as they come.
 *
 * @template {{ label: string, detail?: string, terms?: string }} T
 * @param {string} query
 * @param {T[]} entries
 * @param {number} most
 * @returns {{ entry: T, places: number[] }[]}
 */
export function ranked(query, entries, most) {
  const found = entries.flatMap((entry, index) => {
    const matched = match(query, entry.label, `${entry.detail ?? ""} ${entry.terms ?? ""}`);
    return matched ? [{ entry, index, ...matched }] : [];
  });
  if (query.trim()) found.sort((one, other) => other.score - one.score || one.index - other.index);
  return found.slice(0, most).map(({ entry, places }) => ({ entry, places }));
}
