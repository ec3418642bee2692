/** What on a page is a label that explains itself, and the words it is looked up by. */

/** Form labels: their mark stands beside them, as a label's own content would be the name of its field. */
const FORMS = 'label:not(.button), [data-pointer="/data/features"] .mark';

/** Where the words name something to screen readers: the mark stands before them, so that it is no part of the name. */
const NAMES = ":is(h1, h2, h3, h4, h5, h6)";

/** The same of a title beside which others stand in a row: behind it. */
const TITLES = ".inspector-title > h2";

/** Headings, legends, counters, but no numbers: all but headings have their mark as their last part. */
const OTHERS = [
  ".caption, .inspector-title > h2, .shortcut-figure > h2, details.metric-part > summary",
  "legend, dt, th[scope=col], .list-head > span:first-child, .method-card > figcaption > :first-child",
  ".legend > span:not(.class-name, .gradient, .pad-ramp), .plot-legend > :not(b), .readout > span, [data-term]",
].join(", ");

const LABELS = `${FORMS}, ${OTHERS}`;

/** Where words are not labels of the page: sheets of keys, questions, explanations themselves; what is not read. */
const NOT_HERE = 'dialog, .popover, .explanation, .explain, .reference, [aria-hidden="true"]';

/** @param {Element} element */
export function isLabel(element) {
  return element.matches(LABELS) && !element.closest(NOT_HERE);
}

/** The labels at or below an element. @param {Element} root @returns {Element[]} */
export function labelsIn(root) {
  return [root, ...root.querySelectorAll(LABELS)].filter(isLabel);
}

/** A part of the page whose labels are explained one after the other. */
const PARTS = "section, nav, header, main, form, dialog, [role=region], body";

/**
 * The next label of the part of the page that one is in; after the last, the first.
 *
 * @param {Element} label @param {(label: Element) => boolean} has whether a label has a mark
 */
export function labelAfter(label, has) {
  const all = shownLabels(label.closest(PARTS) ?? document.body, has);
  return all[(all.indexOf(label) + 1) % all.length] ?? null;
}

/** @param {Element} part @param {(label: Element) => boolean} has */
const shownLabels = (part, has) =>
  [...part.querySelectorAll(".explained")].filter((label) => has(label) && label.checkVisibility());

/**
 * The label of what has the focus, or of the nearest group that it is in, or else the first one near it.
 *
 * @param {Element} from @param {(label: Element) => boolean} has whether a label has a mark @returns {Element | null}
 */
export function labelOf(from, has) {
  const { labels } = /** @type {{ labels?: Iterable<Element> | null }} */ (/** @type {unknown} */ (from));
  const own = [from, ...(labels ?? [])].find(has);
  if (own) return own;
  for (let place = from.parentElement; place; place = place.parentElement) {
    const label = [...place.querySelectorAll(":scope > .explained, :scope > * > h2.explained")].find(has);
    if (label) return label;
  }
  for (let part = from.closest(PARTS); part; part = part.parentElement?.closest(PARTS) ?? null) {
    const [first] = shownLabels(part, has);
    if (first) return first;
  }
  return null;
}

/** Put a mark where it belongs. @param {Element} mark @param {Element} label */
export function putMark(mark, label) {
  if (isMarked(mark, label)) return;
  const { parentElement: folding } = label;
  // What folds is a button to screen readers, and may hold no other.
  if (label.matches("summary")) folding?.before(mark);
  else if (label.matches(`${FORMS}, ${TITLES}`)) label.after(mark);
  else if (label.matches(NAMES)) label.before(mark);
  else label.append(mark);
}

/** The words of a legend or of a column name it, without the mark that stands in them. @param {Element} label */
export function nameByWords(label) {
  if (label.matches("legend")) label.parentElement?.setAttribute("aria-label", wordsOf(label).trim());
  else if (label.matches("th")) label.setAttribute("aria-label", wordsOf(label).trim());
}

/** @param {Element} mark @param {Element} label */
function isMarked(mark, label) {
  const first = label.matches("summary") ? label.parentElement : label;
  const beside = [first?.previousElementSibling, label.nextElementSibling];
  return mark.parentElement === label || beside.includes(mark);
}

/** The words of a label, without what changes in it: fields, numbers, marks. @param {Element} label */
export function wordsOf(label) {
  const copy = /** @type {Element} */ (label.cloneNode(true));
  for (const part of copy.querySelectorAll(".explain, select, input, output, b, .visually-hidden, [hidden]"))
    part.remove();
  return copy.textContent ?? "";
}
