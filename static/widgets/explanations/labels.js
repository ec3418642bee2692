/** What on a page is a label that explains itself, and the words it is looked up by. */

/** Form labels: their mark stands beside them, as a label's own content would be the name of its field. */
const FORMS = 'label:not(.button), [data-pointer="/data/features"] .mark';

/** Headings, legends, counters: their mark is their last part. */
const OTHERS = [
  ".caption, .inspector-title > h2, .shortcut-figure > h2, details.metric-part > summary",
  "legend, dt, th[scope=col], .list-head > span:first-child, .method-card > figcaption > :first-child",
  ".legend > span:not(.class-name, .gradient, .pad-ramp), .plot-legend > *, .readout > span, [data-term]",
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

/** Put a mark where it belongs. @param {Element} mark @param {Element} label */
export function putMark(mark, label) {
  if (isMarked(mark, label)) return;
  const { parentElement: folding } = label;
  // What folds is a button to screen readers, and may hold no other.
  if (label.matches("summary")) folding?.before(mark);
  else if (label.matches(FORMS)) label.after(mark);
  else label.append(mark);
}

/** @param {Element} mark @param {Element} label */
function isMarked(mark, label) {
  const beside = label.matches("summary")
    ? label.parentElement?.previousElementSibling
    : label.nextElementSibling;
  return mark.parentElement === label || mark === beside;
}

/** The words of a label, without what changes in it: fields, numbers, marks. @param {Element} label */
export function wordsOf(label) {
  const copy = /** @type {Element} */ (label.cloneNode(true));
  for (const part of copy.querySelectorAll(".explain, select, input, output, b, .visually-hidden, [hidden]"))
    part.remove();
  return copy.textContent ?? "";
}
